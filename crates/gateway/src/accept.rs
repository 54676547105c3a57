//! The accept loop.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, warn};

use crate::connection;
use crate::shared::Shared;
use crate::tuning::{KEEPALIVE_AFTER, KEEPALIVE_EVERY, KEEPALIVE_PROBES};

/// First pause after the system refused us a socket; doubled up to [`LONGEST_PAUSE`].
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Accepts until the gateway stops. While as many connections are open as the settings allow, new ones wait in the
/// kernel's queue.
pub(crate) async fn run(shared: Arc<Shared>, listener: TcpListener) {
    let mut stop = std::pin::pin!(shared.drain.begins());
    let mut pause = SHORTEST_PAUSE;
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => return,
            accepted = next(&shared, &listener) => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                pause = SHORTEST_PAUSE;
                prepare(&stream);
                hand_over(&shared, stream, peer);
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
fn hand_over(shared: &Arc<Shared>, stream: TcpStream, peer: SocketAddr) {
    let slot = shared.open.take();
    let Ok(stream) = stream.into_std() else { return };
    let serving = shared.clone();
    shared.drain.spawn_on(shared.workers.next(), async move {
        match TcpStream::from_std(stream) {
            Ok(stream) => connection::serve(serving, stream, peer, slot).await,
            Err(error) => warn!(%error, "a connection cannot be served"),
        }
    });
}

async fn next(shared: &Shared, listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    shared
        .open
        .below(|| shared.policy.load().config.connections)
        .await;
    listener.accept().await
}

/// Small answers leave at once, and the kernel notices peers that vanished. Both are only improvements, so failing is fine.
fn prepare(stream: &TcpStream) {
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
