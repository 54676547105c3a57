//! Files whose changes the engine takes up: each is watched before it is read, so that no change falls between the two, however long
//! the start takes.

use std::path::PathBuf;

use doorcode_settings::Watcher;
use tokio::sync::mpsc;
use tracing::warn;

/// Some files, and whether they have changed.
#[derive(Debug)]
pub(crate) struct WatchedFiles {
    files: Vec<PathBuf>,
    watcher: Option<Watcher>,
    events: mpsc::Sender<()>,
    changed: mpsc::Receiver<()>,
}

impl WatchedFiles {
    /// Watches `files`, which are about to be read.
    pub(crate) fn new(files: Vec<PathBuf>) -> WatchedFiles {
        // One that has not been heard yet stands for all.
        let (events, changed) = mpsc::channel(1);
        WatchedFiles {
            watcher: watch(&files, &events),
            files,
            events,
            changed,
        }
    }

    /// Watches these from now on. Where they are others than before, they count as changed: they may have done so meanwhile.
    pub(crate) fn follow(&mut self, files: Vec<PathBuf>) {
        if files == self.files {
            return;
        }
        self.watcher = watch(&files, &self.events);
        self.files = files;
        // Full: they are about to be read anyway.
        let _ = self.events.try_send(());
    }

    /// Waits until one of them has changed.
    pub(crate) async fn changed(&mut self) {
        // The other end is ours, so this never gives None.
        self.changed.recv().await;
    }
}

/// A watcher that cannot be had (no inotify instances left) costs live reload, not the engine.
fn watch(files: &[PathBuf], events: &mpsc::Sender<()>) -> Option<Watcher> {
    Watcher::new(files.to_vec(), events.clone())
        .inspect_err(|error| warn!(%error, "changes on disk are not noticed: use `doorcode settings check` after an edit"))
        .ok()
}
