//! The tray.

use tauri::AppHandle;

/// Shows the tray.
pub(crate) fn start(_app: &AppHandle) {}
