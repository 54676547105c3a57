//! A code-server that can be run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::Version;

/// A code-server that has answered with its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeServer {
    /// The Node that runs `entry`; `None` when `entry` is itself executable.
    pub node: Option<PathBuf>,
    /// The executable, or the JavaScript file that `node` runs.
    pub entry: PathBuf,
    /// What it said.
    pub version: Version,
    /// Where it was found.
    pub origin: Origin,
}

impl CodeServer {
    /// The program to run, and the arguments that come before any other.
    pub fn command(&self) -> (PathBuf, Vec<OsString>) {
        command(self.node.as_deref(), &self.entry)
    }
}

/// [`CodeServer::command`], for one whose version is not known yet.
pub(crate) fn command(node: Option<&Path>, entry: &Path) -> (PathBuf, Vec<OsString>) {
    match node {
        Some(node) => (node.to_owned(), vec![entry.as_os_str().to_owned()]),
        None => (entry.to_owned(), Vec::new()),
    }
}

/// Where a code-server was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// `editor.program` in the settings.
    Setting,
    /// A folder of `PATH`.
    Path,
    /// The data directory.
    Installed,
}
