//! The menu that the panel shows: made once, then only what differs is changed, because a menu that is made anew while it is
//! open closes or flickers.

use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::{AppHandle, Wry};

use super::face::{Entry, Item};

/// The menu in the panel, and what it shows. To be used on the main thread.
pub(super) struct PanelMenu {
    app: AppHandle,
    menu: Menu<Wry>,
    lines: Vec<Line>,
}

struct Line {
    shows: Item,
    handle: Handle,
}

enum Handle {
    Separator(PredefinedMenuItem<Wry>),
    Plain(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
}

impl PanelMenu {
    /// An empty menu.
    pub(super) fn new(app: &AppHandle) -> tauri::Result<PanelMenu> {
        Ok(PanelMenu {
            app: app.clone(),
            menu: Menu::new(app)?,
            lines: Vec::new(),
        })
    }

    /// What the tray icon is given.
    pub(super) fn handle(&self) -> &Menu<Wry> {
        &self.menu
    }

    /// Makes the menu show `items`.
    pub(super) fn show(&mut self, items: &[Item]) -> tauri::Result<()> {
        for (at, item) in items.iter().enumerate() {
            match self.lines[at..]
                .iter()
                .position(|line| is_same_line(&line.shows, item))
            {
                Some(later) => {
                    self.remove(at, later)?;
                    self.lines[at].update(item)?;
                }
                None => self.insert(at, item)?,
            }
        }
        self.remove(items.len(), self.lines.len() - items.len())
    }

    /// Makes the ticks say again what they said: an entry with a tick changes it by itself when it is chosen, and only how
    /// things are may do that.
    pub(super) fn restore_ticks(&self) -> tauri::Result<()> {
        for line in &self.lines {
            if let (
                Handle::Check(handle),
                Item::Entry(Entry {
                    checked: Some(checked),
                    ..
                }),
            ) = (&line.handle, &line.shows)
            {
                handle.set_checked(*checked)?;
            }
        }
        Ok(())
    }

    fn remove(&mut self, at: usize, count: usize) -> tauri::Result<()> {
        for line in self.lines.drain(at..at + count) {
            self.menu.remove(line.handle.as_item())?;
        }
        Ok(())
    }

    fn insert(&mut self, at: usize, item: &Item) -> tauri::Result<()> {
        let handle = Handle::new(&self.app, item)?;
        self.menu.insert(handle.as_item(), at)?;
        let shows = item.clone();
        self.lines.insert(at, Line { shows, handle });
        Ok(())
    }
}

impl Line {
    fn update(&mut self, item: &Item) -> tauri::Result<()> {
        if let (Item::Entry(before), Item::Entry(now)) = (&self.shows, item) {
            self.handle.update(before, now)?;
        }
        self.shows = item.clone();
        Ok(())
    }
}

impl Handle {
    fn new(app: &AppHandle, item: &Item) -> tauri::Result<Handle> {
        Ok(match item {
            Item::Separator(_) => Handle::Separator(PredefinedMenuItem::separator(app)?),
            Item::Entry(entry) => {
                let (id, text) = (entry.id.as_str(), plain(&entry.label));
                match entry.checked {
                    None => Handle::Plain(MenuItem::with_id(app, id, text, entry.enabled, NO_KEYS)?),
                    Some(checked) => Handle::Check(CheckMenuItem::with_id(
                        app,
                        id,
                        text,
                        entry.enabled,
                        checked,
                        NO_KEYS,
                    )?),
                }
            }
        })
    }

    fn as_item(&self) -> &dyn IsMenuItem<Wry> {
        match self {
            Handle::Separator(item) => item,
            Handle::Plain(item) => item,
            Handle::Check(item) => item,
        }
    }

    fn update(&self, before: &Entry, now: &Entry) -> tauri::Result<()> {
        if before.label != now.label {
            match self {
                Handle::Plain(item) => item.set_text(plain(&now.label))?,
                Handle::Check(item) => item.set_text(plain(&now.label))?,
                Handle::Separator(_) => {}
            }
        }
        if before.enabled != now.enabled {
            match self {
                Handle::Plain(item) => item.set_enabled(now.enabled)?,
                Handle::Check(item) => item.set_enabled(now.enabled)?,
                Handle::Separator(_) => {}
            }
        }
        match (self, now.checked) {
            (Handle::Check(item), Some(checked)) if before.checked != now.checked => {
                item.set_checked(checked)
            }
            _ => Ok(()),
        }
    }
}

/// The tray's entries have no keys of their own.
const NO_KEYS: Option<&str> = None;

fn is_same_line(one: &Item, other: &Item) -> bool {
    match (one, other) {
        (Item::Separator(one), Item::Separator(other)) => one == other,
        (Item::Entry(one), Item::Entry(other)) => one.id == other.id,
        _ => false,
    }
}

/// In a menu's text an ampersand marks the letter after it; two are one that is shown.
fn plain(label: &str) -> String {
    label.replace('&', "&&")
}
