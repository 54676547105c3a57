//! The program itself and its place on the desktop.

use doorcode_settings::Paths;
use serde::Serialize;
use tauri::{AppHandle, Runtime, State};

use super::{Answer, blocking};
use crate::autostart::Autostart;
use crate::engine_link::EngineLink;
use crate::shortcut::{Shortcut, Shortcuts};
use crate::{environment, quit, tray};

/// What this program is and where it keeps things.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct About {
    version: &'static str,
    /// The version of the code-server that runs or ran last.
    code_server: Option<String>,
    licence: &'static str,
    repository: &'static str,
    paths: Places,
}

/// Where things are kept.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Places {
    settings: String,
    data: String,
    logs: String,
}

/// Its place on the desktop.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Desktop {
    /// Whether there is an icon in the panel to come back to.
    tray: bool,
    wayland: bool,
    /// Whether it starts at login.
    autostart: bool,
    shortcut: Shortcut,
}

/// What this program is and where it keeps things.
#[tauri::command]
pub(crate) fn about(link: State<'_, EngineLink>) -> About {
    let Paths {
        settings_file,
        data_dir,
        state_dir,
        ..
    } = link.paths();
    About {
        version: env!("CARGO_PKG_VERSION"),
        code_server: link.snapshot().status.editor.version,
        licence: env!("CARGO_PKG_LICENSE"),
        repository: env!("CARGO_PKG_REPOSITORY"),
        paths: Places {
            settings: settings_file.display().to_string(),
            data: data_dir.display().to_string(),
            logs: state_dir.display().to_string(),
        },
    }
}

/// Its place on the desktop.
#[tauri::command]
pub(crate) async fn desktop<R: Runtime>(
    app: AppHandle<R>,
    autostart: State<'_, Autostart>,
    shortcuts: State<'_, Shortcuts>,
) -> Answer<Desktop> {
    let autostart = autostart.inner().clone();
    let autostart = blocking(move || Ok(autostart.is_enabled())).await?;
    Ok(Desktop {
        tray: tray::is_shown(&app),
        wayland: environment::is_wayland(),
        autostart,
        shortcut: shortcuts.shown(),
    })
}

/// Whether it starts at login.
#[tauri::command]
pub(crate) async fn set_autostart<R: Runtime>(
    enabled: bool,
    app: AppHandle<R>,
    autostart: State<'_, Autostart>,
) -> Answer<()> {
    autostart.set(&app, enabled).await
}

/// Quits, as the tray does; whether the editor stops is a setting.
#[tauri::command]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>) {
    quit::quit(&app);
}
