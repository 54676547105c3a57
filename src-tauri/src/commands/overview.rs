//! State, start and stop, and the way to the editor.

use std::path::PathBuf;

use doorcode_settings::HostName;
use tauri::{AppHandle, Runtime, State};

use super::Answer;
use crate::dialogs::{self, Choice};
use crate::engine_link::{EngineLink, Snapshot};
use crate::window::{Asked, TrayLink};

/// How things are; the event `snapshot` tells of each change.
#[tauri::command]
pub(crate) fn snapshot(link: State<'_, EngineLink>) -> Snapshot {
    link.snapshot()
}

/// Starts the editor, and an engine first where none runs; answers once it runs or has failed.
#[tauri::command]
pub(crate) async fn start(link: State<'_, EngineLink>) -> Answer<()> {
    link.start_editor().await
}

/// Stops the editor and everything it started; the engine stays.
#[tauri::command]
pub(crate) async fn stop(link: State<'_, EngineLink>) -> Answer<()> {
    link.stop_editor().await
}

/// Starts the editor anew, and the engine where settings wait for that.
#[tauri::command]
pub(crate) async fn restart(link: State<'_, EngineLink>) -> Answer<()> {
    link.restart().await
}

/// Opens the editor in the default browser, signed in: on `host`, or the first one; with `folder`, or the one that the
/// settings name.
#[tauri::command]
pub(crate) async fn open_editor(
    host: Option<HostName>,
    folder: Option<PathBuf>,
    tray: State<'_, TrayLink>,
) -> Answer<()> {
    tray.ask(Asked::OpenEditor { host, folder }).await
}

/// Lets the person choose a folder of this machine; `null` when they do not.
#[tauri::command]
pub(crate) async fn pick_folder<R: Runtime>(app: AppHandle<R>) -> Answer<Option<PathBuf>> {
    Ok(dialogs::choose(&app, "Choose a folder", Choice::Folder).await)
}
