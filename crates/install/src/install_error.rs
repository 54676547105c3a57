//! Why an install failed. The one before is then as it was.

use std::io;
use std::path::{Path, PathBuf};

use doorcode_settings::Problem;
use thiserror::Error;

use crate::{MINIMUM_VERSION, Rejected, Version};

/// Why there is no new install. Nothing is left of it, and the current one is untouched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InstallError {
    /// It was called off.
    #[error("the install was cancelled; nothing of it is left, and what was installed before still is")]
    Cancelled,
    /// Another install holds the folder.
    #[error("another install is running in {}", dir.display())]
    Running {
        /// The folder of the installs.
        dir: PathBuf,
    },
    /// A file or folder that cannot be handled.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A version that could be installed but not run.
    #[error(
        "code-server {version} is too old: {MINIMUM_VERSION} is the first with --reconnection-grace-time, which Doorcode starts it with"
    )]
    TooOld {
        /// The version that was asked for.
        version: Version,
    },
    /// The npm registry has no such version.
    #[error("the npm registry has no code-server {version}")]
    VersionUnknown {
        /// The version that was asked for.
        version: Version,
    },
    /// The npm registry does not say which Node this version needs.
    #[error("the npm registry does not say which Node code-server {version} needs, but {answer:?}")]
    NodeUnknown {
        /// The version that was asked for.
        version: Version,
        /// What it says.
        answer: String,
    },
    /// Tools to build code-server's native modules are missing.
    #[error("building code-server needs what is missing here: {}", missing.join(", "))]
    ToolsMissing {
        /// Their names as Debian packages.
        missing: Vec<&'static str>,
        /// The command that installs them.
        fix: String,
    },
    /// An external command failed.
    #[error("`{command}` failed: {what}{output}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        what: String,
        /// The last lines it printed, each on a line of its own.
        output: String,
    },
    /// What was brought has another version than the one asked for.
    #[error("code-server {wanted} was asked for, but what came is {found}")]
    OtherVersion {
        /// The version that was asked for.
        wanted: Version,
        /// The version that came.
        found: Version,
    },
    /// What was brought does not run.
    #[error("what was brought cannot be used: {0}")]
    NotRunnable(#[source] Rejected),
    /// npm went through, but did not run the package's own install script.
    #[error("npm did not run code-server's install script: {} is missing", missing.display())]
    ScriptsNotRun {
        /// The folder that the script fills.
        missing: PathBuf,
    },
    /// Not 64 hexadecimal digits.
    #[error("{given:?} is not a SHA-256: 64 hexadecimal digits are")]
    ChecksumMalformed {
        /// What was given.
        given: String,
    },
    /// The archive is not the one that was meant.
    #[error("{location} has the SHA-256 {found}, not {expected} as was asked for; it was not unpacked")]
    ChecksumMismatch {
        /// The archive.
        location: String,
        /// What was asked for.
        expected: String,
        /// What it has.
        found: String,
    },
    /// An address that is not used.
    #[error("{location} is refused: {reason}")]
    LocationRefused {
        /// The address.
        location: String,
        /// Why.
        reason: &'static str,
    },
    /// The archive cannot be fetched.
    #[error("cannot fetch {location}: {reason}")]
    Download {
        /// The address.
        location: String,
        /// What the network or the server says.
        reason: String,
    },
    /// The archive is larger than any code-server.
    #[error("{location} is larger than {} MB, which no code-server is", limit / 1_000_000)]
    TooLarge {
        /// The archive.
        location: String,
        /// How large it may be, in bytes.
        limit: u64,
    },
    /// An archive with an entry that could do harm.
    #[error("the archive is refused because of its entry {}: {reason}", entry.display())]
    ArchiveRefused {
        /// The entry.
        entry: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not a tar archive compressed with gzip, or a damaged one.
    #[error("this is no readable .tar.gz: {0}")]
    ArchiveBroken(#[source] io::Error),
}

impl From<&InstallError> for Problem {
    fn from(error: &InstallError) -> Self {
        let (code, fix) = match error {
            InstallError::Cancelled => ("install_cancelled", "doorcode install"),
            InstallError::Running { .. } => ("install_running", "wait for it to end, then: doorcode install"),
            InstallError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                ("disk_full", "df -h")
            }
            InstallError::Io { path, .. } => {
                return error.problem("install_io", format!("ls -ld {}", path.display()));
            }
            InstallError::TooOld { .. } => ("code_server_too_old", "doorcode install"),
            InstallError::VersionUnknown { .. } => ("version_unknown", "npm view code-server versions"),
            InstallError::NodeUnknown { version, .. } => {
                return error.problem(
                    "node_unknown",
                    format!("npm view code-server@{version} engines.node"),
                );
            }
            InstallError::ToolsMissing { fix, .. } => return error.problem("tools_missing", fix.clone()),
            InstallError::Command { .. } => ("command_failed", "doorcode install"),
            InstallError::OtherVersion { .. } => ("version_mismatch", "doorcode install --help"),
            InstallError::NotRunnable(rejected) => (rejected.reason.code(), "doorcode install"),
            InstallError::ScriptsNotRun { .. } => {
                ("install_scripts_not_run", "npm config get ignore-scripts")
            }
            InstallError::ChecksumMalformed { .. } => ("sha256_malformed", "doorcode install --help"),
            InstallError::ChecksumMismatch { .. } => ("sha256_mismatch", "doorcode install --help"),
            InstallError::LocationRefused { .. } => ("location_refused", "doorcode install --help"),
            InstallError::Download { .. } => ("download_failed", "doorcode install --help"),
            InstallError::TooLarge { .. } => ("archive_too_large", "doorcode install --help"),
            InstallError::ArchiveRefused { .. } => ("archive_refused", "doorcode install --help"),
            InstallError::ArchiveBroken(_) => ("archive_broken", "doorcode install --help"),
        };
        error.problem(code, fix)
    }
}

impl InstallError {
    fn problem(&self, code: &str, fix: impl Into<String>) -> Problem {
        Problem::new(code, self.to_string(), fix)
    }
}

/// Puts what was done with which path to an error of the system.
pub(crate) trait Trouble<T> {
    fn trouble(self, action: &'static str, path: &Path) -> Result<T, InstallError>;
}

impl<T> Trouble<T> for io::Result<T> {
    fn trouble(self, action: &'static str, path: &Path) -> Result<T, InstallError> {
        self.map_err(|source| InstallError::Io {
            action,
            path: path.to_owned(),
            source,
        })
    }
}
