//! Reading the settings file, if it is one that only its owner could have written.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::error::Place;
use crate::{Settings, SettingsError};

impl Settings {
    /// Reads the settings file; without one, everything has its default.
    ///
    /// # Errors
    /// The file cannot be read, others could have written it, or [`Settings::parse`] refuses it.
    pub fn load(file: &Path) -> Result<Settings, SettingsError> {
        Settings::parse(&read(file)?, file)
    }
}

/// More than any settings file needs, and little enough to read at once.
const LARGEST_FILE: u64 = 1 << 20;

/// The text of a settings file that nobody else can write; empty when there is none.
pub(crate) fn read(file: &Path) -> Result<String, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let handle = match File::open(file) {
        Ok(handle) => handle,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let found = handle.metadata().map_err(unreadable)?;
    if let Some(reason) = who_else_writes(&found) {
        return Err(SettingsError::Unsafe {
            file: file.to_owned(),
            reason,
        });
    }
    let mut bytes = Vec::new();
    handle
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(unreadable(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is larger than 1 MiB",
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let at = Place::of(valid..valid, &text, file);
        SettingsError::Syntax {
            at,
            reason: "it is not UTF-8".to_owned(),
        }
    })
}

/// The settings name a program that we run: whoever writes them is us. A group may, because many systems give each user one of their own.
fn who_else_writes(file: &Metadata) -> Option<String> {
    if !file.is_file() {
        return None; // such as /dev/null
    }
    if file.uid() != 0 && file.uid() != nix::unistd::geteuid().as_raw() {
        return Some(format!("it belongs to user {}", file.uid()));
    }
    (file.mode() & 0o002 != 0).then(|| format!("its mode {:o} lets everybody write it", file.mode() & 0o777))
}
