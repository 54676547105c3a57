//! What a code means that the window shows.

use doorcode_actions::explain as actions;
use serde::Serialize;

/// A code, explained.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Explained {
    /// In a few words.
    title: &'static str,
    /// What has happened, and why.
    cause: &'static str,
    /// What to do.
    remedy: &'static str,
}

/// What `code` means; `null` for one that nothing more is known of.
#[tauri::command]
pub(crate) fn explain(code: &str) -> Option<Explained> {
    actions::explanation(code).map(|known| Explained {
        title: known.title,
        cause: known.cause,
        remedy: known.remedy,
    })
}
