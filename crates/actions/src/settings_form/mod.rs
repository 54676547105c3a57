//! Settings as a form: every key with what it takes and what it is, one value changed at a time, and the last changes undone.
//!
//! All of it is on the person's own file, whose comments and layout stay. Each function blocks, for a small file.

mod json;
mod undo;
mod view;

use doorcode_settings::{KEYS, Key, Paths, Problem, SettingsError, edit};
use serde_json::Value as Json;

use self::undo::Undo;
pub use self::view::{FieldKind, KeyView, SettingsView};

/// The form as it stands.
pub fn view(paths: &Paths) -> SettingsView {
    view::of(
        &paths.settings_file,
        Undo::load(paths).is_possible(&paths.settings_file),
    )
}

/// Whether the settings would still be valid with `name` set to `value`: rules between keys included.
///
/// # Errors
/// What is wrong, without a place in the file when it is this value.
pub fn check(paths: &Paths, name: &str, value: &Json) -> Result<(), Problem> {
    let key = key(name)?;
    let value = json::to_toml(key, value)?;
    edit::check(&paths.settings_file, key.name, value)
        .map(drop)
        .map_err(|error| problem(&error, key))
}

/// Sets `name` in the file.
///
/// # Errors
/// As [`check`], and when the file cannot be written; it is then unchanged.
pub fn set(paths: &Paths, name: &str, value: &Json) -> Result<(), Problem> {
    let key = key(name)?;
    let value = json::to_toml(key, value)?;
    undo::remembering(paths, || {
        edit::set(&paths.settings_file, key.name, value).map_err(|error| problem(&error, key))
    })
}

/// Sets several keys in the file at once, as one step that can be undone.
///
/// # Errors
/// As [`set`].
pub fn set_all(paths: &Paths, values: &[(&'static str, Json)]) -> Result<(), Problem> {
    let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
    let values = values
        .iter()
        .map(|(name, value)| Ok((*name, json::to_toml(key(name)?, value)?)))
        .collect::<Result<Vec<_>, Problem>>()?;
    undo::remembering(paths, || {
        edit::set_all(&paths.settings_file, values)
            .map(drop)
            .map_err(|error| {
                let mut problem = Problem::from(&error);
                // The place of a value that was never written would mislead.
                if names.iter().any(|name| error.key() == Some(name)) {
                    problem.message = error.reason();
                }
                problem
            })
    })
}

/// Removes `name` from the file, so that its default holds.
///
/// # Errors
/// As [`set`].
pub fn unset(paths: &Paths, name: &str) -> Result<(), Problem> {
    let key = key(name)?;
    undo::remembering(paths, || {
        edit::unset(&paths.settings_file, key.name).map_err(|error| problem(&error, key))
    })
}

/// Puts back the file as it was, byte for byte, before the last change made here.
///
/// # Errors
/// `undo_nothing` when nothing was changed here; `undo_file_changed` when the file has been changed elsewhere since.
pub fn undo(paths: &Paths) -> Result<(), Problem> {
    undo::step_back(paths)
}

fn key(name: &str) -> Result<&'static Key, Problem> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| {
        Problem::new(
            "settings_unknown_key",
            format!("{name} is not a setting"),
            "doorcode settings show",
        )
    })
}

/// A place in a file that was never written would mislead; that of another key's mistake is needed.
fn problem(error: &SettingsError, key: &Key) -> Problem {
    let mut problem = Problem::from(error);
    if error.key() == Some(key.name) {
        problem.message = error.reason();
    }
    problem
}
