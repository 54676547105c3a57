//! Changing one setting in the person's own file, comments and all.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::{KEYS, Settings, SettingsError, files, load};

/// Sets `key`, such as `auth.mode`, in the settings file at `path`, which is created where missing. The rest of the file, comments
/// included, stays as it is; a link is followed and stays a link.
///
/// # Errors
/// The file is not TOML, the result would not be valid, or it cannot be read or written; the file is then unchanged.
pub fn set(path: &Path, key: &str, value: Value) -> Result<Settings, SettingsError> {
    Change::plan(path, |document| assign(document, key, value))?.write()
}

/// Sets several keys at once: the file is valid before and after, and never in between.
///
/// # Errors
/// As [`set`].
pub fn set_all(path: &Path, values: Vec<(&str, Value)>) -> Result<Settings, SettingsError> {
    let assign_all = |document: &mut DocumentMut| {
        for (key, value) in values {
            assign(document, key, value);
        }
    };
    Change::plan(path, assign_all)?.write()
}

/// Removes `key` from the settings file at `path`, so that its default holds.
///
/// # Errors
/// As [`set`].
pub fn unset(path: &Path, key: &str) -> Result<Settings, SettingsError> {
    Change::plan(path, |document| remove(document, key))?.write()
}

/// What [`set`] would give; nothing is written.
///
/// # Errors
/// As [`set`].
pub fn check(path: &Path, key: &str, value: Value) -> Result<Settings, SettingsError> {
    Ok(Change::plan(path, |document| assign(document, key, value))?.settings)
}

/// The keys of [`KEYS`] that stand in the settings file at `path`, with their values as written there, valid or not.
///
/// # Errors
/// The file cannot be read or is not TOML.
pub fn written(path: &Path) -> Result<BTreeMap<&'static str, Value>, SettingsError> {
    let text = load::read(path)?;
    let document = parse(&text, path)?;
    let value = |name: &str| {
        let (tables, key) = name.rsplit_once('.')?;
        let mut table: &dyn TableLike = document.as_table();
        for inner in tables.split('.') {
            table = table.get(inner)?.as_table_like()?;
        }
        table.get(key)?.clone().into_value().ok()
    };
    Ok(KEYS
        .iter()
        .filter_map(|key| Some((key.name, value(key.name)?)))
        .collect())
}

/// The text of the settings file at `path`; `None` when there is no file.
///
/// # Errors
/// The file cannot be read.
pub fn text(path: &Path) -> Result<Option<String>, SettingsError> {
    let text = load::read(path)?;
    Ok((!text.is_empty() || path.exists()).then_some(text))
}

/// Makes `text` the contents of the settings file at `path`; `None` removes the file.
///
/// # Errors
/// The text would not be valid settings, or the file cannot be written or removed; it is then unchanged.
pub fn replace(path: &Path, text: Option<&str>) -> Result<Settings, SettingsError> {
    let file = link_target(path).map_err(|source| unwritable(path, source))?;
    let settings = Settings::parse(text.unwrap_or_default(), &file)?;
    match text {
        Some(text) => write(&file, text),
        None => std::fs::remove_file(&file),
    }
    .map_err(|source| unwritable(&file, source))?;
    Ok(settings)
}

fn assign(document: &mut DocumentMut, key: &str, value: Value) {
    let (tables, name) = table_of(key);
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for inner in tables {
        let item = table.entry(inner).or_insert_with(|| {
            let mut new = Table::new();
            // A table that only holds another needs no line of its own.
            new.set_implicit(true);
            Item::Table(new)
        });
        // Otherwise it is no table, which the check of the result finds.
        let Some(next) = item.as_table_like_mut() else {
            return;
        };
        table = next;
    }
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(present) => {
            let decor = present.decor().clone();
            *present = value;
            *present.decor_mut() = decor;
        }
        // A table of its own line becomes a value.
        None => {
            table.insert(name, Item::Value(value));
        }
    }
}

fn remove(document: &mut DocumentMut, key: &str) {
    let (tables, name) = table_of(key);
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for inner in tables {
        match table.get_mut(inner).and_then(Item::as_table_like_mut) {
            Some(next) => table = next,
            None => return,
        }
    }
    table.remove(name);
}

/// The tables in which a key stands, from the outside in, and its name there. A key that is none of ours is written where the
/// check of the result finds it.
fn table_of(key: &str) -> (impl Iterator<Item = &str>, &str) {
    let known = KEYS.iter().any(|one| one.name == key);
    let split = match known {
        true => key.rsplit_once('.'),
        false => key.split_once('.'),
    };
    let (tables, name) = match split {
        Some((tables, name)) => (Some(tables), name),
        None => (None, key),
    };
    (tables.into_iter().flat_map(|tables| tables.split('.')), name)
}

/// A change that has been checked and not been written.
struct Change {
    file: PathBuf,
    before: String,
    after: String,
    settings: Settings,
}

impl Change {
    fn plan(path: &Path, edit: impl FnOnce(&mut DocumentMut)) -> Result<Change, SettingsError> {
        let file = link_target(path).map_err(|source| unwritable(path, source))?;
        let before = load::read(&file)?;
        let mut document = parse(&before, &file)?;
        edit(&mut document);
        let after = document.to_string();
        let settings = Settings::parse(&after, &file)?;
        Ok(Change {
            file,
            before,
            after,
            settings,
        })
    }

    fn write(self) -> Result<Settings, SettingsError> {
        if self.after != self.before {
            write(&self.file, &self.after).map_err(|source| unwritable(&self.file, source))?;
        }
        Ok(self.settings)
    }
}

fn parse(text: &str, file: &Path) -> Result<DocumentMut, SettingsError> {
    text.parse()
        .map_err(|error| SettingsError::syntax(&error, text, file))
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    match file.parent() {
        // An existing folder may be shared with other programs and stays as it is.
        Some(folder) if !folder.exists() => files::private_dir(folder)?,
        _ => {}
    }
    files::write_private(file, text.as_bytes())
}

/// As many as the kernel follows (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// The file that `path` stands for, which need not exist.
fn link_target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match target.read_link() {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(target), // no link, or nothing there
        }
    }
    Err(io::Error::other("too many links lead to one another"))
}

fn unwritable(file: &Path, source: io::Error) -> SettingsError {
    SettingsError::Unwritable {
        file: file.to_owned(),
        source,
    }
}
