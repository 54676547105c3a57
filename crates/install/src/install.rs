//! The life of an install.

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::pin::pin;

use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::examine::examine;
use crate::progress::{Phase, Run};
use crate::shape::program_in;
use crate::store::Store;
use crate::{
    CodeServer, DEFAULT_VERSION, InstallError, MINIMUM_VERSION, Origin, Progress, Rejected, Version,
};
use crate::{archive, npm};

/// Where a code-server comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// The npm registry, with a Node of the right major version from `PATH` or from PyPI; native modules are
    /// compiled here.
    Npm,
    /// A release archive, `.tar.gz` with one folder at its top.
    Archive {
        /// A path, or an https address (http only on this machine).
        location: String,
        /// The SHA-256 of the archive, 64 hexadecimal digits.
        sha256: String,
    },
}

impl fmt::Debug for Source {
    /// Without what a signed address or one with a password gives away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Npm => f.write_str("Npm"),
            Source::Archive { location, sha256 } => {
                let location = archive::shown(location);
                f.debug_struct("Archive")
                    .field("location", &location)
                    .field("sha256", sha256)
                    .finish()
            }
        }
    }
}

/// Brings a code-server into `dir` ([`doorcode_settings::Paths::code_server_dir`]) and makes it the current
/// install, which [`crate::find`] finds.
///
/// `version` is the one to take from npm ([`DEFAULT_VERSION`] if none is given), or the one that an archive
/// has to contain. `progress` is called on the caller's task. When `cancel` completes, or this future is
/// dropped, everything that was started is ended and the staging folder removed; after it is dropped, that
/// takes a moment.
///
/// # Errors
/// [`InstallError`]; nothing is then left of this install, and the one before is current as it was.
///
/// # Panics
/// Outside a tokio runtime with I/O and time.
pub async fn install(
    dir: &Path,
    source: Source,
    version: Option<Version>,
    mut progress: impl FnMut(Progress) + Send,
    cancel: impl Future<Output = ()> + Send,
) -> Result<CodeServer, InstallError> {
    let (sender, mut steps) = unbounded_channel();
    let token = CancellationToken::new();
    let _cancelled_when_dropped = token.clone().drop_guard();
    let run = Run {
        cancel: token.clone(),
        progress: sender,
    };
    let job = Job {
        dir: dir.to_owned(),
        source,
        version,
    };
    let mut work = tokio::task::spawn_blocking(move || job.work(&run));
    let mut cancel = pin!(cancel);
    let finished = loop {
        tokio::select! {
            biased;
            Some(step) = steps.recv(), if !token.is_cancelled() => progress(step),
            finished = &mut work => break finished,
            () = &mut cancel, if !token.is_cancelled() => {
                token.cancel();
                progress(Progress { phase: Phase::CleaningUp, done: 0, total: None, line: None });
            }
        }
    };
    finished.unwrap_or_else(|failed| match failed.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Err(InstallError::Cancelled),
    })
}

/// What is to be installed where.
struct Job {
    dir: PathBuf,
    source: Source,
    version: Option<Version>,
}

impl Job {
    /// From the empty staging folder to the current install; blocking. The staging folder goes whichever way
    /// this is left.
    fn work(&self, run: &Run) -> Result<CodeServer, InstallError> {
        if let Some(version) = self.version.filter(|version| *version < MINIMUM_VERSION) {
            return Err(InstallError::TooOld { version });
        }
        let store = Store::open(&self.dir)?;
        let staging = store.stage()?;
        match &self.source {
            Source::Npm => npm::build(&staging, self.version.unwrap_or(DEFAULT_VERSION), run)?,
            Source::Archive { location, sha256 } => archive::bring(&staging, location, sha256, run)?,
        }
        run.report(Phase::Proving, 0, None, None);
        let staged = prove(&staging.tree()).map_err(InstallError::NotRunnable)?;
        if let Some(wanted) = self.version.filter(|wanted| *wanted != staged.version) {
            return Err(InstallError::OtherVersion {
                wanted,
                found: staged.version,
            });
        }
        run.go_on()?;
        store.publish(&staging, staged.version, prove)
    }
}

/// Whether the code-server in this folder runs: it has to say its version.
fn prove(tree: &Path) -> Result<CodeServer, Rejected> {
    let path = program_in(tree);
    examine(&path, Origin::Installed, std::env::var_os("PATH").as_deref()).map_err(|reason| Rejected {
        path,
        origin: Origin::Installed,
        reason,
    })
}
