//! How far an install is, and whether it is still wanted.

use std::fmt;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::InstallError;

/// A step forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Bytes done in this phase.
    pub done: u64,
    /// Bytes this phase takes, if known; for what is built it is a guess from experience and may be exceeded.
    pub total: Option<u64>,
    /// What the command that runs has just printed, without control characters.
    pub line: Option<String>,
}

/// What is being done. An install goes through some of these, in this order; the last only if it is called
/// off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Are the tools there, does the version exist.
    Checking,
    /// Node of the right major version.
    FetchingNode,
    /// npm fetches and builds code-server.
    Building,
    /// An archive is fetched, or copied, and its SHA-256 compared.
    Fetching,
    /// An archive is unpacked.
    Unpacking,
    /// The new code-server has to show that it runs.
    Proving,
    /// It was called off: what was started is ended, what was begun removed.
    CleaningUp,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Checking => "Checking what is needed",
            Phase::FetchingNode => "Fetching Node",
            Phase::Building => "Fetching and building code-server",
            Phase::Fetching => "Fetching the archive",
            Phase::Unpacking => "Unpacking",
            Phase::Proving => "Checking that it runs",
            Phase::CleaningUp => "Cancelled, cleaning up",
        })
    }
}

/// The working side's end: tells how far it is, and is told when to stop.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) cancel: CancellationToken,
    pub(crate) progress: UnboundedSender<Progress>,
}

impl Run {
    /// # Errors
    /// [`InstallError::Cancelled`].
    pub(crate) fn go_on(&self) -> Result<(), InstallError> {
        if self.cancel.is_cancelled() {
            Err(InstallError::Cancelled)
        } else {
            Ok(())
        }
    }

    pub(crate) fn report(&self, phase: Phase, done: u64, total: Option<u64>, line: Option<String>) {
        // Nobody listens any more once the caller has gone; then `cancel` is set, too.
        let _ = self.progress.send(Progress {
            phase,
            done,
            total,
            line,
        });
    }

    /// A counter of bytes for this phase.
    pub(crate) fn counter(&self, phase: Phase, total: Option<u64>) -> Counter<'_> {
        self.report(phase, 0, total, None);
        Counter {
            run: self,
            phase,
            done: 0,
            total,
            reported: Instant::now(),
        }
    }
}

/// Counts bytes and reports them ten times a second at most.
pub(crate) struct Counter<'a> {
    run: &'a Run,
    phase: Phase,
    done: u64,
    total: Option<u64>,
    reported: Instant,
}

impl Counter<'_> {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`InstallError::Cancelled`].
    pub(crate) fn add(&mut self, bytes: u64) -> Result<(), InstallError> {
        self.run.go_on()?;
        self.done += bytes;
        if self.reported.elapsed() >= Duration::from_millis(100) || Some(self.done) == self.total {
            self.reported = Instant::now();
            self.run.report(self.phase, self.done, self.total, None);
        }
        Ok(())
    }

    /// Bytes so far.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }
}
