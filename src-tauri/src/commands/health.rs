//! The health of the connection: what the engine knows, checking it now, and freeing memory.

use doorcode_actions::control;
use doorcode_engine::{HealthView, Reply, Request};
use doorcode_gateway::ConnectionView;
use doorcode_health::Report;
use doorcode_settings::Problem;
use serde::Serialize;
use tauri::{State, Url};

use super::Answer;
use crate::engine_link::EngineLink;

/// The longest address that is tried; browsers take no longer ones everywhere.
const LONGEST_URL: usize = 2048;

/// What was freed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Freed {
    /// How many processes ended.
    processes: usize,
    /// What they had used.
    #[cfg_attr(test, ts(type = "number"))]
    bytes: u64,
}

/// The last report, the latency, the last 24 hours, and the memory that could be freed.
#[tauri::command]
pub(crate) async fn health(link: State<'_, EngineLink>) -> Answer<Box<HealthView>> {
    match link.ask(Request::Health).await? {
        Reply::Health(view) => Ok(view),
        _ => Err(control::unexpected()),
    }
}

/// Tries every link now; with `url`, also that public address from outside in.
#[tauri::command]
pub(crate) async fn check_health(url: Option<String>, link: State<'_, EngineLink>) -> Answer<Box<Report>> {
    let url = url.map(|url| public_url(&url)).transpose()?;
    match link.ask(Request::Doctor { url }).await? {
        Reply::Doctor(report) => Ok(report),
        _ => Err(control::unexpected()),
    }
}

/// What is connected to the door.
#[tauri::command]
pub(crate) async fn connections(link: State<'_, EngineLink>) -> Answer<Vec<ConnectionView>> {
    match link.ask(Request::Connections).await? {
        Reply::Connections { connections } => Ok(connections),
        _ => Err(control::unexpected()),
    }
}

/// Ends the extension hosts of closed tabs; terminals are not touched.
#[tauri::command]
pub(crate) async fn free_memory(link: State<'_, EngineLink>) -> Answer<Freed> {
    match link.ask(Request::FreeMemory).await? {
        Reply::Freed { processes, bytes } => Ok(Freed { processes, bytes }),
        _ => Err(control::unexpected()),
    }
}

/// An https address without a name or a password in it, which would end up in the evidence.
fn public_url(text: &str) -> Answer<String> {
    let parsed: Option<Url> = text.parse().ok().filter(|_| text.len() <= LONGEST_URL);
    match parsed {
        Some(url)
            if url.scheme() == "https"
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none() =>
        {
            Ok(url.into())
        }
        _ => Err(Problem::new(
            "url_invalid",
            "this is no https address of a host",
            "give one such as https://code.example.com",
        )),
    }
}
