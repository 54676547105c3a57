//! The end of the web process, which draws the page: it takes the page with it and nothing else. An empty window would stay
//! behind; instead it is made anew.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager, Runtime, WebviewWindow};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{LABEL, Page};
use crate::quit;

/// A page that ends its process twice within this time would go on doing so.
const AGAIN: Duration = Duration::from_secs(60);

/// Notices the end of the web process of `window`, which is `gone` once it is destroyed.
#[cfg(target_os = "linux")]
pub(super) fn watch<R: Runtime>(window: &WebviewWindow<R>, gone: &CancellationToken) {
    use webkit2gtk::WebViewExt;

    let (app, gone) = (window.app_handle().clone(), gone.clone());
    let watched = window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |_, reason| {
            warn!(?reason, "the window's web process ended");
            // Not from within the view's own signal: what follows destroys the view.
            tauri::async_runtime::spawn(replace(app.clone(), gone.clone()));
        });
    });
    if let Err(error) = watched {
        warn!(%error, "the end of the window's web process would go unnoticed");
    }
}

/// WebKit on macOS loads the page again by itself.
#[cfg(not(target_os = "linux"))]
pub(super) fn watch<R: Runtime>(_window: &WebviewWindow<R>, _gone: &CancellationToken) {}

/// Puts a new window in the place of the one whose page is gone; only closes it when that has just been tried.
#[cfg(target_os = "linux")]
async fn replace<R: Runtime>(app: AppHandle<R>, gone: CancellationToken) {
    // Closed in the same moment, so that another one may be open by now; or a signal for the whole group, such as Ctrl-C in
    // the terminal that all of it was started from, ended both.
    if gone.is_cancelled() || quit::has_begun() {
        return;
    }
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let before = LAST
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .replace(Instant::now());
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.destroy()
    {
        error!(%error, "the empty window cannot be closed");
    }
    if before.is_some_and(|before| before.elapsed() < AGAIN) {
        error!("the window's web process keeps ending, so the window stays closed; everything else goes on");
        return;
    }
    gone.cancelled().await;
    if !quit::has_begun() {
        super::open(&app, Page::Overview);
    }
}
