//! Where an install is put together.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// How the names of staging folders begin.
pub(crate) const STAGING_PREFIX: &str = ".staging-";

/// How long a folder is removed again and again while something that is just ending still writes into it.
const REMOVE_LIMIT: Duration = Duration::from_secs(3);

/// A folder that is removed when this is dropped, with all that is in it.
#[derive(Debug)]
pub(crate) struct Staging {
    path: PathBuf,
}

impl Staging {
    pub(crate) fn new(parent: &Path) -> io::Result<Staging> {
        let folder = tempfile::Builder::new()
            .prefix(STAGING_PREFIX)
            .tempdir_in(parent)?;
        let staging = Staging { path: folder.keep() };
        fs::create_dir(staging.tree())?;
        Ok(staging)
    }

    /// The folder itself, for what is needed only meanwhile.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What becomes the install.
    pub(crate) fn tree(&self) -> PathBuf {
        self.path.join("tree")
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nobody is there to be told; the next install removes it.
        let _ = remove(&self.path);
    }
}

/// Removes a folder with all that is in it.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let deadline = Instant::now() + REMOVE_LIMIT;
    loop {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && path.symlink_metadata().is_err() => {
                return Ok(());
            }
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
            result => return result,
        }
    }
}
