//! What a form shows.

use std::path::Path;

use doorcode_settings::{Applies, KEYS, Key, Kind, Problem, Settings, edit};
use serde::Serialize;
use serde_json::Value as Json;

use super::json::from_toml;

/// The whole form.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SettingsView {
    /// The settings file.
    pub file: String,
    /// Whether it exists; without it, everything has its default.
    pub exists: bool,
    /// What is wrong with it. The last good settings are then in force, and the values below are what it says.
    pub problem: Option<Problem>,
    /// Whether the last change made here can be undone.
    pub can_undo: bool,
    /// Every key, those of a table together.
    pub keys: Vec<KeyView>,
}

/// One key.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "SettingKey"))]
pub struct KeyView {
    /// With its table: `editor.folder`.
    pub name: &'static str,
    /// The table: `editor`.
    pub table: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Which values it takes, in words.
    pub allowed: &'static str,
    /// When a change takes effect.
    pub applies: Applies,
    /// How it is entered.
    pub kind: FieldKind,
    /// The words to choose from, for a choice, and for a word or table.
    pub choices: &'static [&'static str],
    /// What the file says, as it is written there; the default where it says nothing. Null: nothing set, no default.
    #[cfg_attr(
        feature = "ts",
        ts(type = "string | number | boolean | (string | number)[] | Record<string, string> | null")
    )]
    pub value: Json,
    /// What holds when nothing is set; null where there is nothing.
    #[cfg_attr(
        feature = "ts",
        ts(type = "string | number | boolean | (string | number)[] | Record<string, string> | null")
    )]
    pub default: Json,
    /// Whether the file says it.
    pub is_set: bool,
}

/// How a value is entered: [`Kind`] in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are those of Kind")]
pub enum FieldKind {
    Text,
    Number,
    Boolean,
    Choice,
    List,
    Path,
    WordOrTable,
}

pub(super) fn of(file: &Path, can_undo: bool) -> SettingsView {
    let problem = Settings::load(file).err().map(|error| Problem::from(&error));
    // What cannot be read at all shows the defaults, with the problem above them.
    let written = edit::written(file).unwrap_or_default();
    let defaults = Settings::default();
    let view = |key: &'static Key| {
        let default = key.value(&defaults).map_or(Json::Null, |value| from_toml(&value));
        let set = written.get(key.name).map(from_toml);
        KeyView {
            name: key.name,
            table: key.table(),
            label: key.label,
            doc: key.doc,
            allowed: key.allowed,
            applies: key.applies,
            kind: kind(key.kind),
            choices: match key.kind {
                Kind::Choice(choices) | Kind::WordOrTable(choices) => choices,
                _ => &[],
            },
            is_set: set.is_some(),
            value: set.unwrap_or_else(|| default.clone()),
            default,
        }
    };
    SettingsView {
        file: file.display().to_string(),
        exists: file.exists(),
        problem,
        can_undo,
        keys: KEYS.iter().map(view).collect(),
    }
}

fn kind(kind: Kind) -> FieldKind {
    match kind {
        Kind::Text => FieldKind::Text,
        Kind::Number => FieldKind::Number,
        Kind::Boolean => FieldKind::Boolean,
        Kind::Choice(_) => FieldKind::Choice,
        Kind::List => FieldKind::List,
        Kind::Path => FieldKind::Path,
        Kind::WordOrTable(_) => FieldKind::WordOrTable,
    }
}
