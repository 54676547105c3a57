//! Why a code-server cannot be used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::probe::{Unanswered, ending};
use crate::{MINIMUM_VERSION, Origin, Version};

/// A candidate that cannot be used.
#[derive(Debug, Error)]
#[error("{}: {reason}", path.display())]
pub struct Rejected {
    /// The candidate.
    pub path: PathBuf,
    /// Where it comes from.
    pub origin: Origin,
    /// Why not.
    pub reason: Reason,
}

/// Why one candidate cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing is there, or it cannot be reached.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// A folder, a socket, or another thing that is no program.
    #[error("it is not a file")]
    NotAFile,
    /// A file that nobody may execute.
    #[error("it is not executable")]
    NotExecutable,
    /// A JavaScript file that does not belong to code-server.
    #[error("it is not the out/node/entry.js of a code-server ({0})")]
    NotCodeServer(String),
    /// No Node to run the JavaScript with.
    #[error("it needs Node {needed}, and there is no node beside it or on PATH")]
    NodeMissing {
        /// The major versions that code-server's package.json asks for.
        needed: String,
    },
    /// Node of another major version only.
    #[error("it needs Node {needed}, found only {found}")]
    NodeWrongVersion {
        /// The major versions that code-server's package.json asks for.
        needed: String,
        /// Each Node that was found, with its version.
        found: String,
    },
    /// It runs, but is older than [`MINIMUM_VERSION`].
    #[error(
        "version {version} is too old: {MINIMUM_VERSION} is the first with --reconnection-grace-time, which Doorcode starts it with"
    )]
    TooOld {
        /// What it said.
        version: Version,
    },
    /// It could not be started, failed, or did not answer in time.
    #[error("`{command}` gives no version: {what}{}", shown(output))]
    Broken {
        /// The command line.
        command: String,
        /// What happened.
        what: String,
        /// What it printed.
        output: String,
    },
    /// It answered with something that is not a version.
    #[error("`{command}` prints no version{}", shown(output))]
    NoVersion {
        /// The command line.
        command: String,
        /// What it printed.
        output: String,
    },
}

impl Reason {
    /// The reason's stable name, as in `Problem::code`.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::Unreadable(_) | Reason::NotAFile => "code_server_missing",
            Reason::NotExecutable | Reason::NotCodeServer(_) => "code_server_not_runnable",
            Reason::NodeMissing { .. } => "node_missing",
            Reason::NodeWrongVersion { .. } => "node_wrong_version",
            Reason::TooOld { .. } => "code_server_too_old",
            Reason::Broken { .. } | Reason::NoVersion { .. } => "code_server_broken",
        }
    }

    pub(crate) fn unanswered(command: String, why: Unanswered) -> Reason {
        match why {
            Unanswered::Failed { status, answer } => {
                let what = format!("it ended with {}", ending(status));
                Reason::Broken {
                    command,
                    what,
                    output: answer.everything(),
                }
            }
            other => Reason::Broken {
                command,
                what: other.to_string(),
                output: String::new(),
            },
        }
    }
}

/// The last lines of an output, for the end of a message; control characters are left out, they would act on
/// the terminal.
pub(crate) fn shown(output: &str) -> String {
    const LINES: usize = 5;
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    let text: String = last.iter().flat_map(|line| ["\n  ", line]).collect();
    text.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(2_000)
        .collect()
}
