//! Every error that people see, in the form that travels: to the terminal, the control socket and the window.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What happened, on which thing, and the next command to run.
///
/// Programs decide on `code` only; the texts may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Problem {
    /// A stable name in snake_case, such as `port_busy`.
    pub code: String,
    /// What happened, on which thing.
    pub message: String,
    /// The next command to run, or the next thing to do.
    pub fix: String,
}

impl Problem {
    /// A problem with this code, message and next step.
    pub fn new(code: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Problem {
            code: code.into(),
            message: message.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for Problem {
    /// The message, and the next step on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        if self.fix.is_empty() {
            Ok(())
        } else {
            write!(f, "\n{}", self.fix)
        }
    }
}
