//! The part of settings.toml that belongs to a recipe.

use doorcode_settings::{KEYS, Settings};

use crate::plan::Plan;

/// `auth.mode` and everything under `auth.trusted_proxy` that is set.
pub(crate) fn of(settings: &Settings) -> String {
    keys(settings, |name| {
        name == "auth.mode" || name.starts_with("auth.trusted_proxy.")
    })
}

/// The keys that `wanted` picks, where they differ from what holds without them, under their tables.
pub(crate) fn keys(settings: &Settings, wanted: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let mut table = "";
    for key in KEYS.iter().filter(|key| wanted(key.name)) {
        let Some(mut value) = key.value(settings) else {
            continue;
        };
        value.decor_mut().clear();
        let value = value.to_string();
        if key.default().is_some_and(|default| default.trim() == value) {
            continue;
        }
        if key.table() != table {
            table = key.table();
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}[{table}]\n"));
        }
        text.push_str(&format!("{} = {value}\n", key.short_name()));
    }
    text
}

/// The table as the end of a recipe. `#` begins a comment in each of their formats.
pub(crate) fn as_comment(plan: &Plan) -> String {
    let file = "$(doorcode settings path)";
    let mut text = if plan.in_force {
        format!("# The settings that belong to it are in force already ({file}):\n#\n")
    } else {
        format!(
            "# The settings that belong to it, for {file}. Without the # signs:\n\
             #   doorcode recipe {} --settings-table, with the same options\n#\n",
            plan.recipe.as_str()
        )
    };
    for line in plan.table.lines() {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    text
}
