//! The life of the application: arguments, folders, display, engine, tray, until somebody quits.

use std::process::ExitCode;
use std::time::Duration;

use doorcode_actions::app_log::AppLog;
use doorcode_settings::{Paths, Problem};
use tauri::{AppHandle, RunEvent};
use tokio::runtime::Runtime;

use crate::arguments::{self, Arguments};
use crate::autostart::Autostart;
use crate::clipboard::Clipboard;
use crate::engine_link::EngineLink;
use crate::{commands, environment, launch, notify, preferences, quit, shortcut, tray};

/// What is still under way when everything has ended in order gets this long.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Runs the application until the person quits; the answer is the exit status.
///
/// # Errors
/// No home directory, no display, or no webview: what makes a start impossible.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Problem> {
    let paths = Paths::discover(arguments.settings.as_deref()).map_err(|error| Problem::from(&error))?;
    environment::install_cryptography();
    let runtime = runtime()?;
    if arguments.stop {
        return runtime.block_on(launch::stop(&paths));
    }
    environment::require_display()?;
    let log = AppLog::install();
    tauri::async_runtime::set(runtime.handle().clone());
    let current = std::env::current_dir().unwrap_or_default();
    let wanted = arguments.wanted(&current);
    let link = EngineLink::new(runtime.handle().clone(), paths, log);
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(second_launch))
        .invoke_handler(commands::handler())
        .manage(link.clone())
        .manage(Autostart::new())
        .manage(Clipboard::default())
        .setup(move |app| {
            // Only now: a second launch has ended by here.
            let app = app.handle();
            let preferences = preferences::watch(link.runtime(), link.paths());
            commands::prepare(app, link.paths());
            link.begin();
            quit::on_signals(app);
            tray::start(app)?;
            notify::start(app, preferences.clone());
            shortcut::start(app, preferences);
            launch::grant(app, wanted);
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(|error| Problem::new("desktop_unusable", error.to_string(), "doorcode up"))?;
    let code = app.run_return(|_, event| {
        // The last window has closed, which is no reason to end. Quitting names an exit status.
        if let RunEvent::ExitRequested { api, code: None, .. } = event {
            api.prevent_exit();
        }
    });
    runtime.shutdown_timeout(LAST_MOMENT);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn second_launch(app: &AppHandle, arguments: Vec<String>, current: String) {
    launch::grant(app, arguments::of_second_launch(&arguments, &current));
}

/// One runtime for the engine's own tasks and for what the window asks, on one thread: what blocks has threads of its own, and
/// two would wake each other up. The gateway brings its own, one a core.
fn runtime() -> Result<Runtime, Problem> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("doorcode")
        .enable_all()
        .build()
        .map_err(|error| {
            Problem::new(
                "no_threads",
                format!("no threads can be started: {error}"),
                "ulimit -u",
            )
        })
}
