//! Files that decide who enters: read only when nobody else can have put something in their place.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Others may do neither; for a secret.
pub(super) const PRIVATE: u32 = 0o077;
/// Others may read and not write; for keys that are public.
pub(super) const NOT_WRITABLE: u32 = 0o022;

/// Reads a file of `most` bytes at most that belongs to us or to root, is no link, and has none of the mode bits in `forbidden`.
/// Blocking.
///
/// # Errors
/// `PermissionDenied` when it is not so; `InvalidData` when it is longer; otherwise what the system says. The path is not named.
pub(super) fn read(path: &Path, forbidden: u32, most: u64) -> io::Result<Vec<u8>> {
    let refusal = |reason: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    // Checked and read through one handle. A FIFO in its place must not hold us up.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK | nix::libc::O_CLOEXEC)
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(nix::libc::ELOOP) => io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it is a symbolic link; name the file itself",
            ),
            _ => error,
        })?;
    let found = file.metadata()?;
    if !found.is_file() {
        return refusal("it is not a regular file".to_owned());
    }
    let us = nix::unistd::geteuid().as_raw();
    if found.uid() != us && found.uid() != 0 {
        return refusal(format!("it belongs to user {}", found.uid()));
    }
    if found.mode() & forbidden != 0 {
        let (mode, needed) = (found.mode() & 0o777, 0o644 & !forbidden);
        return refusal(format!("its mode is {mode:o}; it must be {needed:o} or tighter"));
    }
    let mut contents = Vec::new();
    file.take(most + 1).read_to_end(&mut contents)?;
    if contents.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it is longer than {most} bytes"),
        ));
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_a_file_of_ours_that_others_cannot_touch() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("secret");
        fs::write(&path, "12345").expect("written");
        let read_at = |mode: u32, forbidden| {
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("set");
            read(&path, forbidden, 5).map_err(|error| error.kind())
        };
        let denied = Err(io::ErrorKind::PermissionDenied);
        assert_eq!(read_at(0o600, PRIVATE), Ok(b"12345".to_vec()));
        assert_eq!(read_at(0o640, PRIVATE), denied);
        assert_eq!(read_at(0o644, NOT_WRITABLE), Ok(b"12345".to_vec()));
        assert_eq!(read_at(0o664, NOT_WRITABLE), denied);
        assert_eq!(
            read(&path, 0, 4).map_err(|error| error.kind()),
            Err(io::ErrorKind::InvalidData)
        );

        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("set");
        let link = dir.path().join("link");
        symlink(&path, &link).expect("a link");
        assert_eq!(read(&link, PRIVATE, 5).map_err(|error| error.kind()), denied);
        assert_eq!(
            read(dir.path(), 0, 5).map_err(|error| error.kind()),
            denied,
            "a folder"
        );
    }
}
