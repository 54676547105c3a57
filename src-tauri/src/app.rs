//! The life of the application: arguments, folders, display, engine, tray, until somebody quits. The window's process lives
//! another one: [`window::run`].

use std::process::ExitCode;
use std::time::Duration;

use doorcode_actions::app_log::AppLog;
use doorcode_settings::{Paths, Problem};
use tauri::AppHandle;
use tokio::runtime::Runtime;

use crate::arguments::{self, Arguments};
use crate::autostart::Autostart;
use crate::clipboard::Clipboard;
use crate::engine_link::EngineLink;
use crate::{environment, launch, notify, preferences, quit, shortcut, tray, window};

/// What is still under way when everything has ended in order gets this long.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Runs the application until the person quits; the answer is the exit status.
///
/// # Errors
/// No home directory, no display, or no webview: what makes a start impossible.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Problem> {
    if let Some(page) = arguments.window {
        return window::run(page, arguments.settings.as_deref());
    }
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
        .manage(link.clone())
        .manage(Autostart::new())
        .manage(Clipboard::default())
        .setup(move |app| {
            // Only now: a second launch has ended by here.
            let app = app.handle();
            let preferences = preferences::watch(link.runtime(), link.paths());
            link.begin();
            quit::on_signals(app);
            window::start(app);
            tray::start(app)?;
            notify::start(app, preferences.clone());
            shortcut::start(app, preferences);
            launch::grant(app, wanted);
            Ok(())
        })
        .build(context())
        .map_err(|error| Problem::new("desktop_unusable", error.to_string(), "doorcode up"))?;
    let code = app.run_return(|_, _| {});
    runtime.shutdown_timeout(LAST_MOMENT);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn second_launch(app: &AppHandle, arguments: Vec<String>, current: String) {
    launch::grant(app, arguments::of_second_launch(&arguments, &current));
}

/// Tauri's configuration, permissions and pages, compiled in.
pub(crate) fn context<R: tauri::Runtime>() -> tauri::Context<R> {
    tauri::generate_context!()
}

/// One runtime for the engine's own tasks and for what the window asks, on one thread: what blocks has threads of its own, and
/// two would wake each other up. The gateway brings its own, one a core.
pub(crate) fn runtime() -> Result<Runtime, Problem> {
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
