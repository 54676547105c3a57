//! Programs on `PATH`.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Every executable file of this name in the folders of `path_var`, in their order. Folders that are not
/// absolute (an empty one means the current folder) are left out: what happens to lie there is not what the
/// person installed.
pub(crate) fn all(name: &str, path_var: Option<&OsStr>) -> Vec<PathBuf> {
    let folders = path_var.map(std::env::split_paths).into_iter().flatten();
    let files = folders
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name));
    files.filter(|file| is_executable(file)).collect()
}

/// The first of [`all`].
pub(crate) fn first(name: &str, path_var: Option<&OsStr>) -> Option<PathBuf> {
    all(name, path_var).into_iter().next()
}

/// Whether this is a file that somebody may execute.
pub(crate) fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
