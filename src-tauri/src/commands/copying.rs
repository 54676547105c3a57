//! Copying. The password goes from the keyring to the clipboard without passing through the page, or the window's process.

use doorcode_settings::Problem;
use tauri::State;

use super::Answer;
use crate::engine_link::EngineLink;
use crate::own_address;
use crate::window::{Asked, TrayLink};

/// The longest text that is copied, in bytes: what is selected in the log.
const LONGEST: usize = 64 << 10;

/// Copies an address of the engine's.
#[tauri::command]
pub(crate) async fn copy_address(
    url: String,
    link: State<'_, EngineLink>,
    tray: State<'_, TrayLink>,
) -> Answer<()> {
    if !own_address::is_ours(&url, &link.snapshot().status.urls) {
        return Err(own_address::foreign());
    }
    tray.ask(Asked::Copy(url)).await
}

/// Copies the password; it is taken away again after 45 seconds.
#[tauri::command]
pub(crate) async fn copy_password(tray: State<'_, TrayLink>) -> Answer<()> {
    tray.ask(Asked::CopyPassword).await
}

/// Copies a text that the page shows.
#[tauri::command]
pub(crate) async fn copy_text(text: String, tray: State<'_, TrayLink>) -> Answer<()> {
    if text.len() > LONGEST {
        return Err(Problem::new(
            "text_too_long",
            format!(
                "{} bytes are too many to copy; {LONGEST} are the most",
                text.len()
            ),
            "select fewer lines, or export the log",
        ));
    }
    tray.ask(Asked::Copy(text)).await
}
