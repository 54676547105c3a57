//! Whether the desktop has a place for tray icons, which may come and go: a StatusNotifierWatcher on the session bus
//! (freedesktop.org, Status Notifier Item). Stock GNOME has none.

use tokio::runtime::Handle;
use tokio::sync::watch;

/// Whether there is one, again at each change. Elsewhere than on Linux there always is.
pub(super) fn watch(runtime: &Handle) -> watch::Receiver<bool> {
    platform::watch(runtime)
}

#[cfg(target_os = "linux")]
mod platform {
    use futures_util::StreamExt;
    use tokio::runtime::Handle;
    use tokio::sync::watch;
    use tracing::info;
    use zbus::fdo::DBusProxy;
    use zbus::names::{BusName, WellKnownName};

    use crate::session_bus;

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    pub(super) fn watch(runtime: &Handle) -> watch::Receiver<bool> {
        let (there, watch) = watch::channel(false);
        runtime.spawn(async move {
            if let Err(error) = follow(&there).await {
                info!(%error, "without a session bus there is no tray: the window is there, and `doorcode` in a terminal");
            }
        });
        watch
    }

    async fn follow(there: &watch::Sender<bool>) -> zbus::Result<()> {
        let bus = DBusProxy::new(session_bus::connection().await?).await?;
        // First the watch, then the look, so that nothing is missed in between.
        let mut changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
        let name = BusName::WellKnown(WellKnownName::from_static_str(WATCHER)?);
        let now = bus.name_has_owner(name).await?;
        if !now {
            info!("this desktop shows no tray icons: the window is there, and `doorcode` in a terminal");
        }
        there.send_replace(now);
        while let Some(change) = changes.next().await {
            there.send_replace(change.args()?.new_owner().is_some());
        }
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use tokio::runtime::Handle;
    use tokio::sync::watch;

    pub(super) fn watch(_runtime: &Handle) -> watch::Receiver<bool> {
        watch::channel(true).1
    }
}
