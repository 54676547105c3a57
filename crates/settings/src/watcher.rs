//! Noticing that files were changed, however that was done.
//!
//! Editors and deployments replace files by renaming, and swap links; certificates may appear long after the start. So
//! the folders are watched, not the files: that of each path, of each link on the way to its target, and, while a folder is missing, the
//! nearest one above it. After each event the files are compared with what they were, so that only a real change is reported.
//! Nothing polls: without events, no thread wakes up.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::Problem;

/// How long it must be quiet before a change is reported: most are several writes.
const QUIET: Duration = Duration::from_millis(100);
/// A file that never rests is reported this often all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How often a folder may vanish between looking for it and watching it.
const MOST_ATTEMPTS: usize = 10;
/// As many as the kernel follows (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// Reports changes of some files; dropping it ends that.
#[derive(Debug)]
pub struct Watcher {
    signals: Sender<Signal>,
}

impl Watcher {
    /// Sends `()` to `changed` about 100 ms after any of `paths` was created, replaced, written, or removed. While the receiver has not
    /// taken the last one from a full channel, no further one is needed and none is sent: a capacity of 1 is enough.
    ///
    /// # Errors
    /// The system has no more watches to give, or no folder on the way to a path can be watched.
    pub fn new(paths: Vec<PathBuf>, changed: mpsc::Sender<()>) -> Result<Watcher, WatchError> {
        let (signals, received) = channel();
        let events = signals.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading is no change, and our own reading must not wake us up again.
            if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
                let _ = events.send(Signal::Event); // the thread has ended: so do we soon
            }
        })?;
        let mut watched = Watched {
            paths,
            folders: BTreeSet::new(),
            watcher,
        };
        watched.watch_folders()?;
        let seen = watched.fingerprints();
        std::thread::Builder::new()
            .name("file-watcher".into())
            .spawn(move || run(watched, seen, &received, &changed))
            .map_err(WatchError::NoThread)?;
        Ok(Watcher { signals })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.signals.send(Signal::Stop); // the thread has ended already
    }
}

/// Why files cannot be watched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The system refuses.
    #[error("changes of settings and certificates cannot be noticed: {0}")]
    Refused(#[from] notify::Error),
    /// No thread to watch with.
    #[error("no thread can be started to watch settings and certificates: {0}")]
    NoThread(std::io::Error),
}

impl From<&WatchError> for Problem {
    fn from(error: &WatchError) -> Problem {
        let limit =
            matches!(error, WatchError::Refused(refused) if matches!(refused.kind, ErrorKind::MaxFilesWatch));
        let fix = if limit {
            "raise the limit with `sudo sysctl fs.inotify.max_user_watches=524288`"
        } else {
            "run `doorcode restart` after a change of the settings"
        };
        Problem::new("watch_failed", error.to_string(), fix)
    }
}

enum Signal {
    Event,
    Stop,
}

fn run(
    mut watched: Watched,
    mut seen: Vec<Fingerprint>,
    signals: &Receiver<Signal>,
    changed: &mpsc::Sender<()>,
) {
    while let Ok(Signal::Event) = signals.recv() {
        if !wait_for_quiet(signals) {
            return;
        }
        // First the watches, then the look: a change after this moment is an event, one before it is seen.
        if let Err(error) = watched.watch_folders() {
            tracing::warn!(%error, "some changes of settings and certificates may go unnoticed");
        }
        let now = watched.fingerprints();
        if now == seen {
            continue;
        }
        seen = now;
        if let Err(TrySendError::Closed(())) = changed.try_send(()) {
            return;
        }
    }
}

/// False when it is time to stop.
fn wait_for_quiet(signals: &Receiver<Signal>) -> bool {
    let end = Instant::now() + LONGEST_WAIT;
    loop {
        let rest = end.saturating_duration_since(Instant::now());
        match signals.recv_timeout(QUIET.min(rest)) {
            Ok(Signal::Event) if rest > Duration::ZERO => {}
            Ok(Signal::Event) | Err(RecvTimeoutError::Timeout) => return true,
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

struct Watched {
    paths: Vec<PathBuf>,
    folders: BTreeSet<PathBuf>,
    watcher: RecommendedWatcher,
}

impl Watched {
    /// Watches the folders that matter now, and no longer those that do not.
    fn watch_folders(&mut self) -> Result<(), notify::Error> {
        let mut attempt = 1;
        let needed = loop {
            let needed: BTreeSet<_> = self.paths.iter().flat_map(|path| folders_of(path)).collect();
            match self.watch_all(&needed) {
                Err(error) if attempt < MOST_ATTEMPTS && is_gone(&error) => attempt += 1,
                Err(error) => return Err(error),
                Ok(()) => break needed,
            }
        };
        for folder in self.folders.difference(&needed) {
            // A folder that was removed is not watched any more.
            let _ = notify::Watcher::unwatch(&mut self.watcher, folder);
        }
        self.folders = needed;
        Ok(())
    }

    /// Watching a folder again costs nothing, and finds the new one where it was removed and made anew.
    fn watch_all(&mut self, folders: &BTreeSet<PathBuf>) -> Result<(), notify::Error> {
        folders.iter().try_for_each(|folder| {
            notify::Watcher::watch(&mut self.watcher, folder, RecursiveMode::NonRecursive)
        })
    }

    fn fingerprints(&self) -> Vec<Fingerprint> {
        self.paths.iter().map(|path| fingerprint(path)).collect()
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// What tells two states of a file apart: device, inode, size, and the times of its last change in nanoseconds. None: not there.
type Fingerprint = Option<(u64, u64, u64, (i64, i64), (i64, i64))>;

fn fingerprint(path: &Path) -> Fingerprint {
    let found = std::fs::metadata(path).ok()?;
    let modified = (found.mtime(), found.mtime_nsec());
    let changed = (found.ctime(), found.ctime_nsec());
    Some((found.dev(), found.ino(), found.size(), modified, changed))
}

/// The folders in which something must happen before `path` means another file.
fn folders_of(path: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let mut step = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = step.parent().unwrap_or(Path::new("/")).to_owned();
        folders.extend(nearest_existing(&folder));
        match step.read_link() {
            Ok(target) => step = folder.join(target),
            Err(_) => break, // the file itself, or nothing yet
        }
    }
    folders
}

fn nearest_existing(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .find(|folder| folder.is_dir())
        .map(Path::to_owned)
}
