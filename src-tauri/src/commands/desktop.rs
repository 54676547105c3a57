//! The program itself and its place on the desktop.

use doorcode_settings::Paths;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, Runtime, State};

use super::{Answer, blocking};
use crate::autostart::Autostart;
use crate::engine_link::EngineLink;
use crate::shortcut::{Shortcut, Shortcuts};
use crate::window::{Asked, TrayLink};
use crate::{environment, tray};

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
#[derive(Debug, Serialize, Deserialize)]
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
pub(crate) async fn desktop(tray: State<'_, TrayLink>) -> Answer<Desktop> {
    tray.ask(Asked::Desktop).await
}

impl Desktop {
    /// As it is now; in the tray's process.
    pub(crate) async fn of<R: Runtime>(app: &AppHandle<R>) -> Answer<Desktop> {
        let autostart = app.state::<Autostart>().inner().clone();
        let autostart = blocking(move || Ok(autostart.is_enabled())).await?;
        Ok(Desktop {
            tray: tray::is_shown(app),
            wayland: environment::is_wayland(),
            autostart,
            shortcut: app.state::<Shortcuts>().shown(),
        })
    }
}

/// Whether it starts at login.
#[tauri::command]
pub(crate) async fn set_autostart(enabled: bool, tray: State<'_, TrayLink>) -> Answer<()> {
    tray.ask(Asked::SetAutostart(enabled)).await
}

/// Quits, as the tray does; whether the editor stops is a setting.
#[tauri::command]
pub(crate) async fn quit(tray: State<'_, TrayLink>) -> Answer<()> {
    tray.ask(Asked::Quit).await
}
