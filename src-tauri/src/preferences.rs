//! What settings.toml says to this program itself, as the file is now. Changes hold at once.

use doorcode_settings::{Desktop, Notifications, Paths, Settings, Watcher};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tracing::warn;

/// The tables of settings.toml that are about the desktop program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Preferences {
    pub(crate) desktop: Desktop,
    pub(crate) notifications: Notifications,
}

/// What the file says, again at each change. A file that does not parse changes nothing, and the engine says what is wrong.
pub(crate) fn watch(runtime: &Handle, paths: &Paths) -> watch::Receiver<Preferences> {
    let file = paths.settings_file.clone();
    let (events, mut changed) = mpsc::channel(1);
    let watcher = Watcher::new(vec![file.clone()], events)
        .inspect_err(|error| warn!(%error, "changes of the settings hold after the next start"));
    let read = move || {
        let settings = Settings::load(&file).ok()?;
        Some(Preferences {
            desktop: settings.desktop,
            notifications: settings.notifications,
        })
    };
    let (tell, told) = watch::channel(read().unwrap_or_default());
    runtime.spawn(async move {
        let _watcher = watcher;
        while changed.recv().await.is_some() {
            let Ok(Some(now)) = tokio::task::spawn_blocking(read.clone()).await else {
                continue;
            };
            tell.send_if_modified(|before| std::mem::replace(before, now.clone()) != now);
        }
    });
    told
}
