//! A log that never holds up whoever writes to it.
//!
//! Callers append to a shared buffer and go on; one thread swaps that buffer for an empty one and writes it in one go. The
//! thread sleeps while there is nothing to write. After the first line it waits a few milliseconds for more, so that a
//! busy server costs hundreds of writes a second and not tens of thousands.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::{Limit, RotatingFile};

/// Bytes that may wait for the disk; what comes on top is lost and counted.
const QUEUE_BYTES: usize = 4 << 20;
/// Enough bytes to write at once without waiting for more.
const BATCH_BYTES: usize = 256 << 10;
/// How long a first line waits for others.
const GATHER: Duration = Duration::from_millis(5);
/// How often a file that cannot be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A line-oriented writer on a thread of its own: it never blocks the caller and never fails it.
///
/// A full disk or a full queue costs lines, which are counted; writing resumes when there is room. Clones write to the
/// same file; the thread writes what is left and ends when the last one is dropped. Call [`LogSink::flush`] before the
/// process exits.
#[derive(Debug, Clone)]
pub struct LogSink {
    door: Arc<Door>,
}

/// What is wrong with a log at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogTrouble {
    /// The log file.
    pub path: PathBuf,
    /// Lines lost since the trouble began.
    pub lost_lines: u64,
    /// What the system said, or that the queue was full.
    pub error: String,
}

impl LogSink {
    /// Opens the log file and starts its thread.
    ///
    /// # Errors
    /// As [`RotatingFile::open`], or when no thread can be started.
    pub fn open(path: &Path, limit: Limit) -> io::Result<LogSink> {
        let mut file = RotatingFile::open(path, limit)?;
        // On a full disk this fails, which the first line will find out again.
        let _ = file.finish_line();
        let shared = Arc::new(Shared::default());
        let writer = Writer {
            shared: shared.clone(),
            path: path.to_owned(),
            limit,
            file: Some(file),
            failed_at: None,
        };
        std::thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || writer.run())?;
        Ok(LogSink {
            door: Arc::new(Door {
                shared,
                path: path.to_owned(),
            }),
        })
    }

    /// Writes `line` and a line feed. Line feeds inside it are written as they are: escape what comes from outside.
    pub fn line(&self, mut line: String) {
        line.push('\n');
        self.append(line.as_bytes());
    }

    /// Writes bytes as they come, such as a process's output; they need not end with a line.
    pub fn bytes(&self, bytes: Vec<u8>) {
        self.append(&bytes);
    }

    /// What is wrong now: the last write failed, or lines found the queue full and it is still more than half full.
    pub fn trouble(&self) -> Option<LogTrouble> {
        let state = self.door.shared.lock();
        let error = state.trouble.as_ref()?.clone();
        Some(LogTrouble {
            path: self.door.path.clone(),
            lost_lines: state.lost_in_trouble,
            error,
        })
    }

    /// Lines lost since the log was opened.
    pub fn lost_lines(&self) -> u64 {
        self.door.shared.lock().lost
    }

    /// Blocks until everything handed over before this call is written or lost, for as long as the disk takes.
    pub fn flush(&self) {
        let shared = &self.door.shared;
        let mut state = shared.lock();
        let goal = state.appended;
        state.flush_to = goal;
        shared.work.notify_one();
        while state.settled < goal {
            state = shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the log for all clones: what was handed over before is written, and the file is not touched any more. Blocks as
    /// [`LogSink::flush`] does.
    pub fn close(&self) {
        self.door.shared.lock().closed = true;
        self.flush();
    }

    fn append(&self, bytes: &[u8]) {
        let shared = &self.door.shared;
        let mut state = shared.lock();
        if state.closed {
            return;
        }
        if state.queue.len() + bytes.len() > QUEUE_BYTES {
            state.lose(lines_in(bytes));
            state
                .trouble
                .get_or_insert_with(|| "lines come faster than the disk takes them".to_owned());
            return;
        }
        let before = state.queue.len();
        state.queue.extend_from_slice(bytes);
        state.appended += bytes.len() as u64;
        let full_batch = before < BATCH_BYTES && state.queue.len() >= BATCH_BYTES;
        let wake = full_batch || std::mem::take(&mut state.asleep);
        drop(state);
        if wake {
            shared.work.notify_one();
        }
    }
}

impl Write for LogSink {
    /// Never fails and never blocks; see [`LogSink::bytes`].
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What all clones of a sink share; dropping it ends the thread.
#[derive(Debug)]
struct Door {
    shared: Arc<Shared>,
    path: PathBuf,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_one();
    }
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Told when the writer has something to do.
    work: Condvar,
    /// Told when the writer has dealt with a batch.
    done: Condvar,
}

impl Shared {
    /// Nothing panics while it holds this lock, and a log must go on even so.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct State {
    queue: Vec<u8>,
    /// Bytes ever accepted into the queue, and bytes of those written or lost.
    appended: u64,
    settled: u64,
    /// Somebody waits until this many bytes are settled.
    flush_to: u64,
    /// The writer waits without a time limit and must be woken.
    asleep: bool,
    closed: bool,
    lost: u64,
    lost_in_trouble: u64,
    trouble: Option<String>,
}

impl State {
    fn lose(&mut self, lines: u64) {
        self.lost += lines;
        self.lost_in_trouble += lines;
    }
}

/// The thread's side.
struct Writer {
    shared: Arc<Shared>,
    path: PathBuf,
    limit: Limit,
    /// None after a failed write, until it could be opened again.
    file: Option<RotatingFile>,
    failed_at: Option<Instant>,
}

impl Writer {
    fn run(mut self) {
        let mut batch = Vec::new();
        while self.take(&mut batch) {
            let result = self.write(&batch);
            let mut state = self.shared.lock();
            state.settled += batch.len() as u64;
            match result {
                Ok(()) if state.queue.len() < QUEUE_BYTES / 2 => {
                    state.trouble = None;
                    state.lost_in_trouble = 0;
                }
                Ok(()) => {}
                Err(failed) => {
                    state.lose(lines_in(&batch[failed.written..]));
                    state.trouble = failed
                        .error
                        .map(|error| error.to_string())
                        .or(state.trouble.take());
                }
            }
            drop(state);
            self.shared.done.notify_all();
            batch.clear();
            batch.shrink_to(BATCH_BYTES);
        }
    }

    /// Waits for something to write and swaps it into `batch`; false when all is written and nobody is left to write.
    fn take(&self, batch: &mut Vec<u8>) -> bool {
        let mut state = self.shared.lock();
        while state.queue.is_empty() {
            if state.closed {
                return false;
            }
            state.asleep = true;
            state = self
                .shared
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.asleep = false;
        let (mut state, _) = self
            .shared
            .work
            .wait_timeout_while(state, GATHER, |state| {
                !state.closed && state.flush_to <= state.settled && state.queue.len() < BATCH_BYTES
            })
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut state.queue, batch);
        true
    }

    fn write(&mut self, batch: &[u8]) -> Result<(), Failed> {
        if self.failed_at.is_some_and(|failed| failed.elapsed() < RETRY) {
            return Err(Failed {
                written: 0,
                error: None,
            });
        }
        let mut written = 0;
        let result = self
            .open_file()
            .and_then(|file| write_counting(file, batch, &mut written));
        self.failed_at = result.is_err().then(Instant::now);
        result.map_err(|error| {
            self.file = None;
            Failed {
                written,
                error: Some(error),
            }
        })
    }

    /// The file, opened anew after a failure or when its name is gone: somebody short of space may have removed it.
    fn open_file(&mut self) -> io::Result<&mut RotatingFile> {
        let file = match self.file.take() {
            Some(file) if file.is_linked() => file,
            _ => {
                let mut file = RotatingFile::open(&self.path, self.limit)?;
                file.finish_line()?;
                file
            }
        };
        Ok(self.file.insert(file))
    }
}

struct Failed {
    /// Bytes that were written before it failed.
    written: usize,
    /// None when it was too early to try again.
    error: Option<io::Error>,
}

/// [`Write::write_all`] that tells how far it came.
fn write_counting(file: &mut RotatingFile, bytes: &[u8], written: &mut usize) -> io::Result<()> {
    while *written < bytes.len() {
        match file.write(&bytes[*written..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => *written += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Lines that begin in `bytes`; the rest of one counts too.
fn lines_in(bytes: &[u8]) -> u64 {
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    let unfinished = bytes.last().is_some_and(|byte| *byte != b'\n');
    ends + u64::from(unfinished)
}
