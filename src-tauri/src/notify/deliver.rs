//! Handing a notification to the desktop.

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::Delivery;
#[cfg(target_os = "linux")]
pub(super) use linux::Delivery;

/// The desktop's notification service on the session bus: freedesktop.org, Desktop Notifications Specification 1.3.
#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex, PoisonError};

    use futures_util::StreamExt;
    use tauri::{AppHandle, Runtime};
    use tokio::sync::OnceCell;
    use tracing::debug;
    use zbus::proxy;
    use zbus::zvariant::Value;

    use super::super::Notification;
    use crate::session_bus;
    use crate::window::{self, Page};

    #[proxy(
        interface = "org.freedesktop.Notifications",
        default_service = "org.freedesktop.Notifications",
        default_path = "/org/freedesktop/Notifications",
        gen_blocking = false
    )]
    trait Notifications {
        #[expect(clippy::too_many_arguments, reason = "the service's own method")]
        fn notify(
            &self,
            app_name: &str,
            replaces_id: u32,
            app_icon: &str,
            summary: &str,
            body: &str,
            actions: &[&str],
            hints: HashMap<&str, Value<'_>>,
            expire_timeout: i32,
        ) -> zbus::Result<u32>;

        fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

        #[zbus(signal)]
        fn action_invoked(&self, id: u32, action_key: &str) -> zbus::Result<()>;

        #[zbus(signal)]
        fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
    }

    /// The way to the service, found with the first notification.
    #[derive(Debug, Default)]
    pub(in super::super) struct Delivery {
        service: OnceCell<Service>,
    }

    #[derive(Debug)]
    struct Service {
        proxy: NotificationsProxy<'static>,
        /// What is on the screen, and where a click on it leads.
        shown: Arc<Mutex<HashMap<u32, Page>>>,
    }

    impl Delivery {
        /// # Errors
        /// No session bus, or nobody on it who shows notifications.
        pub(in super::super) async fn send<R: Runtime>(
            &self,
            app: &AppHandle<R>,
            what: &Notification,
        ) -> zbus::Result<()> {
            let service = self.service.get_or_try_init(|| Service::find(app)).await?;
            // Asked each time: another service may have taken over.
            let can = service.proxy.get_capabilities().await?;
            let can = |name: &str| can.iter().any(|capability| capability == name);
            let body = match can("body-markup") {
                true => without_markup(&what.body),
                false => what.body.clone(),
            };
            let actions: &[&str] = match can("actions") {
                true => &["default", "Show"],
                false => &[],
            };
            let urgency: u8 = if what.urgent { 2 } else { 1 };
            let hints = HashMap::from([
                ("urgency", Value::from(urgency)),
                ("desktop-entry", Value::from("doorcode")),
            ]);
            let id = service
                .proxy
                .notify(
                    "Doorcode",
                    0,
                    "doorcode",
                    &what.summary,
                    &body,
                    actions,
                    hints,
                    -1,
                )
                .await?;
            service.shown().insert(id, what.page);
            Ok(())
        }
    }

    impl Service {
        async fn find<R: Runtime>(app: &AppHandle<R>) -> zbus::Result<Service> {
            let service = Service {
                proxy: NotificationsProxy::new(session_bus::connection().await?).await?,
                shown: Arc::default(),
            };
            let mut clicks = service.proxy.receive_action_invoked().await?;
            let mut closed = service.proxy.receive_notification_closed().await?;
            let (app, shown) = (app.clone(), service.shown.clone());
            tokio::spawn(async move {
                loop {
                    tokio::select! {
                        Some(click) = clicks.next() => {
                            let page = click.args().ok().and_then(|args| lock(&shown).get(args.id()).copied());
                            if let Some(page) = page {
                                window::open(&app, page);
                            }
                        }
                        Some(end) = closed.next() => {
                            if let Ok(args) = end.args() {
                                lock(&shown).remove(args.id());
                            }
                        }
                        else => break debug!("notifications cannot be clicked any more"),
                    }
                }
            });
            Ok(service)
        }

        fn shown(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Page>> {
            lock(&self.shown)
        }
    }

    /// A browser's name, or a folder's, is not ours to trust: what it says is shown and not obeyed.
    fn without_markup(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }

    fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// macOS's notification centre, which does not tell of clicks here.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use tauri::{AppHandle, Runtime};

    use super::super::Notification;

    #[derive(Debug, Default)]
    pub(in super::super) struct Delivery;

    impl Delivery {
        /// # Errors
        /// When the notification centre refuses.
        pub(in super::super) async fn send<R: Runtime>(
            &self,
            _app: &AppHandle<R>,
            what: &Notification,
        ) -> Result<(), notify_rust::error::Error> {
            notify_rust::Notification::new()
                .summary(&what.summary)
                .body(&what.body)
                .show()
                .map(drop)
        }
    }
}
