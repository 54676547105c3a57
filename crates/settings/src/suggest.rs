//! What somebody probably meant.

use crate::{KEYS, Key};

/// A hint for an unknown key of a known table.
pub(crate) fn key(table: &str, name: &str) -> Option<String> {
    let here = KEYS
        .iter()
        .filter(|key| key.table() == table)
        .map(Key::short_name);
    if let Some(close) = closest(name, here) {
        return Some(format!("did you mean {close}?"));
    }
    let elsewhere = KEYS.iter().find(|key| key.short_name() == name)?;
    Some(format!("it belongs under [{}]", elsewhere.table()))
}

/// A hint for an unknown table.
pub(crate) fn table(name: &str) -> Option<String> {
    if let Some(close) = closest(name, KEYS.iter().map(Key::table)) {
        return Some(format!("did you mean [{close}]?"));
    }
    let key = KEYS.iter().find(|key| key.short_name() == name)?;
    Some(format!("it belongs under [{}]", key.table()))
}

/// The nearest name, if no more than a third of its letters differ from `written`.
fn closest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, name) = names
        .map(|name| (distance(written, name), name))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len().div_ceil(3)).then_some(name)
}

/// Letters to insert, remove or replace (Levenshtein), in bytes.
fn distance(from: &str, to: &str) -> usize {
    let mut previous: Vec<usize> = (0..=to.len()).collect();
    for (row, left) in from.bytes().enumerate() {
        let mut current = vec![row + 1];
        for (column, right) in to.bytes().enumerate() {
            let replaced = previous[column] + usize::from(left != right);
            current.push(replaced.min(previous[column + 1] + 1).min(current[column] + 1));
        }
        previous = current;
    }
    previous[to.len()]
}
