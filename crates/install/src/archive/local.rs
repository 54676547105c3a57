//! An archive in a file.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::SIZE_LIMIT;
use super::checksum::Checksum;
use crate::InstallError;
use crate::install_error::Trouble;
use crate::progress::{Phase, Run};

/// Copies the archive and gives its sum.
pub(super) fn copy(
    archive: &Path,
    copy: &mut File,
    copy_path: &Path,
    run: &Run,
) -> Result<Checksum, InstallError> {
    // Asked before it is opened: opening a pipe would wait for somebody to write into it.
    let found = archive.metadata().trouble("read the archive", archive)?;
    if !found.is_file() {
        let source = io::Error::new(ErrorKind::InvalidInput, "it is not a file");
        return Err(InstallError::Io {
            action: "read the archive",
            path: archive.to_owned(),
            source,
        });
    }
    let mut source = File::open(archive).trouble("read the archive", archive)?;
    let mut counter = run.counter(Phase::Fetching, Some(found.len()));
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let count = source.read(&mut chunk).trouble("read the archive", archive)?;
        if count == 0 {
            return Ok(Checksum::of(hasher));
        }
        hasher.update(&chunk[..count]);
        copy.write_all(&chunk[..count]).trouble("write", copy_path)?;
        counter.add(count as u64)?;
        if counter.done() > SIZE_LIMIT {
            return Err(InstallError::TooLarge {
                location: archive.display().to_string(),
                limit: SIZE_LIMIT,
            });
        }
    }
}
