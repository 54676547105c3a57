//! A code-server from a release archive: fetched, compared with its SHA-256, and only then unpacked.

mod checksum;
mod download;
mod local;
mod location;
mod unpack;

use std::fs::{self, File};

use crate::InstallError;
use crate::install_error::Trouble;
use crate::progress::Run;
use crate::staging::Staging;

use self::checksum::Checksum;
use self::location::Location;

pub(crate) use self::location::shown;

/// The largest archive that is fetched, in bytes; a release has about 120 MB.
const SIZE_LIMIT: u64 = 2_000_000_000;

/// Unpacks the archive into the staging tree. It is read from a copy in the staging folder, so what is
/// unpacked is what was compared.
///
/// # Errors
/// [`InstallError`].
pub(crate) fn bring(staging: &Staging, location: &str, sha256: &str, run: &Run) -> Result<(), InstallError> {
    let expected: Checksum = sha256.parse()?;
    let location: Location = location.parse()?;
    let copy_path = staging.path().join("archive.tar.gz");
    let mut copy = File::create_new(&copy_path).trouble("create", &copy_path)?;
    let found = match &location {
        Location::File(path) => local::copy(path, &mut copy, &copy_path, run)?,
        Location::Url(url) => download::fetch(url, &mut copy, &copy_path, run)?,
    };
    if found != expected {
        return Err(InstallError::ChecksumMismatch {
            location: location.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
        });
    }
    unpack::unpack(&copy_path, &staging.tree(), run)?;
    fs::remove_file(&copy_path).trouble("remove", &copy_path)
}
