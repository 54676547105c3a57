//! How much a command has brought so far, seen from outside: the size of the folder it fills.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Measures a folder, rarely enough not to be felt.
pub(super) struct Meter {
    folder: PathBuf,
    /// What it is expected to grow to, in bytes.
    pub(super) expected: u64,
    bytes: u64,
    next: Instant,
}

impl Meter {
    pub(super) fn new(folder: &Path, expected: u64) -> Meter {
        Meter {
            folder: folder.to_owned(),
            expected,
            bytes: 0,
            next: Instant::now(),
        }
    }

    /// The size in bytes if it is time to measure again: once a second, and at most a twentieth of the time
    /// is spent on it.
    pub(super) fn measure(&mut self) -> Option<u64> {
        let started = Instant::now();
        if started < self.next {
            return None;
        }
        self.bytes = size(&self.folder);
        self.next = Instant::now() + (started.elapsed() * 20).max(Duration::from_secs(1));
        Some(self.bytes)
    }

    /// What was measured last.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// The sizes of all files below; what cannot be read (it may just be going) does not count.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    { entries }
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_below_count_once_and_links_are_not_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("sub")).expect("created");
        fs::write(folder.path().join("a"), [0; 100]).expect("written");
        fs::write(folder.path().join("sub/b"), [0; 50]).expect("written");
        std::os::unix::fs::symlink("..", folder.path().join("sub/up")).expect("linked");
        let mut meter = Meter::new(folder.path(), 1_000);
        // The link counts with the length of its text.
        assert_eq!(meter.measure(), Some(152));
        assert_eq!(meter.measure(), None, "a second has not passed");
    }
}
