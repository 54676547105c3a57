//! Tightening the mode of a file or folder of ours, and touching nothing else on the way.

use std::fmt;
use std::fs::{File, Permissions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::Mode;
use nix::unistd::geteuid;

/// Takes away permissions that others have. It never gives any, so it locks nobody out but those who should not be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// A folder that exists; what leads to it is not looked at.
    pub folder: PathBuf,
    /// What to tighten, as seen from `folder`. No part of it is followed if it is a link.
    pub name: PathBuf,
    /// The permissions that may stay.
    pub keep: u32,
}

/// Why a fix was not made; nothing was changed then.
#[derive(Debug)]
pub enum FixError {
    /// Some part of the path is a symbolic link, or no longer what it was.
    Link,
    /// It belongs to somebody else.
    NotOurs,
    /// Neither a regular file nor a folder.
    WrongKind,
    /// The file has another name somewhere, which would be tightened with it.
    SecondName,
    /// What the system says.
    System(io::Error),
}

impl fmt::Display for FixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FixError::Link => f.write_str("a symbolic link is in the way, and links are not followed"),
            FixError::NotOurs => f.write_str("it belongs to somebody else"),
            FixError::WrongKind => f.write_str("it is neither a regular file nor a folder"),
            FixError::SecondName => f.write_str("it has a second name elsewhere (a hard link)"),
            FixError::System(error) => error.fmt(f),
        }
    }
}

impl Fix {
    /// What is tightened.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Makes it: gives the modes before and after, or none when there was nothing to take away. Blocking.
    ///
    /// Looked at and changed through one handle, so nothing can be put in its place in between.
    ///
    /// # Errors
    /// [`FixError`]; nothing is changed then.
    pub fn apply(&self) -> Result<Option<(u32, u32)>, FixError> {
        let target = File::from(self.open()?);
        let found = target.metadata().map_err(FixError::System)?;
        if found.uid() != geteuid().as_raw() {
            return Err(FixError::NotOurs);
        }
        if !found.is_dir() && !found.is_file() {
            return Err(FixError::WrongKind);
        }
        if found.is_file() && found.nlink() > 1 {
            return Err(FixError::SecondName);
        }
        let before = found.mode() & 0o7777;
        let after = before & self.keep;
        if after == before {
            return Ok(None);
        }
        target
            .set_permissions(Permissions::from_mode(after))
            .map_err(FixError::System)?;
        Ok(Some((before, after)))
    }

    /// The target, reached from `folder` one name at a time.
    fn open(&self) -> Result<OwnedFd, FixError> {
        // A FIFO in its place must not hold us up.
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let mut at = open(&self.folder, flags | OFlag::O_DIRECTORY, Mode::empty()).map_err(system)?;
        let mut names = self.name.components().peekable();
        while let Some(name) = names.next() {
            let Component::Normal(name) = name else {
                return Err(FixError::Link);
            };
            let kind = match names.peek() {
                Some(_) => OFlag::O_DIRECTORY,
                None => OFlag::empty(),
            };
            at = openat(at.as_fd(), Path::new(name), flags | kind, Mode::empty()).map_err(system)?;
        }
        Ok(at)
    }
}

/// With O_NOFOLLOW, ELOOP says that it is a link, and so does ENOTDIR where a folder was asked for (open(2)).
fn system(errno: Errno) -> FixError {
    match errno {
        Errno::ELOOP | Errno::ENOTDIR => FixError::Link,
        errno => FixError::System(errno.into()),
    }
}

#[cfg(test)]
mod tests;
