//! The tray: [`face`] says what it shows, [`menu`] and this file make the panel show it, [`actions`] does what is chosen.

mod actions;
mod face;
mod host;
mod menu;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tauri::image::Image;
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Runtime, Wry, include_image};
use tokio::sync::{Notify, watch};
use tracing::{info, warn};

use crate::autostart::Autostart;
use crate::engine_link::EngineLink;
use crate::launch;
use face::{Face, Icon, Surroundings};
use menu::PanelMenu;

/// What the panel knows the icon by.
const ID: &str = "doorcode";
/// A panel that has just begun may not take icons yet.
const RETRY: Duration = Duration::from_secs(2);

/// The tray, in the application's state.
pub(crate) struct Tray {
    panel: Mutex<Panel>,
    /// Whether the desktop has a place for the icon.
    hosted: watch::Receiver<bool>,
    /// Something that the tray shows has changed, other than the snapshot.
    changed: Notify,
}

/// What stands in the panel. Changed on the main thread only.
struct Panel {
    menu: PanelMenu,
    icon: Option<TrayIcon<Wry>>,
    shows: Option<Face>,
}

/// Shows the tray as soon as there is a place for it, and keeps it true.
///
/// # Errors
/// When not even an empty menu can be made.
pub(crate) fn start(app: &AppHandle) -> tauri::Result<()> {
    let link = app.state::<EngineLink>().inner().clone();
    let panel = Panel {
        menu: PanelMenu::new(app)?,
        icon: None,
        shows: None,
    };
    app.manage(Tray {
        panel: Mutex::new(panel),
        hosted: host::watch(link.runtime()),
        changed: Notify::new(),
    });
    app.on_menu_event(|app, event| chosen(app, event.id().as_ref()));
    link.runtime().spawn(keep_true(app.clone(), link.clone()));
    Ok(())
}

/// Whether there is a tray to work from.
pub(crate) fn is_shown<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.try_state::<Tray>()
        .is_some_and(|tray| *tray.hosted.borrow() && tray.panel().icon.is_some())
}

/// Makes the tray look again at what is not in the snapshot.
pub(crate) fn refresh<R: Runtime>(app: &AppHandle<R>) {
    if let Some(tray) = app.try_state::<Tray>() {
        tray.changed.notify_one();
    }
}

async fn keep_true(app: AppHandle, link: EngineLink) {
    let tray = app.state::<Tray>();
    let mut snapshots = link.subscribe();
    let mut hosted = tray.hosted.clone();
    let mut shown = None;
    loop {
        let snapshot = snapshots.borrow_and_update().clone();
        let around = Surroundings {
            autostart: app.state::<Autostart>().was_enabled(),
            home: std::env::home_dir(),
        };
        let wanted = (Face::of(&snapshot, &around), *hosted.borrow_and_update());
        // The main thread is woken up only for something to show.
        if shown.as_ref() != Some(&wanted) {
            shown = Some(wanted.clone());
            if let Err(error) = show(&app, wanted) {
                info!(%error, "the application is ending, so is the tray");
                return;
            }
        }
        tokio::select! {
            changed = snapshots.changed() => if changed.is_err() { return },
            Ok(()) = hosted.changed() => {}
            () = tray.changed.notified() => shown = None,
        }
    }
}

fn show(app: &AppHandle, (face, is_hosted): (Face, bool)) -> tauri::Result<()> {
    let shower = app.clone();
    app.run_on_main_thread(move || {
        let tray = shower.state::<Tray>();
        if let Err(error) = tray.panel().show(&shower, face, is_hosted) {
            warn!(%error, "the tray does not show how things are; once more in a moment");
            let link = shower.state::<EngineLink>().inner().clone();
            let shower = shower.clone();
            link.runtime().spawn(async move {
                tokio::time::sleep(RETRY).await;
                refresh(&shower);
            });
        }
    })
}

fn chosen(app: &AppHandle, id: &str) {
    let tray = app.state::<Tray>();
    let action = {
        let panel = tray.panel();
        if let Err(error) = panel.menu.restore_ticks() {
            warn!(%error, "the ticks in the tray's menu may be wrong");
        }
        panel.shows.as_ref().and_then(|face| face.action(id).cloned())
    };
    if let Some(action) = action {
        actions::perform(app, action);
    }
}

impl Tray {
    fn panel(&self) -> MutexGuard<'_, Panel> {
        self.panel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Panel {
    fn show(&mut self, app: &AppHandle, face: Face, is_hosted: bool) -> tauri::Result<()> {
        if self.shows.as_ref() != Some(&face) {
            self.menu.show(&face.menu)?;
            if let (Some(icon), Some(before)) = (&self.icon, &self.shows) {
                if before.icon != face.icon {
                    icon.set_icon(Some(picture(face.icon)))?;
                }
                if before.tooltip != face.tooltip {
                    icon.set_tooltip(Some(&face.tooltip))?;
                }
            }
            self.shows = Some(face);
        }
        if let (None, true, Some(face)) = (&self.icon, is_hosted, &self.shows) {
            self.icon = Some(build(app, &self.menu, face)?);
            info!("the tray is there");
        }
        Ok(())
    }
}

/// Once built it follows the panel by itself when that ends and comes again.
fn build(app: &AppHandle, menu: &PanelMenu, face: &Face) -> tauri::Result<TrayIcon<Wry>> {
    TrayIconBuilder::with_id(ID)
        .title("Doorcode")
        .tooltip(&face.tooltip)
        .icon(picture(face.icon))
        .menu(menu.handle())
        .show_menu_on_left_click(false)
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                launch::show_window(icon.app_handle());
            }
        })
        .build(app)
}

/// Panels scale it: 44 pixels are twice the 22 of most, and enough for a screen of double density.
fn picture(icon: Icon) -> Image<'static> {
    match icon {
        Icon::Stopped => include_image!("icons/tray/stopped-44.png"),
        Icon::Starting => include_image!("icons/tray/starting-44.png"),
        Icon::Running => include_image!("icons/tray/running-44.png"),
        Icon::Attention => include_image!("icons/tray/attention-44.png"),
        Icon::Failed => include_image!("icons/tray/failed-44.png"),
    }
}
