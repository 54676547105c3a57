//! What the window's process shows.
//!
//! It shows the pages inside this program and nothing else: no remote page, no second window, no download. Where it is shown
//! one of them is part of the address (`index.html#/certificates`), or the event `navigate` when it is open already.

use std::sync::Arc;

use serde::Serialize;
use tauri::webview::{NewWindowResponse, PermissionResponse};
use tauri::{
    AppHandle, Emitter, Manager, Runtime, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::Page;
use crate::commands;
use crate::engine_link::EngineLink;
use crate::welcome::Welcome;

/// What the configuration, the capability and the events call it.
pub(crate) const LABEL: &str = "main";

/// The shortest time between two snapshots that the page is told.
const PACE: std::time::Duration = std::time::Duration::from_secs(1);
/// The exit status when the page is gone and the window with it.
#[cfg(target_os = "linux")]
const PAGE_GONE: i32 = 70;

/// The event `navigate`: the tray wants another page to be seen.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Navigate {
    /// The part of its address after `#`.
    to: &'static str,
}

/// Whether there is one.
pub(crate) fn is_open<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.get_webview_window(LABEL).is_some()
}

/// Tells the page something, if there is one; nobody else listens.
pub(crate) fn tell<R: Runtime>(app: &AppHandle<R>, event: &str, what: impl Serialize + Clone) {
    if let Err(error) = app.emit_to(LABEL, event, what) {
        warn!(event, %error, "the window was not told");
    }
}

/// Shows the window, with `page` in front. To be called on the main thread.
pub(super) fn show<R: Runtime>(app: &AppHandle<R>, page: Page) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(LABEL) {
        tell(app, "navigate", Navigate { to: place(page) });
        window.unminimize()?;
        window.show()?;
        return window.set_focus();
    }
    let window = build(app, first_page(app, page))?;
    end_with_page(&window);
    let gone = CancellationToken::new();
    tauri::async_runtime::spawn(gone.clone().run_until_cancelled_owned(follow(app.clone())));
    let app = app.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::CloseRequested { .. } => end_page(&app),
        WindowEvent::Destroyed => {
            gone.cancel();
            commands::window_gone(&app);
        }
        _ => {}
    });
    Ok(())
}

/// Ends the web process of the window that is about to go, if there is one. Left to itself it takes up to 5 s for that, after
/// everything else of the window has ended. To be called on the main thread.
#[cfg(target_os = "linux")]
pub(super) fn end_page<R: Runtime>(app: &AppHandle<R>) {
    use webkit2gtk::WebViewExt;

    let ended = app
        .get_webview_window(LABEL)
        .map(|window| window.with_webview(|webview| webview.inner().terminate_web_process()));
    if let Some(Err(error)) = ended {
        warn!(%error, "the window's web process ends later than the window");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn end_page<R: Runtime>(_app: &AppHandle<R>) {}

/// Somebody who wants nothing in particular and is here for the first time is shown around.
fn first_page<R: Runtime>(app: &AppHandle<R>, wanted: Page) -> Page {
    match wanted {
        Page::Overview if !app.state::<Arc<Welcome>>().progress().done => Page::Welcome,
        wanted => wanted,
    }
}

fn build<R: Runtime>(app: &AppHandle<R>, page: Page) -> tauri::Result<WebviewWindow<R>> {
    let configured = &app.config().app.windows;
    let mut config = configured
        .iter()
        .find(|window| window.label == LABEL)
        .expect("tauri.conf.json, which is compiled in, has the window")
        .clone();
    config.url = WebviewUrl::App(address(page).into());
    leaving_nothing(app, WebviewWindowBuilder::from_config(app, &config)?)
        .zoom_hotkeys_enabled(true)
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .build()
}

/// What WebKit writes of its own accord goes where nothing outlives the login. Not `incognito` on Linux: there each such window
/// gets a context of its own, and Tauri teaches only the first one its protocol, so that every later window stays empty.
fn leaving_nothing<'a, R: Runtime, M: Manager<R>>(
    app: &AppHandle<R>,
    window: WebviewWindowBuilder<'a, R, M>,
) -> WebviewWindowBuilder<'a, R, M> {
    if cfg!(target_os = "linux") {
        window.data_directory(app.state::<EngineLink>().paths().runtime_dir.join("window"))
    } else {
        window.incognito(true)
    }
}

/// Ends this process when the web process, which draws the page, has ended: an empty window would stay behind. The tray's
/// process then starts another.
#[cfg(target_os = "linux")]
fn end_with_page<R: Runtime>(window: &WebviewWindow<R>) {
    use webkit2gtk::{WebProcessTerminationReason, WebViewExt};

    let app = window.app_handle().clone();
    let watched = window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |_, reason| {
            if reason != WebProcessTerminationReason::TerminatedByApi {
                warn!(?reason, "the window's web process ended");
                app.exit(PAGE_GONE);
            }
        });
    });
    if let Err(error) = watched {
        warn!(%error, "the end of the window's web process would go unnoticed");
    }
}

/// WebKit on macOS loads the page again by itself.
#[cfg(not(target_os = "linux"))]
fn end_with_page<R: Runtime>(_window: &WebviewWindow<R>) {}

fn address(page: Page) -> String {
    format!("index.html#{}", place(page))
}

/// What `ui/src/app/route.ts` reads.
fn place(page: Page) -> &'static str {
    match page {
        Page::Overview => "/overview",
        Page::Health => "/health",
        Page::Certificates => "/certificates",
        Page::Trust => "/certificates/trust",
        Page::SignIn => "/sign-in",
        Page::Logs => "/logs",
        Page::Settings => "/settings",
        Page::About => "/about",
        Page::Welcome => "/welcome",
    }
}

/// Whether a page belongs to this program; Vite's development server counts while the program is built for it.
fn is_own_page(url: &Url) -> bool {
    let host = url.host_str();
    match url.scheme() {
        "tauri" => host == Some("localhost"),
        "http" => tauri::is_dev() && host == Some("localhost") && url.port() == Some(1420),
        _ => false,
    }
}

/// Tells the page how things are, again at each change.
async fn follow<R: Runtime>(app: AppHandle<R>) {
    let mut changes = app.state::<EngineLink>().subscribe();
    while changes.changed().await.is_ok() {
        let snapshot = changes.borrow_and_update().clone();
        tell(&app, "snapshot", snapshot);
        tokio::time::sleep(PACE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(url: &str) -> bool {
        is_own_page(&url.parse().expect("an address"))
    }

    #[test]
    fn only_the_pages_of_this_program_are_shown() {
        assert!(own("tauri://localhost"));
        assert!(own("tauri://localhost/index.html#/certificates"));
        for foreign in [
            "https://localhost:8443/",
            "https://example.com/",
            "tauri://example.com/",
            "http://tauri.localhost/",
            "http://localhost:1421/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "blob:tauri://localhost/1",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }
}
