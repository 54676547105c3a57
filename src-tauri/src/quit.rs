//! Quitting: in order, once, and at once when somebody insists.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::{AppHandle, Manager, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use crate::engine_link::EngineLink;
use crate::window;

/// An engine ends within 10 seconds; after this something is stuck, and the kernel ends the editor with us.
const LIMIT: Duration = Duration::from_secs(15);

static QUITTING: AtomicBool = AtomicBool::new(false);

/// Whether the application is ending: nothing is opened any more.
pub(crate) fn has_begun() -> bool {
    QUITTING.load(Ordering::Relaxed)
}

/// Ends the engine if it is ours, then the application. The second call ends the application at once.
pub(crate) fn quit<R: Runtime>(app: &AppHandle<R>) {
    if QUITTING.swap(true, Ordering::Relaxed) {
        app.exit(1);
        return;
    }
    info!("quits");
    let app = app.clone();
    let link = app.state::<EngineLink>().inner().clone();
    link.runtime().clone().spawn(async move {
        if tokio::time::timeout(LIMIT, link.end()).await.is_err() {
            warn!("the engine did not end in {} seconds", LIMIT.as_secs());
        }
        window::close(&app).await;
        app.exit(0);
    });
}

/// Quits on SIGINT, SIGTERM and SIGHUP.
pub(crate) fn on_signals(app: &AppHandle) {
    let app = app.clone();
    let runtime = app.state::<EngineLink>().runtime().clone();
    runtime.spawn(async move {
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
            warn!("signals cannot be heard: they end the application without further ado");
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            quit(&app);
        }
    });
}
