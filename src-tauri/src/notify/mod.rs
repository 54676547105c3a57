//! Telling people unasked: [`news`] says what is worth it, [`deliver`] hands it to the desktop.

mod deliver;
mod news;
mod words;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use doorcode_actions::trust::default_browser_warning;
use doorcode_engine::{Reply, Request};
use doorcode_settings::{HostName, Paths, Problem};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::watch;
use tracing::{debug, warn};

use crate::engine_link::{EngineLink, Snapshot};
use crate::preferences::Preferences;
use crate::window::{self, Page};
use deliver::Delivery;
use news::{Devices, News};

/// What is told, in the application's state.
pub(crate) struct Notify {
    delivery: Delivery,
    devices: Mutex<Devices>,
    /// Of a browser that does not trust the certificate.
    has_warned: AtomicBool,
}

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Notification {
    summary: String,
    body: String,
    /// What a click leads to.
    page: Page,
    /// Whether it stays until somebody has seen it.
    urgent: bool,
}

/// Tells of what happens from now on, as far as the preferences want it told.
pub(crate) fn start(app: &AppHandle, preferences: watch::Receiver<Preferences>) {
    app.manage(Notify {
        delivery: Delivery::default(),
        devices: Mutex::new(Devices::default()),
        has_warned: AtomicBool::new(false),
    });
    let link = app.state::<EngineLink>().inner().clone();
    let runtime = link.runtime().clone();
    runtime.spawn(tell(app.clone(), link, preferences));
}

/// The next sign-in by link from this machine is this program's own doing, and nothing to be told.
pub(crate) fn expect_own_sign_in<R: Runtime>(app: &AppHandle<R>) {
    if let Some(notify) = app.try_state::<Notify>() {
        notify.devices().expect_own();
    }
}

/// Says that what a person wanted did not happen: as a notification, else by showing the page about it.
pub(crate) async fn tell_problem(app: &AppHandle, problem: &Problem, page: Page) {
    warn!(code = problem.code, "{}", problem.message);
    let delivered = app
        .state::<Notify>()
        .delivery
        .send(app, &words::of_problem(problem, page))
        .await;
    if let Err(error) = delivered {
        debug!(%error, "this desktop shows no notifications");
        window::open(app, page);
    }
}

/// Says once that the default browser will warn, where it does not trust `host`, or the first one: whoever goes on without
/// trust knows by then.
pub(crate) async fn warn_of_browser<R: Runtime>(app: &AppHandle<R>, paths: &Paths, host: Option<HostName>) {
    let Some(notify) = app.try_state::<Notify>() else {
        return;
    };
    if notify.has_warned.load(Ordering::Relaxed) {
        return;
    }
    let Some(warning) = default_browser_warning(paths, host).await else {
        return;
    };
    notify.has_warned.store(true, Ordering::Relaxed);
    warn!(code = warning.code, "{}", warning.message);
    if let Err(error) = notify.delivery.send(app, &words::of_browser(&warning)).await {
        debug!(%error, "this desktop shows no notifications");
    }
}

async fn tell(app: AppHandle, link: EngineLink, preferences: watch::Receiver<Preferences>) {
    let notify = app.state::<Notify>();
    let mut snapshots = link.subscribe();
    let mut before = snapshots.borrow_and_update().clone();
    while snapshots.changed().await.is_ok() {
        let now = snapshots.borrow_and_update().clone();
        let mut news = news::between(&before, &now);
        news.extend(notify.new_devices(&link, &before, &now).await);
        for news in news {
            if !news.is_wanted(&preferences.borrow().notifications) {
                continue;
            }
            if let Err(error) = notify.delivery.send(&app, &words::of_news(&news)).await {
                debug!(%error, "this desktop shows no notifications");
            }
        }
        before = now;
    }
}

impl Notify {
    /// Who has signed in between two moments.
    async fn new_devices(&self, link: &EngineLink, before: &Snapshot, now: &Snapshot) -> Vec<News> {
        let (is_new_engine, anybody) = news::sign_ins(before, now);
        if !is_new_engine && !anybody {
            return Vec::new();
        }
        let Ok(Reply::Sessions { sessions }) = link.ask(Request::SessionsList).await else {
            return Vec::new();
        };
        let mut devices = self.devices();
        if is_new_engine {
            devices.know(&sessions);
        }
        devices.new_among(&sessions)
    }

    fn devices(&self) -> std::sync::MutexGuard<'_, Devices> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
