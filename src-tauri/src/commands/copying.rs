//! Copying. The password goes from the keyring to the clipboard without passing through the page.

use doorcode_actions::{control, password};
use doorcode_settings::Problem;
use tauri::State;
use zeroize::Zeroizing;

use super::Answer;
use crate::clipboard::Clipboard;
use crate::engine_link::EngineLink;
use crate::own_address;

/// The longest text that is copied, in bytes: what is selected in the log.
const LONGEST: usize = 64 << 10;

/// Copies an address of the engine's.
#[tauri::command]
pub(crate) async fn copy_address(
    url: String,
    link: State<'_, EngineLink>,
    clipboard: State<'_, Clipboard>,
) -> Answer<()> {
    if !own_address::is_ours(&url, &link.snapshot().status.urls) {
        return Err(own_address::foreign());
    }
    clipboard.copy(url).await
}

/// Copies the password; it is taken away again after 45 seconds.
#[tauri::command]
pub(crate) async fn copy_password(
    link: State<'_, EngineLink>,
    clipboard: State<'_, Clipboard>,
) -> Answer<()> {
    match password::show(link.paths()).await?.password {
        Some(password) => clipboard.copy_secret(Zeroizing::new(password)).await,
        None => Err(control::unexpected()),
    }
}

/// Copies a text that the page shows.
#[tauri::command]
pub(crate) async fn copy_text(text: String, clipboard: State<'_, Clipboard>) -> Answer<()> {
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
    clipboard.copy(text).await
}
