//! What has to hold before a database is changed: its folder, its lock, and the right to write.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::{AccessFlags, access};

use crate::error::TrustError;

/// How long another of us is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// Folders that were made for a database, and go again unless they are kept.
pub(super) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Makes `dir` and what is missing above it, for the person alone, as browsers do.
    pub(super) fn make(dir: &Path) -> Result<NewFolders, TrustError> {
        let missing: Vec<PathBuf> = dir
            .ancestors()
            .take_while(|folder| !folder.exists())
            .map(Path::to_owned)
            .collect();
        let made = NewFolders(missing);
        let result = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        result.map_err(|source| TrustError::ReadOnly {
            path: dir.to_owned(),
            source,
        })?;
        Ok(made)
    }

    pub(super) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            // One that is not empty is somebody else's by now.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Keeps others of us from the database in `dir`. Browsers do not know of it; SQLite's own locks are for them.
pub(super) fn lock(dir: &Path) -> Result<File, TrustError> {
    let failed = |source| TrustError::File {
        path: dir.to_owned(),
        source,
    };
    let folder = File::open(dir).map_err(failed)?;
    let deadline = Instant::now() + LOCK_WAIT;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(folder),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(POLL),
            Err(TryLockError::WouldBlock) => {
                return Err(TrustError::Busy { path: dir.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// # Errors
/// [`TrustError::ReadOnly`], whatever the reason is: the mode, the owner, a file system that is mounted read-only.
pub(super) fn check_writable(path: &Path) -> Result<(), TrustError> {
    access(path, AccessFlags::W_OK).map_err(|error| TrustError::ReadOnly {
        path: path.to_owned(),
        source: io::Error::from(error),
    })
}
