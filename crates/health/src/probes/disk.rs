//! Room for files: certificates, sessions, logs, the editor's own.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use crate::finding::Finding;
use crate::report::Cause;
use crate::subject::Folders;

/// With less, writing fails soon or already does.
const FULL: u64 = 4 << 20;
/// With less, an extension or a large log fills the rest.
const LOW: u64 = 200 << 20;

/// Blocks for as long as the file systems take to answer, which over a network can be long.
pub(crate) fn look(folders: &Folders) -> Finding {
    let places = [
        (&folders.data, LOW),
        (&folders.state, LOW),
        // Sockets only: a few inodes.
        (&folders.runtime, 0),
    ];
    let mut seen: Vec<(u64, String)> = Vec::new();
    let mut causes: Vec<Cause> = Vec::new();
    for (folder, low) in places {
        let Some(room) = Room::of(folder) else { continue };
        // The same file system is told once.
        if seen.iter().all(|(disk, _)| *disk != room.disk) {
            let line = format!("{} free at {}", bytes(room.free), folder.display());
            seen.push((room.disk, line));
        }
        if causes.is_empty() {
            causes.extend(room.cause(folder, low));
        }
    }
    let lines: Vec<String> = seen.into_iter().map(|(_, line)| line).collect();
    Finding::pass(lines.join("; ")).and(causes)
}

struct Room {
    /// Tells one file system from another.
    disk: u64,
    free: u64,
    inodes: Option<u64>,
}

impl Room {
    /// Of the file system that `folder` is, or would be, on.
    fn of(folder: &Path) -> Option<Room> {
        let found = folder.ancestors().find_map(|folder| statvfs(folder).ok())?;
        Some(Room {
            disk: found.filesystem_id(),
            free: found.blocks_available() * found.fragment_size(),
            // A file system that counts none has no limit.
            inodes: (found.files() > 0).then(|| found.files_available()),
        })
    }

    fn cause(&self, folder: &Path, low: u64) -> Option<Cause> {
        let folder = folder.display();
        let fix = format!(
            "make room on that disk: `df -h '{folder}'` shows which it is, `du -xh '{folder}' | sort -h | tail` what is large in that \
             folder; remove what is not needed"
        );
        if self.inodes.is_some_and(|left| left < 16) {
            return Some(Cause::critical(
                "disk_full",
                format!("the disk that holds {folder} takes no more files"),
                format!(
                    "`df -i '{folder}'` shows it; remove files that are not needed (each file takes an entry, however small)"
                ),
            ));
        }
        if self.free < FULL {
            let message = format!(
                "the disk that holds {folder} is full: {} are left, so nothing can be saved",
                bytes(self.free)
            );
            return Some(Cause::critical("disk_full", message, fix));
        }
        (self.free < low).then(|| {
            let message = format!(
                "the disk that holds {folder} is nearly full: {} are left",
                bytes(self.free)
            );
            Cause::warning("disk_low", message, fix)
        })
    }
}

pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Severity;

    fn said(free: u64, inodes: Option<u64>) -> Option<(String, Severity)> {
        let cause = Room {
            disk: 0,
            free,
            inodes,
        }
        .cause(Path::new("/data"), LOW);
        cause.map(|cause| (cause.code, cause.severity))
    }

    #[test]
    fn full_low_and_without_inodes_are_told_apart() {
        assert_eq!(said(LOW, Some(16)), None);
        assert_eq!(said(LOW - 1, None), Some(("disk_low".into(), Severity::Warning)));
        assert_eq!(
            said(FULL - 1, None),
            Some(("disk_full".into(), Severity::Critical))
        );
        assert_eq!(
            said(u64::MAX, Some(3)),
            Some(("disk_full".into(), Severity::Critical))
        );
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_where_it_would_be() {
        let room = Room::of(Path::new("/there/is/no/such/folder")).expect("the root has room");
        assert!(room.free > 0);
    }
}
