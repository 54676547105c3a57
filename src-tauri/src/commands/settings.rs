//! Every key of settings.toml, as a form.

use std::sync::{Arc, Mutex, PoisonError};

use doorcode_actions::settings_form::{self, SettingsView};
use doorcode_actions::{control, open};
use doorcode_engine::Reloaded;
use doorcode_settings::{Paths, Problem};
use serde_json::Value as Json;
use tauri::State;

use super::{Answer, blocking};
use crate::engine_link::EngineLink;

/// Held while the file is changed: two fields that are left at once are two changes, and two steps to undo.
#[derive(Debug, Clone, Default)]
pub(crate) struct Editing(Arc<Mutex<()>>);

/// The form as it stands.
#[tauri::command]
pub(crate) async fn settings(link: State<'_, EngineLink>) -> Answer<SettingsView> {
    let paths = link.paths().clone();
    blocking(move || Ok(settings_form::view(&paths))).await
}

/// What would be wrong with the settings if `name` had this value; `null` when nothing would.
#[tauri::command]
pub(crate) async fn check_setting(
    name: String,
    value: Json,
    link: State<'_, EngineLink>,
) -> Answer<Option<Problem>> {
    let paths = link.paths().clone();
    blocking(move || Ok(settings_form::check(&paths, &name, &value).err())).await
}

/// Sets a key, in the file and, as far as that goes, in the running engine.
#[tauri::command]
pub(crate) async fn set_setting(
    name: String,
    value: Json,
    link: State<'_, EngineLink>,
    editing: State<'_, Editing>,
) -> Answer<Reloaded> {
    change(&link, &editing, move |paths| {
        settings_form::set(paths, &name, &value)
    })
    .await
}

/// Removes a key, so that its default holds.
#[tauri::command]
pub(crate) async fn unset_setting(
    name: String,
    link: State<'_, EngineLink>,
    editing: State<'_, Editing>,
) -> Answer<Reloaded> {
    change(&link, &editing, move |paths| settings_form::unset(paths, &name)).await
}

/// Puts the file back as it was before the last change made here.
#[tauri::command]
pub(crate) async fn undo_settings(
    link: State<'_, EngineLink>,
    editing: State<'_, Editing>,
) -> Answer<Reloaded> {
    change(&link, &editing, settings_form::undo).await
}

/// Opens the file in what the desktop opens such files with.
#[tauri::command]
pub(crate) async fn open_settings_file(link: State<'_, EngineLink>) -> Answer<()> {
    open::open_on_desktop(&link.paths().settings_file).await
}

async fn change(
    link: &EngineLink,
    editing: &Editing,
    edit: impl FnOnce(&Paths) -> Answer<()> + Send + 'static,
) -> Answer<Reloaded> {
    let (paths, editing) = (link.paths().clone(), editing.clone());
    blocking(move || {
        let _editing = editing.0.lock().unwrap_or_else(PoisonError::into_inner);
        edit(&paths)
    })
    .await?;
    Ok(control::reload(link.paths()).await?.unwrap_or_default())
}
