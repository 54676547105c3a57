//! What the window may ask for. A command checks what it is given, has doorcode-actions or the engine do it, and gives back
//! what happened or a [`Problem`]; nothing is decided here.
//!
//! Commands are declared in `list.rs`, allowed in `capabilities/window.json`, and dispatched by [`handler`].

mod certificates;
mod copying;
mod desktop;
mod devices;
mod events;
mod explain;
mod health;
mod install;
mod logs;
mod overview;
mod qr;
mod settings;
mod sign_in;
mod trust;
mod welcome;

#[cfg(test)]
mod tests;

/// What commands and events carry, for the test that writes it down in TypeScript.
#[cfg(test)]
pub(crate) mod told {
    pub(crate) use super::certificates::CertificateView;
    pub(crate) use super::desktop::{About, Desktop};
    pub(crate) use super::devices::CheckBegun;
    pub(crate) use super::explain::Explained;
    pub(crate) use super::health::Freed;
    pub(crate) use super::install::{FoundEditor, InstallProgress};
    pub(crate) use super::logs::LogLines;
    pub(crate) use super::qr::Qr;
    pub(crate) use super::sign_in::Revoked;
    pub(crate) use super::trust::TrustEvent;
}

use std::sync::Arc;

use doorcode_settings::{Paths, Problem};
use tauri::ipc::Invoke;
use tauri::{AppHandle, Manager, Runtime};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

pub(crate) use desktop::Desktop;
use devices::Onboarding;
use events::OpenEvents;
use install::Install;
use logs::OpenLog;
use settings::Editing;
use trust::Asking;

use crate::welcome::Welcome;

/// What is finished although the window has closed meanwhile: its process stays until then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work(TaskTracker);

impl Work {
    /// Work that lasts until what is returned is dropped.
    fn begin(&self) -> TaskTrackerToken {
        self.0.token()
    }

    /// Waits until nothing is under way.
    pub(crate) async fn done(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

/// What every command answers.
pub(crate) type Answer<T> = Result<T, Problem>;

macro_rules! commands {
    ($($file:ident :: $name:ident),* $(,)?) => {
        /// Dispatches a call of the window's to its command.
        pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($file::$name),*]
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}
include!("list.rs");

/// Makes what the commands keep between two calls. To be called before there is a window.
pub(crate) fn prepare<R: Runtime>(app: &AppHandle<R>, paths: &Paths) {
    app.manage(Work::default());
    app.manage(Install::default());
    app.manage(OpenLog::default());
    app.manage(OpenEvents::default());
    app.manage(Onboarding::default());
    app.manage(Editing::default());
    app.manage(Asking::default());
    app.manage(Arc::new(Welcome::new(paths)));
}

/// Ends what makes sense only while somebody looks.
pub(crate) fn window_gone<R: Runtime>(app: &AppHandle<R>) {
    app.state::<OpenLog>().close();
    app.state::<OpenEvents>().close();
    app.state::<Onboarding>().close();
    app.state::<Asking>().leave();
}

/// Runs `work`, which blocks, off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => Err(Problem::new(
            "internal",
            format!("a part of Doorcode failed: {error}"),
            "doorcode logs --app",
        )),
    }
}
