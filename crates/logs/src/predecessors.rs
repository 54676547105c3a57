//! The rotated files of a log, looked at while it may be rotated once more.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Device and inode: the same file under whatever name.
pub(crate) type Identity = (u64, u64);

/// `NAME` with `.number` behind it.
pub(crate) fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// `NAME.1`, `NAME.2`, … opened one after the other, newest first, each once.
///
/// A rotation renames from the oldest to the newest, against our direction: it makes us meet a file twice, never miss one,
/// and leaves one name without a file for an instant. Of two rotations during one look, nothing can be said.
pub(crate) fn predecessors(path: &Path) -> impl Iterator<Item = io::Result<(Identity, File)>> {
    let mut met = HashSet::new();
    let mut missing = 0;
    let mut numbers = 1..;
    std::iter::from_fn(move || {
        while missing < 2 {
            match look(&numbered(path, numbers.next()?)) {
                Ok(None) => missing += 1,
                Ok(Some((identity, file))) => {
                    missing = 0;
                    if met.insert(identity) {
                        return Some(Ok((identity, file)));
                    }
                }
                Err(error) => {
                    missing = 2;
                    return Some(Err(error));
                }
            }
        }
        None
    })
}

pub(crate) fn identity(file: &File) -> io::Result<Identity> {
    file.metadata().map(|found| (found.dev(), found.ino()))
}

pub(crate) fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn look(path: &Path) -> io::Result<Option<(Identity, File)>> {
    let Some(file) = open_if_there(path)? else {
        return Ok(None);
    };
    Ok(Some((identity(&file)?, file)))
}
