//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use crate::activity::Expiry;
use crate::evidence::disbelief;
use crate::head_watch::HeadWatch;
use crate::link::{Link, Protocol};
use crate::open::Slot;
use crate::shared::Shared;
use crate::socket::{Peer, Socket, Wire};
use crate::tls::{self, H2};
use crate::tuning::{
    BUFFER_BYTES, H2_CONNECTION_WINDOW, H2_SEND_BYTES, H2_STREAM_WINDOW, H2_STREAMS, HEAD_BYTES,
    TLS_BUFFER_BYTES,
};
use crate::{exchange, plain, trusted_proxy};

/// What an HTTP/1 connection is after an upgrade.
pub(crate) type ClientStream = TokioIo<HeadWatch<Wire>>;

/// How long a connection that was told to close may take for it.
const CLOSING: Duration = Duration::from_secs(2);

/// Serves a client until it leaves, is idle for too long, or the gateway stops.
pub(crate) async fn serve(shared: Arc<Shared>, socket: Socket, peer: Peer, slot: Slot) {
    let deadline = Instant::now() + shared.timing.handshake;
    let stream = match socket {
        Socket::Tcp(stream) => stream,
        Socket::Unix(_) if shared.policy.load().admits_plain(true) => {
            let link = Arc::new(Link::plain(peer, slot));
            return serve_h1(shared, Wire::Plain(socket), link).await;
        }
        Socket::Unix(_) => return debug!("a unix socket is served only for a proxy that signs people in"),
    };
    let Ok(local) = stream.local_addr() else { return };
    let is_own = matches!(peer, Peer::Address(peer) if shared.visits.is_own(peer, local.ip()));
    let plain = shared.policy.load().admits_plain(false);
    match tokio::time::timeout_at(deadline, first_byte(&stream)).await {
        Ok(Some(FirstByte::Tls)) if !plain => {}
        Ok(Some(FirstByte::Http)) => {
            let link = Arc::new(Link::plain(peer, slot).owned(is_own));
            return match plain {
                true => serve_h1(shared, Wire::Plain(Socket::Tcp(stream)), link).await,
                false => plain::serve(shared, stream, link).await,
            };
        }
        Ok(Some(FirstByte::Tls | FirstByte::Other) | None) | Err(_) => return,
    }
    let choice = shared.tls.load_full();
    let acceptor = TlsAcceptor::from(choice.at(local.ip()));
    let handshake = acceptor.accept(Socket::Tcp(stream));
    let mut stream = match tokio::time::timeout_at(deadline, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            if tls::is_about_the_clients_certificate(&error) {
                let link = Link::tls(peer, Protocol::H1, None, slot);
                shared
                    .access
                    .refused_head(&link, StatusCode::FORBIDDEN, trusted_proxy::PROOF_INVALID);
            }
            let from_here = peer.ip().is_loopback() || peer.ip() == local.ip();
            if let Some(alert) = disbelief(&error).filter(|_| from_here) {
                shared.evidence.handshake_ended(peer.ip(), alert);
            }
            return debug!(client = %peer.ip(), %error, "TLS handshake failed");
        }
        Err(_) => return debug!(client = %peer.ip(), "TLS handshake not finished in time"),
    };
    let session = stream.get_mut().1;
    session.set_buffer_limit(Some(TLS_BUFFER_BYTES));
    let certified_by = choice
        .authority()
        .filter(|_| session.peer_certificates().is_some());
    let protocol = match session.alpn_protocol() {
        Some(H2) => Protocol::H2,
        _ => Protocol::H1,
    };
    let link = Arc::new(Link::tls(peer, protocol, certified_by, slot).owned(is_own));
    match protocol {
        Protocol::H2 => serve_h2(shared, Wire::Tls(stream), link).await,
        Protocol::H1 => serve_h1(shared, Wire::Tls(stream), link).await,
    }
}

enum FirstByte {
    Tls,
    Http,
    Other,
}

async fn first_byte(stream: &TcpStream) -> Option<FirstByte> {
    const HANDSHAKE_RECORD: u8 = 0x16;
    let mut byte = [0];
    match stream.peek(&mut byte).await {
        Ok(1) if byte[0] == HANDSHAKE_RECORD => Some(FirstByte::Tls),
        // Every method begins so. Blank lines before a request are allowed, but nobody sends them first.
        Ok(1) if byte[0].is_ascii_alphabetic() => Some(FirstByte::Http),
        Ok(1) => Some(FirstByte::Other),
        _ => None,
    }
}

async fn serve_h1(shared: Arc<Shared>, stream: Wire, link: Arc<Link>) {
    let service = service_fn({
        let (shared, link) = (shared.clone(), link.clone());
        move |request: Request<Incoming>| {
            let (shared, link) = (shared.clone(), link.clone());
            async move { Ok::<_, Infallible>(exchange::answer(shared, link, request).await) }
        }
    });
    let stream = TokioIo::new(HeadWatch::new(stream, link.clone()));
    let connection = h1().serve_connection(stream, service).with_upgrades();
    let result = drive(
        connection,
        |connection| connection.graceful_shutdown(),
        &shared,
        &link,
    )
    .await;
    log_end(&shared, &link, result);
}

/// The HTTP/1 side's limits. Its time-outs are [`Activity`](crate::activity::Activity)'s: hyper's own would also close
/// idle connections after the time that a head may take.
pub(crate) fn h1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES);
    builder
}

async fn serve_h2(shared: Arc<Shared>, stream: Wire, link: Arc<Link>) {
    let service = service_fn({
        let (shared, link) = (shared.clone(), link.clone());
        move |request: Request<Incoming>| {
            let (shared, link) = (shared.clone(), link.clone());
            async move { Ok::<_, Infallible>(exchange::answer(shared, link, request).await) }
        }
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .initial_stream_window_size(H2_STREAM_WINDOW)
        .initial_connection_window_size(H2_CONNECTION_WINDOW)
        .max_concurrent_streams(H2_STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .max_send_buf_size(H2_SEND_BYTES);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let result = drive(
        connection,
        |connection| connection.graceful_shutdown(),
        &shared,
        &link,
    )
    .await;
    log_end(&shared, &link, result);
}

/// Polls a connection to its end; asks it to close when the gateway stops or nothing happens for too long, and drops it
/// when it does not.
pub(crate) async fn drive<C>(
    connection: C,
    close: impl Fn(Pin<&mut C>),
    shared: &Shared,
    link: &Link,
) -> Result<(), hyper::Error>
where
    C: Future<Output = Result<(), hyper::Error>>,
{
    let timing = &shared.timing;
    let mut connection = pin!(connection);
    let mut stop = pin!(shared.drain.begins());
    let mut timer = pin!(tokio::time::sleep(timing.head));
    let (mut registered, mut stopping) = (false, false);
    let mut drop_at: Option<Instant> = None;
    std::future::poll_fn(|cx| {
        loop {
            if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                return Poll::Ready(result);
            }
            // Polling `stop` takes a lock that all connections share, so: once to be woken by it, and when it is ready.
            if !stopping && (!registered || shared.drain.has_begun()) {
                registered = true;
                if stop.as_mut().poll(cx).is_ready() {
                    stopping = true;
                    close(connection.as_mut());
                    continue;
                }
            }
            let expiry = match drop_at {
                Some(at) => Some(Expiry::Now(at)),
                None => link.activity.expiry(timing),
            };
            // Only an earlier end needs the timer now; a later one is seen when it fires.
            if let Some(expiry) = expiry
                && expiry.at() < timer.deadline()
            {
                timer.as_mut().reset(expiry.at());
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            match expiry {
                Some(Expiry::Now(at)) if at <= now => return Poll::Ready(Ok(())),
                Some(Expiry::Gracefully(at)) if at <= now => {
                    close(connection.as_mut());
                    drop_at = Some(now + CLOSING);
                    timer.as_mut().reset(now + CLOSING);
                }
                Some(later) => timer.as_mut().reset(later.at()),
                None => timer.as_mut().reset(now + timing.idle),
            }
        }
    })
    .await
}

/// A head that hyper refused itself never reached the access log.
fn log_end(shared: &Shared, link: &Link, result: Result<(), hyper::Error>) {
    let Err(error) = result else { return };
    if error.is_parse_too_large() {
        shared.access.refused_head(
            link,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "head_too_large",
        );
    } else if error.is_parse() {
        shared
            .access
            .refused_head(link, StatusCode::BAD_REQUEST, "head_malformed");
    } else {
        debug!(client = %link.peer, %error, "connection ended");
    }
}
