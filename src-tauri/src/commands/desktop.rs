//! The program itself and its place on the desktop.

use doorcode_settings::Paths;
use serde::Serialize;
use tauri::State;

use crate::engine_link::EngineLink;

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
