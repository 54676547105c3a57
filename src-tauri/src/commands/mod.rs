//! What the window may ask for. A command checks what it is given, has doorcode-actions or the engine do it, and gives back
//! what happened or a [`Problem`]; nothing is decided here.
//!
//! Commands are declared in `list.rs`, allowed in `capabilities/window.json`, and dispatched by [`handler`].

mod certificates;
mod desktop;
mod devices;
mod install;
mod overview;
mod qr;
mod settings;
mod sign_in;
mod trust;
mod welcome;

use std::sync::Arc;

use doorcode_settings::{Paths, Problem};
use tauri::ipc::Invoke;
use tauri::{AppHandle, Manager, Runtime};

use devices::Onboarding;
use install::Install;
use settings::Editing;
use trust::Asking;

use crate::welcome::Welcome;

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
    app.manage(Install::default());
    app.manage(Onboarding::default());
    app.manage(Editing::default());
    app.manage(Asking::default());
    app.manage(Arc::new(Welcome::new(paths)));
}

/// Ends what makes sense only while somebody looks.
pub(crate) fn window_gone<R: Runtime>(app: &AppHandle<R>) {
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
