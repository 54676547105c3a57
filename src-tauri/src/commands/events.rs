//! What happens at the engine, told while somebody looks.

use std::sync::{Mutex, PoisonError};

use doorcode_actions::control;
use doorcode_engine::{Client, ClientError, Reply, Request};
use doorcode_settings::Problem;
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Runtime, State};

use super::Answer;
use crate::engine_link::EngineLink;
use crate::window;

/// The event that tells the page.
const EVENT: &str = "happening";

/// Whoever listens to the engine's events; one, as the window shows them once.
#[derive(Debug, Default)]
pub(crate) struct OpenEvents(Mutex<Option<JoinHandle<()>>>);

impl OpenEvents {
    fn replace(&self, listener: Option<JoinHandle<()>>) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *slot, listener) {
            before.abort();
        }
    }

    /// Listens no more.
    pub(crate) fn close(&self) {
        self.replace(None);
    }
}

/// The event `happening` tells of everything that happens from now on, until `events_close`, or the engine's end.
#[tauri::command]
pub(crate) async fn events_open<R: Runtime>(
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    open: State<'_, OpenEvents>,
) -> Answer<()> {
    open.close();
    let mut client = control::connect(link.paths())
        .await?
        .ok_or_else(|| Problem::from(&ClientError::NotRunning))?;
    // Once it is answered, nothing is missed.
    match control::ask_over(&mut client, &Request::Events).await? {
        Reply::Done => {}
        _ => return Err(control::unexpected()),
    }
    open.replace(Some(tauri::async_runtime::spawn(tell(app.clone(), client))));
    if !window::is_open(&app) {
        open.close(); // It has closed meanwhile.
    }
    Ok(())
}

/// Listens no more.
#[tauri::command]
pub(crate) fn events_close(open: State<'_, OpenEvents>) {
    open.close();
}

/// Tells the window. Sleeps while nothing happens.
async fn tell<R: Runtime>(app: AppHandle<R>, mut client: Client) {
    while let Ok(Reply::Event(event)) = client.next().await {
        window::tell(&app, EVENT, event);
    }
}
