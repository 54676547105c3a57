//! Settings as a file that people can read.

use toml_edit::Value;

use crate::{KEYS, Settings};

impl Settings {
    /// A complete `settings.toml`: every key with its value, and what it means as a comment. [`Settings::parse`] gives the same settings back.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let mut table = "";
        for key in KEYS {
            if key.table() != table {
                table = key.table();
                let gap = if text.is_empty() { "" } else { "\n" };
                text.push_str(&format!("{gap}[{table}]\n"));
            }
            text.push_str(&format!("# {}\n", key.doc));
            text.push_str(&format!("# Takes {}.\n", key.allowed));
            let assignment = match (key.write)(self) {
                Some(value) => format!("{} = {}\n", key.short_name(), bare(value)),
                None => format!("# {} = \"…\"\n", key.short_name()),
            };
            text.push_str(&assignment);
        }
        text
    }
}

/// The value without the spaces that its document would put around it.
fn bare(mut value: Value) -> String {
    value.decor_mut().clear();
    value.to_string()
}
