//! Files and folders for one person's eyes only.
//!
//! Errors do not name the path: the caller knows it.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes sure that `path` is a folder of ours that nobody else can enter: creates it, with its parents, as 0700, and tightens it where
/// it is looser.
///
/// # Errors
/// `PermissionDenied` when it belongs to somebody else, or is a link that neither we nor root made; otherwise what the system says.
pub fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let us = nix::unistd::geteuid().as_raw();
    let link = path.symlink_metadata()?;
    if link.is_symlink() && link.uid() != us && link.uid() != 0 {
        return Err(refusal(format!(
            "it is a link that belongs to user {}",
            link.uid()
        )));
    }
    // Checked and changed through one handle: nothing can be put in its place in between.
    let folder = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_DIRECTORY)
        .open(path)?;
    let found = folder.metadata()?;
    if found.uid() != us {
        return Err(refusal(format!("the folder belongs to user {}", found.uid())));
    }
    if found.mode() & 0o777 != 0o700 {
        folder.set_permissions(Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Replaces the file at `path` by one with these contents, 0600, whole or not at all: a temporary file in the same folder, synced
/// and renamed.
///
/// # Errors
/// What the system says; the old file is then as it was.
pub fn write_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()
}

/// The contents of a file that only its owner can read.
///
/// # Errors
/// `PermissionDenied` when its mode lets others in; `InvalidInput` when it is not a regular file; otherwise what the system says.
pub fn read_private(path: &Path) -> io::Result<Vec<u8>> {
    // A FIFO in its place must not hold us up.
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NONBLOCK)
        .open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    if found.mode() & 0o077 != 0 {
        let mode = found.mode() & 0o777;
        return Err(refusal(format!(
            "its mode {mode:o} lets others use it; it must be 600"
        )));
    }
    let mut contents = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
    file.read_to_end(&mut contents)?;
    Ok(contents)
}

fn refusal(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, reason)
}
