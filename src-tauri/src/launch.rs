//! What a launch asks for, done: the window, the editor in the browser, a stop.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use doorcode_actions::{control, open};
use doorcode_engine::{Reply, Request, State};
use doorcode_settings::{HostName, Paths, Problem};
use tauri::{AppHandle, Manager, Runtime};

use crate::arguments::Wanted;
use crate::engine_link::{EngineLink, EngineSource, Snapshot};
use crate::notify;
use crate::welcome::Welcome;
use crate::window::{self, Page};

/// How long an editor that is still starting is waited for before the browser opens; a page that says that it starts, and
/// goes on by itself, is what opens then.
const START_WAIT: Duration = Duration::from_secs(20);

/// Does what a launch asked for. What goes wrong is shown in the window.
pub(crate) fn grant(app: &AppHandle, wanted: Wanted) {
    match wanted {
        Wanted::Nothing => {}
        Wanted::Window => show_window(app),
        Wanted::Editor(folder) => {
            let runtime = app.state::<EngineLink>().runtime().clone();
            let app = app.clone();
            runtime.spawn(async move {
                if let Err(problem) = open_editor(&app, None, folder).await {
                    notify::tell_problem(&app, &problem, Page::Overview).await;
                }
            });
        }
    }
}

/// Shows the window: with the first run in front until that is done or put away.
pub(crate) fn show_window(app: &AppHandle) {
    let is_done = Welcome::new(app.state::<EngineLink>().paths()).progress().done;
    window::open(app, if is_done { Page::Overview } else { Page::Welcome });
}

/// Opens the editor in the default browser, signed in, on `host` (the first configured one if none is named) and with
/// `folder` (the configured one if none is named), starting it first where it is stopped.
///
/// # Errors
/// Why there is no engine; why the editor does not start; `folder_missing`; `browser_not_opened`.
pub(crate) async fn open_editor<R: Runtime>(
    app: &AppHandle<R>,
    host: Option<HostName>,
    folder: Option<PathBuf>,
) -> Result<(), Problem> {
    let to = match folder {
        Some(folder) => open::folder_path(&folder)?,
        None => "/".to_owned(),
    };
    let link = app.state::<EngineLink>();
    running(&link).await?;
    // Before the browser sees the host: one that has seen it untrusted remembers that.
    notify::warn_of_browser(app, link.paths(), host.clone()).await;
    let seconds = open::LINK_SECONDS;
    match link.ask(Request::Link { host, to, seconds }).await? {
        Reply::Link { url } => {
            notify::expect_own_sign_in(app);
            open::open_in_browser(link.paths(), &url).await
        }
        _ => Err(control::unexpected()),
    }
}

/// `--stop`: stops the editor of whichever engine runs.
pub(crate) async fn stop(paths: &Paths) -> Result<ExitCode, Problem> {
    match control::ask(paths, &Request::Stop).await {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(problem) if problem.code == "not_running" => {
            eprintln!("Doorcode is not running.");
            Ok(ExitCode::from(3))
        }
        Err(problem) => Err(problem),
    }
}

/// Waits until an editor runs that is starting, and starts one that is not.
async fn running(link: &EngineLink) -> Result<(), Problem> {
    let settled = |now: &Snapshot| match now.status.state {
        State::Starting => now.problem.is_some(),
        _ => true,
    };
    let mut changes = link.subscribe();
    let wait = async { changes.wait_for(settled).await.map(|now| now.clone()) };
    let Ok(Ok(now)) = tokio::time::timeout(START_WAIT, wait).await else {
        return Ok(());
    };
    match (now.engine, now.status.state) {
        (EngineSource::Absent, _) | (_, State::Stopped | State::Stopping | State::Failed) => {
            link.start_editor().await
        }
        _ => Ok(()),
    }
}
