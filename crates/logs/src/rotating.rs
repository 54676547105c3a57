//! A log file with a size limit and numbered predecessors.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::predecessors::numbered;

/// How much of a log is kept: at most `bytes × files`, plus the rest of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Size in bytes at which a file is rotated.
    pub bytes: u64,
    /// How many files are kept, the one being written included. 0 counts as 1.
    pub files: usize,
}

impl Default for Limit {
    /// Five files of 10 MB.
    fn default() -> Self {
        Limit {
            bytes: 10_000_000,
            files: 5,
        }
    }
}

/// An append-only file that becomes `NAME.1` when it is full, `NAME.1` becoming `NAME.2`, and so on.
///
/// A line is never split over two files, unless it is longer than two of them. Writes are not buffered here: write
/// many lines at once where speed matters. The file is 0600; folders made for it are 0700.
#[derive(Debug)]
pub struct RotatingFile {
    path: PathBuf,
    limit: Limit,
    file: File,
    size: u64,
    at_line_start: bool,
}

impl RotatingFile {
    /// Opens `path` for appending and creates it, with its folder, where missing.
    ///
    /// # Errors
    /// Whatever the system says about the folder or the file; the message names neither, the caller knows the path.
    pub fn open(path: &Path, limit: Limit) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let file = open_private(path)?;
        let size = file.metadata()?.len();
        // What an earlier process left may end in the middle of a line; one needless line feed is the cheaper guess.
        let at_line_start = size == 0 || ends_with_line_feed(path, size).unwrap_or(true);
        Ok(RotatingFile {
            path: path.to_owned(),
            limit,
            file,
            size,
            at_line_start,
        })
    }

    /// Writes `line` and a line feed.
    ///
    /// # Errors
    /// As [`Write::write_all`]: part of the line may have been written.
    pub fn write_line(&mut self, line: &str) -> io::Result<()> {
        self.write_all(format!("{line}\n").as_bytes())
    }

    /// Ends a line that an earlier, failed write left unfinished.
    pub(crate) fn finish_line(&mut self) -> io::Result<()> {
        if self.at_line_start {
            Ok(())
        } else {
            self.write_all(b"\n")
        }
    }

    /// Whether the file still has a name: somebody short of space may have removed it.
    pub(crate) fn is_linked(&self) -> bool {
        self.file.metadata().is_ok_and(|file| file.nlink() > 0)
    }

    /// How many bytes of `bytes` go into the present file before it is full; 0 asks for a rotation first.
    fn room_for(&self, bytes: &[u8]) -> usize {
        let room = usize::try_from(self.limit.bytes.saturating_sub(self.size)).unwrap_or(usize::MAX);
        if bytes.len() <= room {
            return bytes.len();
        }
        if let Some(end) = bytes[..room].iter().rposition(|byte| *byte == b'\n') {
            return end + 1;
        }
        let endless = !self.at_line_start && self.size >= self.limit.bytes.saturating_mul(2);
        if self.size > 0 && (self.at_line_start || endless) {
            return 0;
        }
        bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(bytes.len(), |end| end + 1)
    }

    fn rotate(&mut self) -> io::Result<()> {
        if self.limit.files > 1 {
            for number in (1..self.limit.files - 1).rev() {
                rename_if_there(&numbered(&self.path, number), &numbered(&self.path, number + 1))?;
            }
            rename_if_there(&self.path, &numbered(&self.path, 1))?;
            self.file = open_private(&self.path)?;
        } else {
            self.file.set_len(0)?;
        }
        self.size = 0;
        self.at_line_start = true;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut fits = self.room_for(bytes);
        if fits == 0 && !bytes.is_empty() {
            self.rotate()?;
            fits = self.room_for(bytes);
        }
        let written = self.file.write(&bytes[..fits])?;
        self.size += written as u64;
        if let Some(last) = bytes[..written].last() {
            self.at_line_start = *last == b'\n';
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    let found = file.metadata()?;
    if found.is_file() && found.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

fn ends_with_line_feed(path: &Path, size: u64) -> io::Result<bool> {
    use std::os::unix::fs::FileExt;
    let mut last = [0];
    File::open(path)?.read_exact_at(&mut last, size - 1)?;
    Ok(last == *b"\n")
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
