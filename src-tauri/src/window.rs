//! The one window, which is a process of its own: WebKit's libraries, its helpers and its crashes are none of the tray's.
//!
//! The tray's process starts this program again as `doorcode-desktop --window PAGE` when somebody wants to see the window, and
//! the process ends with the window. Between the two is a socket that nobody else has ([`channel`]): the tray tells how things
//! are, the window asks for what only the tray can do ([`serve`]). Everything else the window does itself, over the control
//! socket as any other face of the engine.
//!
//! In the tray's process: [`start`], [`open`] and [`close`], done by [`keeper`]. In the window's: [`process`], which shows
//! [`view`] and asks over [`TrayLink`].

mod channel;
mod child;
#[cfg(target_os = "linux")]
mod drawing;
mod keeper;
mod process;
mod serve;
mod tray_link;
mod view;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use crate::engine_link::EngineLink;

pub(crate) use channel::Asked;
pub(crate) use process::run;
pub(crate) use tray_link::TrayLink;
#[cfg(test)]
pub(crate) use view::Navigate;
pub(crate) use view::{LABEL, is_open, tell};

/// A page of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Page {
    /// State, addresses, who is connected.
    Overview,
    /// What is wrong between a browser and the editor.
    Health,
    /// The certificates of the hosts.
    Certificates,
    /// Where they are trusted, on the page of certificates.
    Trust,
    /// Password and sessions.
    SignIn,
    /// What happened.
    Logs,
    /// Every key of settings.toml.
    Settings,
    /// Versions and places.
    About,
    /// The first run.
    Welcome,
}

/// The way to the window's process, in the state of the tray's.
pub(crate) struct Window {
    wishes: mpsc::Sender<Wish>,
}

/// What the tray wants of the window's process.
#[derive(Debug)]
enum Wish {
    /// The window, with this page in front.
    Show(Page),
    /// No window any more; answered, by dropping it, when its process is gone.
    End(oneshot::Sender<()>),
}

/// Makes ready for a window; none is shown yet.
pub(crate) fn start<R: Runtime>(app: &AppHandle<R>) {
    let (wishes, heard) = mpsc::channel(8);
    app.manage(Window { wishes });
    let runtime = app.state::<EngineLink>().runtime().clone();
    runtime.spawn(keeper::run(app.clone(), heard));
}

/// Both ends of the channel in one process, for tests without a display.
#[cfg(test)]
pub(crate) fn talk_to_itself<R: Runtime>(app: &AppHandle<R>) -> TrayLink {
    let runtime = app.state::<EngineLink>().runtime().clone();
    let _entered = runtime.enter();
    let (ours, theirs) = tokio::net::UnixStream::pair().expect("two sockets");
    let (tray, connection, _snapshots) = TrayLink::over(theirs);
    runtime.spawn(connection.run(|_page| {}));
    let app = app.clone();
    runtime.spawn(async move {
        let (_wishes, mut heard) = mpsc::channel(1);
        keeper::talk(&app, ours, &mut heard).await
    });
    tray
}

/// Shows the window, with `page` in front. Returns before it is there.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, page: Page) {
    if let Err(error) = app.state::<Window>().wishes.try_send(Wish::Show(page)) {
        warn!(%error, "no window is shown: the application is ending, or somebody asked for many at once");
    }
}

/// Ends the window's process, if there is one, and shows none any more.
pub(crate) async fn close<R: Runtime>(app: &AppHandle<R>) {
    let (answer, ended) = oneshot::channel();
    if app.state::<Window>().wishes.send(Wish::End(answer)).await.is_ok() {
        // It is dropped, not sent.
        let _ = ended.await;
    }
}
