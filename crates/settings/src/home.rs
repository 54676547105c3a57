//! `~`, as people write it in paths.

use std::path::PathBuf;

use directories::BaseDirs;

/// This user's home directory: `$HOME`, else what the user database says.
pub(crate) fn home() -> Option<PathBuf> {
    BaseDirs::new().map(|dirs| dirs.home_dir().to_owned())
}
