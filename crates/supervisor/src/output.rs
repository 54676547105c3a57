//! What the editor writes: always read, whatever becomes of the log, because an editor that cannot write comes to a halt;
//! as plain lines, because whoever reads the log does so in a terminal.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorcode_logs::{LogSink, plain};

/// A longer line is cut into several.
const LINE_BYTES: usize = 16 << 10;
/// How many lines are remembered.
const TAIL_LINES: usize = 40;

/// The last lines of the editor, kept in memory: a log on a full disk has none to tell why.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    /// The lines, the oldest first.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lock().iter().cloned().collect()
    }

    fn push(&self, line: String) {
        let mut lines = self.lock();
        if lines.len() == TAIL_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads until the last process at the other end is gone; blocks.
pub(crate) fn drain(mut output: impl Read, log: &LogSink, tail: &Tail) {
    let mut pending = Vec::new();
    let mut buffer = vec![0; 8 << 10];
    loop {
        match output.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => pending.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
        let mut written = 0;
        while let Some(length) = line_length(&pending[written..]) {
            keep(&pending[written..written + length], log, tail);
            written += length;
        }
        pending.drain(..written);
    }
    keep(&pending, log, tail);
}

/// How many bytes the first complete line has, with its end.
fn line_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes
        .iter()
        .take(LINE_BYTES)
        .position(|byte| *byte == b'\n')
        .map(|end| end + 1);
    end.or((bytes.len() >= LINE_BYTES).then_some(LINE_BYTES))
}

fn keep(line: &[u8], log: &LogSink, tail: &Tail) {
    let line = plain(&String::from_utf8_lossy(line));
    if line.trim().is_empty() {
        return;
    }
    tail.push(line.clone());
    log.line(line);
}

#[cfg(test)]
mod tests {
    use doorcode_logs::Limit;

    use super::*;

    /// What is logged of output that arrives in these pieces.
    fn logged(pieces: &[&[u8]]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("editor.log");
        let log = LogSink::open(&path, Limit::default()).expect("the folder is ours");
        drain(Pieces(pieces.iter().copied().collect()), &log, &Tail::default());
        log.flush();
        std::fs::read_to_string(&path)
            .expect("it is open")
            .lines()
            .map(str::to_owned)
            .collect()
    }

    struct Pieces<'a>(VecDeque<&'a [u8]>);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(piece) = self.0.pop_front() else {
                return Ok(0);
            };
            let count = piece.len().min(buffer.len());
            buffer[..count].copy_from_slice(&piece[..count]);
            if count < piece.len() {
                self.0.push_front(&piece[count..]);
            }
            Ok(count)
        }
    }

    #[test]
    fn lines_are_put_together_from_pieces_and_the_last_one_needs_no_end() {
        assert_eq!(
            logged(&[b"one\r\ntw", b"o\r\n\r\n  \r\nthr", b"ee"]),
            ["one", "two", "three"]
        );
    }

    #[test]
    fn a_line_without_end_is_cut_and_nothing_of_it_is_lost() {
        let lines = logged(&[&vec![b'x'; 3 * LINE_BYTES + 5]]);
        assert_eq!(
            lines.iter().map(String::len).collect::<Vec<_>>(),
            [LINE_BYTES, LINE_BYTES, LINE_BYTES, 5]
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        assert_eq!(logged(&[b"a\xffb\n"]), ["a\u{fffd}b"]);
    }

    #[test]
    fn the_tail_keeps_the_last_lines() {
        let tail = Tail::default();
        (0..100).for_each(|number| tail.push(number.to_string()));
        let lines = tail.lines();
        assert_eq!(
            (lines.len(), lines[0].as_str(), lines[39].as_str()),
            (TAIL_LINES, "60", "99")
        );
    }
}
