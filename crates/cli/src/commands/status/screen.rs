//! A terminal that shows one thing, again and again in the same place, and is as it was afterwards.

use std::io::{self, IsTerminal, Write};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};

/// The alternate screen, without a cursor, and without wrapping long lines.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const HOME: &str = "\x1b[H";
/// Clears what is behind the end of a line, and below the last one.
const END_OF_LINE: &str = "\x1b[K\r\n";
const END: &str = "\x1b[J";

/// The terminal behind standard output, taken until this is dropped.
#[derive(Debug)]
pub(super) struct Screen {
    colours: bool,
}

impl Screen {
    /// `None` when standard output is no terminal.
    pub(super) fn take() -> io::Result<Option<Screen>> {
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return Ok(None);
        }
        let screen = Screen {
            colours: AutoStream::choice(&stdout) != ColorChoice::Never,
        };
        write(ENTER)?;
        Ok(Some(screen))
    }

    /// Shows `text` in the place of what was there.
    pub(super) fn show(&self, text: &str) -> io::Result<()> {
        write(&drawn(text, self.colours))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that is gone needs no tidying.
        let _ = write(LEAVE);
    }
}

fn drawn(text: &str, colours: bool) -> String {
    let mut drawn = HOME.to_owned();
    for line in text.lines() {
        match colours {
            true => drawn.push_str(line),
            false => drawn.push_str(&strip_str(line).to_string()),
        }
        drawn.push_str(END_OF_LINE);
    }
    drawn + END
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_text_leaves_nothing_of_a_longer_one() {
        assert_eq!(drawn("a\nb\n", true), "\x1b[Ha\x1b[K\r\nb\x1b[K\r\n\x1b[J");
        assert_eq!(drawn("\x1b[1ma\x1b[0m", false), "\x1b[Ha\x1b[K\r\n\x1b[J");
    }
}
