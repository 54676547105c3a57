//! Folders and files that are this person's alone, whatever the umask lets through.

use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use tempfile::TempDir;

/// A new folder in `place`, with mode 0700; gone when dropped.
pub(crate) fn folder(place: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("doorcode-trust-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(place)
}

/// Writes a new file, with mode 0600.
///
/// # Errors
/// There is one of that name, or it cannot be written.
pub(crate) fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(file)?.write_all(content)
}
