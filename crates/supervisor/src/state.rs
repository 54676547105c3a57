//! The states of the editor, as everybody else sees them.

use std::fmt;

use doorcode_settings::Problem;
use serde::Serialize;
use time::OffsetDateTime;

/// Where the editor is in its life. See the crate's documentation for the order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EditorState {
    /// It does not run, and nobody asked for it.
    Stopped,
    /// It has been asked for, and does not answer yet.
    Starting {
        /// Its parent process; none while it is being prepared.
        pid: Option<u32>,
        /// Since when.
        #[serde(with = "time::serde::rfc3339")]
        since: OffsetDateTime,
    },
    /// It answers.
    Running {
        /// Its parent process.
        pid: u32,
        /// code-server's version.
        version: String,
        /// When this process was started.
        #[serde(with = "time::serde::rfc3339")]
        started_at: OffsetDateTime,
        /// How often it was started again after an exit nobody asked for, since somebody last asked for a start.
        restarts: u32,
    },
    /// It is being ended, with everything it started.
    Stopping,
    /// It ended by itself and is started again soon.
    Backoff {
        /// How many exits in a row led here.
        attempt: u32,
        /// When it is started again.
        #[serde(with = "time::serde::rfc3339")]
        until: OffsetDateTime,
        /// Why it ended.
        last: ExitReason,
    },
    /// It is not started again until somebody asks for it.
    Failed {
        /// Why.
        problem: Problem,
        /// The last lines it wrote, the oldest first.
        log_tail: Vec<String>,
    },
}

/// Why an editor nobody had asked to stop is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExitReason {
    /// It exited; also with 0, which is what code-server does when its own child is killed for memory.
    Exited {
        /// The exit status.
        status: i32,
    },
    /// A signal ended it.
    Killed {
        /// `SIGKILL` and so on.
        signal: String,
    },
    /// It was ended because it did not answer in time.
    NotReady {
        /// How long it was given.
        seconds: u64,
    },
    /// It could not be started at all.
    NotStarted {
        /// What the system said.
        message: String,
    },
    /// It is gone, and the system does not say how.
    Unknown,
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitReason::Exited { status } => write!(f, "it exited with status {status}"),
            ExitReason::Killed { signal } => write!(f, "{signal} ended it"),
            ExitReason::NotReady { seconds } => write!(f, "it was not ready after {seconds} s"),
            ExitReason::NotStarted { message } => write!(f, "{message}"),
            ExitReason::Unknown => write!(f, "it disappeared"),
        }
    }
}
