//! What goes between the tray's process and the window's: one JSON object a line, over a socket that has no name and that the
//! window's process is given as its standard input. So nothing of it is in an argument or the environment, and no other
//! process can speak on it.

use std::io;
use std::path::PathBuf;

use doorcode_settings::{HostName, Problem};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::codec::{FramedRead, LinesCodec};
use tracing::warn;

use super::Page;
use crate::engine_link::Snapshot;

/// The longest line, in bytes: a text to copy, each byte of it written as an escape.
const LONGEST: usize = 1 << 20;

/// What the tray tells the window.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToWindow {
    /// How things are. The first line is one of these.
    Snapshot(Box<Snapshot>),
    /// Show yourself, with this page in front.
    Show(Page),
    /// The answer to the question of this number.
    Answer { id: u64, answer: Result<Json, Problem> },
}

/// What the window tells the tray.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToTray {
    /// A `show` has been heard, and the window is there.
    Shown,
    /// Please do this.
    Ask { id: u64, asked: Asked },
}

/// What only the tray's process can do, because it must outlive the window or is about the tray itself.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// See to it that an engine runs.
    Host,
    /// End the engine of the tray's process and start a new one.
    HostAnew,
    /// Open the editor in the browser: its sign-in is our own doing, and not to be told as somebody else's.
    OpenEditor {
        /// The first one if none is named.
        host: Option<HostName>,
        /// The configured one if none is named.
        folder: Option<PathBuf>,
    },
    /// Copy this: what was copied is lost with the process that copied it.
    Copy(String),
    /// Copy the password, and take it away again after a while.
    CopyPassword,
    /// Say how it stands with the tray, the start at login and the shortcut.
    Desktop,
    /// Start at login, or do not.
    SetAutostart(bool),
    /// Quit, all of it.
    Quit,
}

/// One end's lines, as they come.
pub(super) struct Reader(FramedRead<OwnedReadHalf, LinesCodec>);

impl Reader {
    pub(super) fn new(half: OwnedReadHalf) -> Reader {
        Reader(FramedRead::new(half, LinesCodec::new_with_max_length(LONGEST)))
    }

    /// The next message; `None` when there will be no more: the other process has ended, or what it says makes no sense.
    /// May be dropped before it is ready without losing anything.
    pub(super) async fn next<M: DeserializeOwned>(&mut self) -> Option<M> {
        let line = match self.0.next().await? {
            Ok(line) => line,
            Err(error) => {
                warn!(%error, "the other process of this program cannot be heard any more");
                return None;
            }
        };
        serde_json::from_str(&line)
            .inspect_err(|error| warn!(%error, "the other process of this program is not understood"))
            .ok()
    }
}

/// Sends a message.
///
/// # Errors
/// The other process has ended.
pub(super) async fn write(half: &mut OwnedWriteHalf, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    half.write_all(&line).await
}
