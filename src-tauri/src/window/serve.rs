//! What the tray's process does for the window.

use doorcode_actions::{control, password};
use doorcode_settings::Problem;
use serde::Serialize;
use serde_json::Value as Json;
use tauri::{AppHandle, Manager, Runtime};
use zeroize::Zeroizing;

use super::channel::Asked;
use crate::autostart::Autostart;
use crate::clipboard::Clipboard;
use crate::commands::Desktop;
use crate::engine_link::EngineLink;
use crate::{launch, quit};

/// Does it. What the page says has been checked in the window's process; what an engine or a file says is checked here.
///
/// # Errors
/// Why it was not done.
pub(super) async fn answer<R: Runtime>(app: &AppHandle<R>, asked: Asked) -> Result<Json, Problem> {
    let link = app.state::<EngineLink>().inner().clone();
    match asked {
        Asked::Host => link.host().await.map(nothing),
        Asked::HostAnew => link.host_anew().await.map(nothing),
        Asked::OpenEditor { host, folder } => launch::open_editor(app, host, folder).await.map(nothing),
        Asked::Copy(text) => app.state::<Clipboard>().copy(text).await.map(nothing),
        Asked::CopyPassword => copy_password(app, &link).await.map(nothing),
        Asked::Desktop => Ok(value(&Desktop::of(app).await?)),
        Asked::SetAutostart(enabled) => app.state::<Autostart>().set(app, enabled).await.map(nothing),
        Asked::Quit => {
            quit::quit(app);
            Ok(Json::Null)
        }
    }
}

async fn copy_password<R: Runtime>(app: &AppHandle<R>, link: &EngineLink) -> Result<(), Problem> {
    match password::show(link.paths()).await?.password {
        Some(password) => {
            app.state::<Clipboard>()
                .copy_secret(Zeroizing::new(password))
                .await
        }
        None => Err(control::unexpected()),
    }
}

fn nothing(_done: ()) -> Json {
    Json::Null
}

fn value(told: &impl Serialize) -> Json {
    serde_json::to_value(told).expect("our own types, whose maps have text as keys, are JSON")
}
