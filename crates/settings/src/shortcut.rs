//! Keys that are pressed together.

use toml_edit::Value;

use crate::values::{self, Wrong};

/// `Ctrl+Alt+D`, `Super+F5`: names and order as Tauri's global shortcuts take them; empty for none.
///
/// A key alone, or with Shift only, would be taken away from everything people type.
pub(crate) fn shortcut(value: &Value) -> Result<String, Wrong> {
    let text = values::text(value)?;
    if text.is_empty() {
        return Ok(String::new());
    }
    let mut modifiers: Vec<&str> = text.split('+').map(str::trim).collect();
    let key = modifiers.pop().unwrap_or_default();
    if !is_key(key) {
        return Err(Wrong::because(value, format!("{key:?} is not a key")));
    }
    if let Some(unknown) = modifiers.iter().find(|name| !is_one_of(name, MODIFIERS)) {
        return Err(Wrong::because(value, format!("{unknown:?} is not a modifier")));
    }
    if modifiers.iter().all(|name| is_one_of(name, &["shift"])) {
        let what = "without Ctrl, Alt or Super it would be typed by accident";
        return Err(Wrong::because(value, what));
    }
    Ok(text.to_owned())
}

const MODIFIERS: &[&str] = &[
    "ctrl",
    "control",
    "alt",
    "option",
    "shift",
    "super",
    "meta",
    "cmd",
    "command",
    "cmdorctrl",
    "commandorcontrol",
];

const NAMED: &[&str] = &[
    "space",
    "tab",
    "enter",
    "escape",
    "backspace",
    "delete",
    "insert",
    "home",
    "end",
    "pageup",
    "pagedown",
    "up",
    "down",
    "left",
    "right",
];

fn is_key(name: &str) -> bool {
    let single = name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    single || is_function_key(name) || is_one_of(name, NAMED)
}

/// F1 to F24.
fn is_function_key(name: &str) -> bool {
    let number = name
        .strip_prefix(['F', 'f'])
        .filter(|digits| !digits.starts_with(['0', '+']));
    number
        .and_then(|digits| digits.parse().ok())
        .is_some_and(|number: u8| (1..=24).contains(&number))
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_pressed_is_taken() {
        for text in [
            "",
            "Ctrl+Alt+D",
            "ctrl + shift + 1",
            "Super+F24",
            "CmdOrCtrl+Space",
            "Alt+PageUp",
        ] {
            let taken = shortcut(&text.into()).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
            assert_eq!(taken, text);
        }
    }

    #[test]
    fn what_cannot_or_must_not_be_pressed_is_refused() {
        for text in [
            "D",
            "Shift+D",
            "Ctrl+",
            "+",
            "Ctrl",
            "Ctrl+D+Alt",
            "Ctrl+F25",
            "Ctrl+F0",
            "Ctrl+F+1",
            "Hyper+D",
            "Ctrl+ä",
        ] {
            assert!(shortcut(&text.into()).is_err(), "{text}");
        }
    }
}
