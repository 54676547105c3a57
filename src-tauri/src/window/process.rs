//! The life of the window's process: it shows the page and ends with it, or with the tray's process, whichever ends first.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream as StdStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use doorcode_settings::{Paths, Problem};
use nix::sys::signal::{Signal, raise};
use tauri::{AppHandle, Manager, RunEvent, Runtime};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tracing::error;

use super::tray_link::{Connection, TrayLink};
use super::{Page, view};
use crate::commands::{self, Work};
use crate::engine_link::EngineLink;
use crate::{app, environment};

/// What is still under way when the process is to end gets this long.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Shows the window with `page` in front until it is closed; the answer is the exit status.
///
/// # Errors
/// `window_alone`; no home directory, no display, or no webview.
pub(crate) fn run(page: Page, settings: Option<&Path>) -> Result<ExitCode, Problem> {
    let stream = inherited().map_err(|error| alone(&error))?;
    log();
    name();
    let paths = Paths::discover(settings).map_err(|error| Problem::from(&error))?;
    environment::install_cryptography();
    let runtime = app::runtime()?;
    environment::require_display()?;
    tauri::async_runtime::set(runtime.handle().clone());

    let entered = runtime.enter();
    let stream = UnixStream::from_std(stream).map_err(|error| alone(&error))?;
    drop(entered);
    let (tray, connection, snapshots) = TrayLink::over(stream);
    let (wishes, wished) = mpsc::channel(8);
    runtime.spawn(tray.clone().forward(wished));
    let link = EngineLink::kept_elsewhere(runtime.handle().clone(), paths, snapshots, wishes);
    let app = tauri::Builder::default()
        .invoke_handler(commands::handler())
        .manage(link.clone())
        .manage(tray)
        .setup(move |app| {
            let app = app.handle();
            commands::prepare(app, link.paths());
            link.runtime().spawn(keep_in_touch(app.clone(), connection));
            Ok(view::show(app, page)?)
        })
        .build(app::context())
        .map_err(|error| Problem::new("desktop_unusable", error.to_string(), "doorcode up"))?;
    let code = app.run_return(|app, event| {
        // The window has closed. What was begun in it is finished first.
        if let RunEvent::ExitRequested { api, code: None, .. } = event {
            api.prevent_exit();
            tauri::async_runtime::spawn(end_when_done(app.clone()));
        }
    });
    runtime.shutdown_timeout(LAST_MOMENT);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The channel, taken off standard input, so that the processes that WebKit starts do not inherit it.
fn inherited() -> io::Result<StdStream> {
    let stream = StdStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    stream.peer_addr()?; // Fails for what is no socket.
    stream.set_nonblocking(true)?;
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    Ok(stream)
}

fn alone(error: &io::Error) -> Problem {
    let what = format!("a window without its tray: standard input is not the channel to it: {error}");
    Problem::new("window_alone", what, "doorcode-desktop")
}

/// What the system calls this process, which would otherwise be `exe`, the name of the file in /proc that it was started from.
fn name() {
    #[cfg(target_os = "linux")]
    if let Err(error) = nix::sys::prctl::set_name(c"doorcode-window") {
        tracing::warn!(%error, "the window's process has no name of its own");
    }
}

/// To stderr, which the tray's process reads and puts into the log with the time.
fn log() {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(io::stderr)
        .init();
}

/// Talks to the tray's process; when that ends, so does this one.
async fn keep_in_touch<R: Runtime>(app: AppHandle<R>, connection: Connection) {
    let shower = app.clone();
    connection
        .run(move |page| {
            let app = shower.clone();
            let shown = shower.run_on_main_thread(move || {
                if let Err(error) = view::show(&app, page) {
                    error!(%error, "the window does not come to the front");
                }
                app.state::<TrayLink>().shown();
            });
            if let Err(error) = shown {
                error!(%error, "the window is ending");
            }
        })
        .await;
    let ending = app.clone();
    let queued = app.run_on_main_thread(move || {
        view::end_page(&ending);
        ending.exit(0);
    });
    if let Err(error) = queued {
        error!(%error, "the window is ending already");
    }
    tokio::time::sleep(LAST_MOMENT).await;
    // Its main thread is stuck, and nobody is left to notice. A process can always send itself this.
    let _ = raise(Signal::SIGKILL);
}

async fn end_when_done<R: Runtime>(app: AppHandle<R>) {
    app.state::<Work>().done().await;
    let ending = app.clone();
    let queued = app.run_on_main_thread(move || {
        // It may have been opened again meanwhile.
        if !view::is_open(&ending) {
            ending.exit(0);
        }
    });
    if let Err(error) = queued {
        error!(%error, "the window is ending already");
    }
}
