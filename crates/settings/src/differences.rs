//! What a change of settings means for what is running.

use serde::Serialize;

use crate::{KEYS, Settings};

/// A key whose value has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// With its table: `auth.mode`.
    pub key: &'static str,
    /// What it takes for the change to hold.
    pub applies: Applies,
}

/// When a changed setting takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// At once, without dropping a connection.
    Live,
    /// When the editor is started again.
    RestartEditor,
    /// When the engine is started again.
    RestartEngine,
}

/// The keys that differ, in the order of [`KEYS`].
pub fn differences(old: &Settings, new: &Settings) -> Vec<Difference> {
    let shown = |settings, write: fn(&Settings) -> Option<toml_edit::Value>| {
        write(settings).map(|value| value.to_string())
    };
    let changed = KEYS
        .iter()
        .filter(|key| shown(old, key.write) != shown(new, key.write));
    let mut found: Vec<_> = changed
        .map(|key| Difference {
            key: key.name,
            applies: key.applies,
        })
        .collect();
    // code-server is started without its proxy while no port is allowed. The other way round, the gateway refuses at once.
    if old.ports.allow.is_empty() && !new.ports.allow.is_empty() {
        for difference in found
            .iter_mut()
            .filter(|difference| difference.key == "ports.allow")
        {
            difference.applies = Applies::RestartEditor;
        }
    }
    found
}
