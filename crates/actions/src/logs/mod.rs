//! The logs as people read them: which there are, and each line as a record with a time and a level.

mod access;
mod app;
mod editor;

use std::io;
use std::path::PathBuf;

use doorcode_logs::{Follow, plain};
use doorcode_settings::{Paths, Problem};
use serde::{Deserialize, Serialize};

use crate::blocking;

/// One of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "LogName"))]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// What code-server prints.
    Editor,
    /// A line for every request at the door.
    Access,
    /// What Doorcode itself does.
    App,
}

impl Which {
    /// All of them.
    pub const ALL: [Which; 3] = [Which::Editor, Which::Access, Which::App];

    /// Its newest file.
    pub fn path(self, paths: &Paths) -> PathBuf {
        match self {
            Which::Editor => paths.editor_log(),
            Which::Access => paths.access_log(),
            Which::App => paths.app_log(),
        }
    }
}

/// How much a line matters; the order is from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "LogLevel"))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// A line, ready to be shown: without escape sequences and control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "LogRecord"))]
pub struct Record {
    /// When, RFC 3339, where the line says it with its date.
    pub time: Option<String>,
    /// How much it matters.
    pub level: Level,
    /// What it says, without the time and level above.
    pub text: String,
}

/// As much of a line as is shown, in bytes.
const LONGEST: usize = 8 << 10;

/// Makes records of a log's lines, in their order: what continues a record, such as a stack trace, has its level.
#[derive(Debug)]
pub struct Parser {
    which: Which,
    last: Level,
}

impl Parser {
    /// For a log from any of its lines on.
    pub fn new(which: Which) -> Parser {
        Parser {
            which,
            last: Level::Info,
        }
    }

    /// The next line.
    pub fn record(&mut self, line: &str) -> Record {
        let line = plain(line);
        let parsed = match self.which {
            Which::Editor => editor::parse(&line),
            Which::Access => access::parse(&line),
            Which::App => app::parse(&line),
        };
        let mut record = parsed.unwrap_or(Record {
            time: None,
            level: self.last,
            text: line,
        });
        self.last = record.level;
        if record.text.len() > LONGEST {
            record.text.truncate(record.text.floor_char_boundary(LONGEST));
            record.text.push('…');
        }
        record
    }
}

/// Gives the last `lines` lines of a log, then each new one, over rotations: see [`doorcode_logs::follow`].
///
/// # Errors
/// `log_unreadable`.
pub async fn follow(paths: &Paths, which: Which, lines: usize) -> Result<Follow, Problem> {
    let (paths, path) = (paths.clone(), which.path(paths));
    blocking(move || {
        paths.create().map_err(|error| Problem::from(&error))?;
        doorcode_logs::follow(&path, lines).map_err(|error| unreadable(which, &paths, &error))
    })
    .await
}

/// That a log cannot be read.
pub fn unreadable(which: Which, paths: &Paths, error: &io::Error) -> Problem {
    let path = which.path(paths);
    let fix = match error.kind() {
        io::ErrorKind::NotFound => "doorcode up".to_owned(),
        _ => format!("ls -l {}", path.display()),
    };
    Problem::new(
        "log_unreadable",
        format!("cannot read the log {}: {error}", path.display()),
        fix,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_continues_a_record_has_its_level() {
        let mut parser = Parser::new(Which::Editor);
        let levels: Vec<Level> = [
            "[2026-11-21T11:45:13.648Z] error something broke",
            "    at run (/x/entry.js:1:2)",
            "[2026-11-21T11:45:13.650Z] info  going on",
            "a line without anything",
        ]
        .map(|line| parser.record(line).level)
        .to_vec();
        assert_eq!(levels, [Level::Error, Level::Error, Level::Info, Level::Info]);
    }

    #[test]
    fn nothing_that_a_terminal_obeys_comes_through_and_no_line_is_endless() {
        for which in Which::ALL {
            let line = format!("\u{1b}[31m{{\u{7}{}é\u{202e}", "x".repeat(LONGEST - 2));
            let record = Parser::new(which).record(&line);
            assert!(record.text.chars().all(|c| !c.is_control() && c != '\u{202e}'));
            assert!(record.text.len() <= LONGEST + '…'.len_utf8());
            assert!(record.text.ends_with('…'), "cut between characters and marked");
        }
    }
}
