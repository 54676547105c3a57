//! A stand-in for the editor, which shows what it was asked.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::stream;
use http::header::{CONNECTION, SET_COOKIE, UPGRADE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// One piece of what `/endless` and `/held` send.
pub(crate) const PIECE: usize = 64 << 10;

/// A running one. It ends when dropped.
pub(crate) struct Stub {
    pub(crate) seen: Arc<Seen>,
    task: AbortHandle,
}

/// What it has been asked.
#[derive(Default)]
pub(crate) struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    pieces: AtomicUsize,
    /// Lets `/held` go on.
    pub(crate) release: Notify,
}

impl Stub {
    pub(crate) fn start(socket: &Path) -> Stub {
        let _ = std::fs::remove_file(socket);
        let listener = UnixListener::bind(socket).unwrap();
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn(accept(listener, seen.clone())).abort_handle();
        Stub { seen, task }
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::Relaxed)
    }

    /// Pieces of `/endless` handed out, or of an upload taken in.
    pub(crate) fn pieces(&self) -> usize {
        self.seen.pieces.load(Ordering::Relaxed)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: UnixListener, seen: Arc<Seen>) {
    while let Ok((stream, _)) = listener.accept().await {
        seen.connections.fetch_add(1, Ordering::Relaxed);
        let seen = seen.clone();
        let service = service_fn(move |request| answer(request, seen.clone()));
        let server =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(server.with_upgrades());
    }
}

type Body = BoxBody<Bytes, Infallible>;

async fn answer(mut request: Request<Incoming>, seen: Arc<Seen>) -> Result<Response<Body>, Infallible> {
    seen.requests.fetch_add(1, Ordering::Relaxed);
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/endless" => streamed(usize::MAX, seen),
        "/held" => held(seen),
        "/take-nothing" => {
            seen.release.notified().await;
            text("took nothing".to_owned())
        }
        "/length" => {
            let body = request.body_mut();
            let mut length = 0;
            while let Some(Ok(frame)) = body.frame().await {
                length += frame.data_ref().map_or(0, Bytes::len);
            }
            text(length.to_string())
        }
        "/proxy-cookies" => {
            let mut response = text(String::new());
            for value in ["theirs=1", "_oauth2_proxy=evil; Path=/", "_pomerium=evil"] {
                response
                    .headers_mut()
                    .append(SET_COOKIE, HeaderValue::from_static(value));
            }
            response
        }
        "/cookies" => {
            let mut response = text(String::new());
            for value in [
                "theirs=1",
                "__Host-doorcode=evil; Path=/; Secure",
                "__host-doorcode=evil",
            ] {
                response
                    .headers_mut()
                    .append(SET_COOKIE, HeaderValue::from_static(value));
            }
            for (name, value) in [
                ("strict-transport-security", "max-age=1"),
                ("connection", "x-hop"),
                ("x-hop", "1"),
            ] {
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(value));
            }
            response
        }
        path if path == "/ws" || (path.starts_with("/ws/") && request.headers().contains_key(UPGRADE)) => {
            websocket(&mut request)
        }
        "/ws-refused" => {
            let mut response = text("no WebSocket here".to_owned());
            *response.status_mut() = StatusCode::BAD_REQUEST;
            response
        }
        _ => text(head_of(&request)),
    })
}

/// The head as it arrived, a line for each field.
fn head_of(request: &Request<Incoming>) -> String {
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
    }
    text
}

fn text(text: String) -> Response<Body> {
    Response::new(Full::from(text).boxed())
}

fn streamed(pieces: usize, seen: Arc<Seen>) -> Response<Body> {
    let piece = Bytes::from(vec![b'x'; PIECE]);
    let frames = stream::unfold(0, move |sent| {
        let (piece, seen) = (piece.clone(), seen.clone());
        async move {
            (sent < pieces).then(|| {
                seen.pieces.fetch_add(1, Ordering::Relaxed);
                (Ok(Frame::data(piece)), sent + 1)
            })
        }
    });
    Response::new(BodyExt::boxed(StreamBody::new(Box::pin(frames))))
}

/// One piece, and after the release another.
fn held(seen: Arc<Seen>) -> Response<Body> {
    let frames = stream::unfold(0, move |sent| {
        let seen = seen.clone();
        async move {
            match sent {
                0 => {}
                1 => seen.release.notified().await,
                _ => return None,
            }
            Some((Ok(Frame::data(Bytes::from(vec![b'x'; PIECE]))), sent + 1))
        }
    });
    Response::new(BodyExt::boxed(StreamBody::new(Box::pin(frames))))
}

/// Echoes bytes, framed or not.
fn websocket(request: &mut Request<Incoming>) -> Response<Body> {
    let upgraded = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let mut stream = TokioIo::new(upgraded);
        let mut buffer = vec![0; 16 << 10];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            if stream.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    });
    let mut response = text(String::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response
        .headers_mut()
        .insert(UPGRADE, HeaderValue::from_static("websocket"));
    response
}
