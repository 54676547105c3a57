//! The control socket's server: reads requests, hands each to the engine, writes the answer.

use std::path::Path;
use std::time::Duration;

use doorcode_settings::Problem;
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::protocol::{Reply, Request};
use crate::live::EventBus;

/// A request on its way to the engine, with the place for its answer.
pub(crate) struct Incoming {
    pub(crate) request: Request,
    pub(crate) reply: oneshot::Sender<Reply>,
    /// Cancelled when the client that asked has hung up.
    pub(crate) gone: CancellationToken,
}

/// No request is longer: the largest carries a password or a path.
const LONGEST_LINE: usize = 16 * 1024;

/// How often a watcher gets what changes without an event: memory, days left, an attack that is over, a log that cannot be
/// written.
const WATCH_INTERVAL: Duration = Duration::from_secs(60);
/// How often, at most, a watcher hears of the gateway, where connections come and go by the thousand.
const NEWS_INTERVAL: Duration = Duration::from_secs(1);

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
    news: watch::Receiver<()>,
    events: EventBus,
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
                    let changes = Changes {
                        engine: changed.clone(),
                        gateway: news.clone(),
                    };
                    tokio::spawn(converse(stream, engine.clone(), changes, events.clone()));
                }
                Err(error) => {
                    warn!(%error, "the control socket did not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }))
}

/// What a watcher is woken up by.
struct Changes {
    engine: watch::Receiver<u64>,
    gateway: watch::Receiver<()>,
}

impl Changes {
    /// Waits until there may be something new to say; false when the engine is gone.
    async fn wait(&mut self, last_told: Instant) -> bool {
        let gateway = async {
            let changed = self.gateway.changed().await;
            tokio::time::sleep_until(last_told + NEWS_INTERVAL).await;
            changed
        };
        tokio::select! {
            changed = self.engine.changed() => changed.is_ok(),
            changed = gateway => changed.is_ok(),
            () = tokio::time::sleep(WATCH_INTERVAL) => true,
        }
    }

    fn mark_seen(&mut self) {
        self.engine.mark_unchanged();
        self.gateway.mark_unchanged();
    }
}

async fn converse(
    stream: UnixStream,
    engine: mpsc::Sender<Incoming>,
    mut changes: Changes,
    events: EventBus,
) {
    if !is_ours(&stream) {
        return;
    }
    let gone = CancellationToken::new();
    let _gone = gone.clone().drop_guard();
    let (read, mut write) = stream.into_split();
    let mut lines = FramedRead::new(read, LinesCodec::new_with_max_length(LONGEST_LINE));
    while let Some(Ok(line)) = lines.next().await {
        let sent = match serde_json::from_str::<Request>(&line) {
            Ok(Request::Watch) => watch_status(&engine, &mut changes, &mut lines, &mut write, &gone).await,
            Ok(Request::Events) => tell_events(&events, &mut lines, &mut write).await,
            Ok(request) => send(&mut write, &ask(&engine, request, &gone).await).await,
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
    changes: &mut Changes,
    lines: &mut FramedRead<tokio::net::unix::OwnedReadHalf, LinesCodec>,
    write: &mut OwnedWriteHalf,
    gone: &CancellationToken,
) -> std::io::Result<()> {
    let mut last = Vec::new();
    loop {
        changes.mark_seen();
        let asked = Instant::now();
        let reply = ask(engine, Request::Status, gone).await;
        let line = serde_json::to_vec(&reply)?;
        if line != last {
            send(write, &reply).await?;
            last = line;
        }
        tokio::select! {
            // An engine that ends in a process which goes on, as in the tray: nobody else would tell.
            goes_on = changes.wait(asked) => if !goes_on { return Err(std::io::ErrorKind::ConnectionAborted.into()) },
            _ = lines.next() => return Err(std::io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

/// Sends what happens from now on, until the client hangs up.
async fn tell_events(
    events: &EventBus,
    lines: &mut FramedRead<tokio::net::unix::OwnedReadHalf, LinesCodec>,
    write: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let mut listener = events.listen();
    // Says that nothing will be missed from here on.
    send(write, &Reply::Done).await?;
    loop {
        tokio::select! {
            event = listener.next() => match event {
                Some(event) => send(write, &Reply::Event(event)).await?,
                None => return Err(std::io::ErrorKind::ConnectionAborted.into()),
            },
            _ = lines.next() => return Err(std::io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

async fn ask(engine: &mpsc::Sender<Incoming>, request: Request, gone: &CancellationToken) -> Reply {
    let ending = || {
        Reply::Problem(Problem::new(
            "engine_ending",
            "the engine is ending",
            "doorcode status",
        ))
    };
    let (reply, answer) = oneshot::channel();
    let incoming = Incoming {
        request,
        reply,
        gone: gone.clone(),
    };
    if engine.send(incoming).await.is_err() {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::*;
    use crate::status::Status;

    /// An engine that answers and counts, with a watcher at its socket.
    struct Watched {
        _dir: tempfile::TempDir,
        asked: Arc<AtomicUsize>,
        changed: watch::Sender<u64>,
        news: watch::Sender<()>,
        lines: tokio::io::Lines<BufReader<UnixStream>>,
        server: tokio::task::JoinHandle<()>,
    }

    impl Watched {
        async fn begin() -> Watched {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let path = dir.path().join("control.sock");
            let (requests, mut incoming) = mpsc::channel::<Incoming>(8);
            let (changed, changes) = watch::channel(0);
            let (news, gateway) = watch::channel(());
            let asked = Arc::new(AtomicUsize::new(0));
            let counter = asked.clone();
            tokio::spawn(async move {
                while let Some(Incoming { reply, .. }) = incoming.recv().await {
                    let mut status = Box::new(Status::not_running());
                    status.connections = counter.fetch_add(1, Ordering::SeqCst);
                    let _ = reply.send(Reply::Status(status));
                }
            });
            let server = serve(&path, requests, changes, gateway, EventBus::default()).expect("listening");
            let mut stream = UnixStream::connect(&path).await.expect("connected");
            stream
                .write_all(b"{\"request\":\"watch\"}\n")
                .await
                .expect("sent");
            Watched {
                _dir: dir,
                asked,
                changed,
                news,
                lines: BufReader::new(stream).lines(),
                server,
            }
        }

        async fn next(&mut self) {
            let line = tokio::time::timeout(Duration::from_secs(10), self.lines.next_line());
            line.await.expect("in time").expect("readable").expect("a status");
        }
    }

    impl Drop for Watched {
        fn drop(&mut self) {
            self.server.abort();
        }
    }

    #[tokio::test]
    async fn a_busy_gateway_costs_a_watcher_one_status_a_second() {
        let mut watched = Watched::begin().await;
        let began = Instant::now();
        watched.next().await;
        let news = watched.news.clone();
        let busy = tokio::spawn(async move {
            loop {
                news.send_replace(());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        watched.next().await;
        watched.next().await;
        busy.abort();
        assert!(began.elapsed() >= 2 * NEWS_INTERVAL, "{:?}", began.elapsed());
        assert_eq!(watched.asked.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn while_nothing_happens_a_watcher_costs_nothing() {
        let mut watched = Watched::begin().await;
        watched.next().await;
        let silence = tokio::time::timeout(3 * NEWS_INTERVAL, watched.lines.next_line());
        silence.await.expect_err("nothing to tell");
        assert_eq!(watched.asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_watcher_of_an_engine_that_has_ended_is_hung_up_on() {
        let mut watched = Watched::begin().await;
        watched.next().await;
        watched.changed = watch::Sender::default();
        let end = tokio::time::timeout(3 * NEWS_INTERVAL, watched.lines.next_line());
        assert_eq!(end.await.expect("at once").expect("readable"), None);
    }

    #[tokio::test]
    async fn a_change_of_the_engine_is_told_at_once() {
        let mut watched = Watched::begin().await;
        watched.next().await;
        let began = Instant::now();
        watched.changed.send_modify(|count| *count += 1);
        watched.next().await;
        assert!(began.elapsed() < NEWS_INTERVAL, "{:?}", began.elapsed());
    }
}
