//! A key combination that opens the editor in the browser from anywhere. Off until one is set: hearing it on X11 means
//! looking 20 times a second.

use std::sync::{Mutex, MutexGuard, PoisonError};

use global_hotkey::hotkey::{HotKey, HotKeyParseError};
use global_hotkey::{GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::arguments::Wanted;
use crate::engine_link::EngineLink;
use crate::preferences::Preferences;
use crate::{environment, launch};

/// What the window shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Shortcut {
    /// As in settings.toml; empty for none.
    pub(crate) accelerator: String,
    /// What became of it.
    pub(crate) state: ShortcutState,
    /// Why it does not work, or what to do instead.
    pub(crate) detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub(crate) enum ShortcutState {
    /// None is wanted.
    Unset,
    /// It is heard.
    Active,
    /// This desktop lets no program hear the keys of others.
    Unavailable,
    /// It is taken, or no combination that there is.
    Refused,
}

/// The shortcut, in the application's state.
pub(crate) struct Shortcuts {
    /// Present while something is heard: dropping it ends that.
    heard: Mutex<Option<GlobalHotKeyManager>>,
    shown: Mutex<Shortcut>,
}

/// Hears the shortcut that the preferences name, whichever that is at the time.
pub(crate) fn start(app: &AppHandle, mut preferences: watch::Receiver<Preferences>) {
    let (manager, state, detail) = attempt("");
    app.manage(Shortcuts {
        heard: Mutex::new(manager),
        shown: Mutex::new(Shortcut {
            accelerator: String::new(),
            state,
            detail,
        }),
    });
    let presser = app.clone();
    GlobalHotKeyEvent::set_event_handler(Some(move |event: GlobalHotKeyEvent| {
        if event.state == HotKeyState::Pressed {
            launch::grant(&presser, Wanted::Editor(None));
        }
    }));
    let app = app.clone();
    app.state::<EngineLink>().runtime().clone().spawn(async move {
        loop {
            let wanted = preferences.borrow_and_update().desktop.shortcut.clone();
            let hearer = app.clone();
            // On the main thread, which macOS wants.
            let queued = app.run_on_main_thread(move || hearer.state::<Shortcuts>().hear(&wanted));
            if queued.is_err() || preferences.changed().await.is_err() {
                return;
            }
        }
    });
}

impl Shortcuts {
    /// How it stands with it.
    pub(crate) fn shown(&self) -> Shortcut {
        lock(&self.shown).clone()
    }

    fn hear(&self, accelerator: &str) {
        let mut heard = lock(&self.heard);
        if heard.is_some() && lock(&self.shown).accelerator == accelerator {
            return;
        }
        // The old one first: it may be the same keys in another spelling.
        *heard = None;
        let (manager, state, detail) = attempt(accelerator);
        *heard = manager;
        *lock(&self.shown) = Shortcut {
            accelerator: accelerator.to_owned(),
            state,
            detail,
        };
    }
}

fn attempt(accelerator: &str) -> (Option<GlobalHotKeyManager>, ShortcutState, String) {
    if environment::is_wayland() {
        let instead = "Under Wayland only the desktop itself hears keys everywhere: bind the command `doorcode open` to a \
                       combination in its settings.";
        return (None, ShortcutState::Unavailable, instead.to_owned());
    }
    if accelerator.is_empty() {
        return (None, ShortcutState::Unset, String::new());
    }
    match register(accelerator) {
        Ok(manager) => {
            info!(accelerator, "the shortcut is heard");
            (Some(manager), ShortcutState::Active, String::new())
        }
        Err(error) => {
            warn!(accelerator, %error, "the shortcut cannot be used");
            (None, ShortcutState::Refused, error)
        }
    }
}

fn register(accelerator: &str) -> Result<GlobalHotKeyManager, String> {
    let key: HotKey = accelerator
        .parse()
        .map_err(|error: HotKeyParseError| error.to_string())?;
    let manager = GlobalHotKeyManager::new().map_err(|error| error.to_string())?;
    manager.register(key).map_err(|error| error.to_string())?;
    Ok(manager)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
