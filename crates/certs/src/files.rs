//! Reading certificate and key files without trusting what lies at their paths.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::OFlag;
use nix::unistd::geteuid;
use zeroize::Zeroizing;

use crate::flaw::Flaw;

/// A long chain with RSA keys of 4,096 bits takes 20 kB.
const SIZE_LIMIT: u64 = 1024 * 1024;
const OTHERS_READ_OR_WRITE: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;

/// Whose file is read, which decides what is normal for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    /// Written by this crate: a regular file of ours, where a symbolic link or another owner means that somebody meddled.
    Store,
    /// Kept by the person or a tool of theirs; ACME clients hand certificates out through symbolic links.
    Person,
}

/// What a file held; overwritten in memory when dropped, since it may be a key.
pub(crate) struct Contents {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    mode: u32,
}

impl Contents {
    /// Fails if the file's mode lets anybody but its owner read a secret, or change a certificate.
    pub(crate) fn check_mode(&self, path: &Path, secret: bool) -> Result<(), Flaw> {
        let mask = if secret {
            OTHERS_READ_OR_WRITE
        } else {
            OTHERS_WRITE
        };
        if self.mode & mask == 0 {
            return Ok(());
        }
        Err(Flaw::Exposed {
            path: path.to_owned(),
            mode: self.mode,
        })
    }
}

/// Reads all of `path`; `Ok(None)` if nothing is there. Never waits for a pipe's other end.
pub(crate) fn read(path: &Path, keeper: Keeper) -> Result<Option<Contents>, Flaw> {
    let Some(file) = open(path, keeper)? else {
        return Ok(None);
    };
    let unreadable = |source| Flaw::Unreadable {
        path: path.to_owned(),
        source,
    };
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Flaw::NotAFile {
            path: path.to_owned(),
        });
    }
    let us = geteuid().as_raw();
    if keeper == Keeper::Store && metadata.uid() != us {
        return Err(Flaw::ForeignOwner {
            path: path.to_owned(),
            owner: metadata.uid(),
            us,
        });
    }
    if metadata.len() > SIZE_LIMIT {
        return Err(Flaw::TooLarge {
            path: path.to_owned(),
            limit: SIZE_LIMIT,
        });
    }
    // Room for all of it at once: a buffer that grows leaves copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SIZE_LIMIT.min(metadata.len() + 1) as usize));
    file.take(SIZE_LIMIT)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(Some(Contents {
        bytes,
        mode: metadata.mode() & 0o7777,
    }))
}

fn open(path: &Path, keeper: Keeper) -> Result<Option<File>, Flaw> {
    let mut flags = OFlag::O_NONBLOCK;
    if keeper == Keeper::Store {
        flags |= OFlag::O_NOFOLLOW;
    }
    match OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
    {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(_) if keeper == Keeper::Store && path.is_symlink() => Err(Flaw::SymbolicLink {
            path: path.to_owned(),
        }),
        Err(source) => Err(Flaw::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}
