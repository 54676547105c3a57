//! The record of the editor we started, for an engine that finds it left behind.

use std::io;
use std::path::Path;

use doorcode_settings::files;
use serde::{Deserialize, Serialize};

use crate::environment::RUN_VARIABLE;
use crate::process::{self, Identity};

/// Enough to know the editor again, or that it is gone.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Its parent process.
    #[serde(flatten)]
    pub(crate) leader: Identity,
    /// The run of the system in which the start time counts.
    pub(crate) boot: String,
    /// The value of [`RUN_VARIABLE`] in its environment.
    pub(crate) run: String,
}

impl Record {
    /// Of an editor started just now.
    ///
    /// # Errors
    /// When the system does not tell its boot id.
    pub(crate) fn new(leader: Identity, run: String) -> io::Result<Record> {
        Ok(Record {
            leader,
            boot: process::boot_id()?,
            run,
        })
    }

    /// Writes it to `path`, 0600, whole or not at all.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        files::write_private(path, &serde_json::to_vec(self)?)
    }

    /// What the marked processes have in their environment.
    pub(crate) fn token(&self) -> String {
        format!("{RUN_VARIABLE}={}", self.run)
    }
}
