//! The control socket's server: reads requests, hands each to the engine, writes the answer.

use std::path::Path;
use std::time::Duration;

use doorcode_settings::Problem;
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::codec::{FramedRead, LinesCodec};
use tracing::{debug, warn};

use super::protocol::{Reply, Request};

/// A request on its way to the engine, with the place for its answer.
pub(crate) struct Incoming {
    pub(crate) request: Request,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// No request is longer: the largest carries a password or a path.
const LONGEST_LINE: usize = 16 * 1024;

/// How often a watcher gets figures (memory, connections) that change without an event.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Listens at `path` (in the 0700 runtime directory, mode 0600) and serves until the returned task is aborted.
///
/// A socket file that is there is a leftover: the caller holds the engine's lock.
///
/// # Errors
/// When the socket cannot be made.
pub(crate) fn serve(
    path: &Path,
    engine: mpsc::Sender<Incoming>,
    changed: watch::Receiver<u64>,
) -> std::io::Result<tokio::task::JoinHandle<()>> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(converse(stream, engine.clone(), changed.clone()));
                }
                Err(error) => {
                    warn!(%error, "the control socket did not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }))
}

async fn converse(stream: UnixStream, engine: mpsc::Sender<Incoming>, mut changed: watch::Receiver<u64>) {
    if !is_ours(&stream) {
        return;
    }
    let (read, mut write) = stream.into_split();
    let mut lines = FramedRead::new(read, LinesCodec::new_with_max_length(LONGEST_LINE));
    while let Some(Ok(line)) = lines.next().await {
        let sent = match serde_json::from_str::<Request>(&line) {
            Ok(Request::Watch) => watch_status(&engine, &mut changed, &mut lines, &mut write).await,
            Ok(request) => send(&mut write, &ask(&engine, request).await).await,
            Err(error) => send(&mut write, &Reply::Problem(not_understood(&error))).await,
        };
        if let Err(error) = sent {
            debug!(%error, "a control client went away");
            return;
        }
    }
}

/// Sends the status now and whenever it differs, until the client hangs up.
async fn watch_status(
    engine: &mpsc::Sender<Incoming>,
    changed: &mut watch::Receiver<u64>,
    lines: &mut FramedRead<tokio::net::unix::OwnedReadHalf, LinesCodec>,
    write: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let mut last = Vec::new();
    loop {
        changed.mark_unchanged();
        let reply = ask(engine, Request::Status).await;
        let line = serde_json::to_vec(&reply)?;
        if line != last {
            send(write, &reply).await?;
            last = line;
        }
        tokio::select! {
            end = changed.changed() => if end.is_err() { return Ok(()) },
            () = tokio::time::sleep(WATCH_INTERVAL) => {}
            _ = lines.next() => return Err(std::io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

async fn ask(engine: &mpsc::Sender<Incoming>, request: Request) -> Reply {
    let ending = || {
        Reply::Problem(Problem::new(
            "engine_ending",
            "the engine is ending",
            "doorcode status",
        ))
    };
    let (reply, answer) = oneshot::channel();
    if engine.send(Incoming { request, reply }).await.is_err() {
        return ending();
    }
    answer.await.unwrap_or_else(|_| ending())
}

async fn send(write: &mut OwnedWriteHalf, reply: &Reply) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    write.write_all(&line).await
}

/// The folder's mode keeps everybody else out; this is the second lock on the same door.
fn is_ours(stream: &UnixStream) -> bool {
    let own = nix::unistd::geteuid().as_raw();
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == own => true,
        Ok(peer) => {
            warn!(uid = peer.uid(), "refused a control connection of another user");
            false
        }
        Err(error) => {
            warn!(%error, "refused a control connection of an unknown user");
            false
        }
    }
}

fn not_understood(error: &serde_json::Error) -> Problem {
    Problem::new(
        "control_protocol",
        format!("the engine does not understand that request: {error}"),
        "use the `doorcode` that belongs to the running engine: doorcode --version",
    )
}
