//! The accept loop.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixStream};
use tracing::{debug, warn};

use crate::connection;
use crate::listen::Listener;
use crate::shared::Shared;
use crate::socket::{Peer, Socket};
use crate::tuning::{KEEPALIVE_AFTER, KEEPALIVE_EVERY, KEEPALIVE_PROBES};

/// First pause after the system refused us a socket; doubled up to [`LONGEST_PAUSE`].
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Accepts until the gateway stops. While as many connections are open as the settings allow, new ones wait in the
/// kernel's queue.
pub(crate) async fn run(shared: Arc<Shared>, listener: Listener) {
    let mut stop = std::pin::pin!(shared.drain.begins());
    let mut pause = SHORTEST_PAUSE;
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => return,
            accepted = next(&shared, &listener) => accepted,
        };
        match accepted {
            Ok((socket, peer)) => {
                pause = SHORTEST_PAUSE;
                prepare(&socket);
                hand_over(&shared, socket, peer);
            }
            Err(error) if is_the_clients(&error) => debug!(%error, "a client left before it was accepted"),
            Err(error) => {
                warn!(%error, "cannot accept connections; trying again");
                tokio::select! {
                    () = &mut stop => return,
                    () = tokio::time::sleep(pause) => pause = LONGEST_PAUSE.min(pause * 2),
                }
            }
        }
    }
}

/// Gives a connection to the thread whose turn it is.
fn hand_over(shared: &Arc<Shared>, socket: Socket, peer: Peer) {
    let slot = shared.open.take();
    let Ok(socket) = Unwatched::of(socket) else { return };
    let serving = shared.clone();
    shared.drain.spawn_on(shared.workers.next(), async move {
        match socket.watch() {
            Ok(socket) => connection::serve(serving, socket, peer, slot).await,
            Err(error) => warn!(%error, "a connection cannot be served"),
        }
    });
}

/// A connection between two event loops.
enum Unwatched {
    Tcp(std::net::TcpStream),
    Unix(std::os::unix::net::UnixStream),
}

impl Unwatched {
    fn of(socket: Socket) -> io::Result<Unwatched> {
        Ok(match socket {
            Socket::Tcp(stream) => Unwatched::Tcp(stream.into_std()?),
            Socket::Unix(stream) => Unwatched::Unix(stream.into_std()?),
        })
    }

    fn watch(self) -> io::Result<Socket> {
        Ok(match self {
            Unwatched::Tcp(stream) => Socket::Tcp(TcpStream::from_std(stream)?),
            Unwatched::Unix(stream) => Socket::Unix(UnixStream::from_std(stream)?),
        })
    }
}

async fn next(shared: &Shared, listener: &Listener) -> io::Result<(Socket, Peer)> {
    shared
        .open
        .below(|| shared.policy.load().config.connections)
        .await;
    listener.accept().await
}

/// Small answers leave at once, and the kernel notices peers that vanished. Both are only improvements, so failing is fine.
fn prepare(socket: &Socket) {
    let Socket::Tcp(stream) = socket else { return };
    let _ = stream.set_nodelay(true);
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_EVERY)
        .with_retries(KEEPALIVE_PROBES);
    let _ = SockRef::from(stream).set_tcp_keepalive(&keepalive);
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}
