//! The stub upstream: stands where code-server would, so that what is measured is the proxy in front of it.
//!
//! It takes code-server's flags, minds `--version` and `--socket`, and answers plain HTTP/1.1 on that socket.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs;
use std::future::ready;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, server::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};

use crate::error::BenchError;
use crate::frame::{self, Messages};
use crate::load;

/// What code-server 4.139.1 prints, with a commit of our own.
const VERSION: &str = "4.139.1 d00c0de000000000000000000000000000000000 with Code 1.139.1";
const ALIVE: &str = r#"{"status":"alive","lastHeartbeat":0}"#;
const PAGE: &str = "<!doctype html><title>stub</title><p>Stands where the editor would.";
/// The body of a small request: about what VS Code's small JSON answers are.
const SMALL: [u8; 200] = [b's'; 200];
/// What Node reads from a file at a time, and so what code-server sends.
const CHUNK: usize = 64 * 1024;

type Answer = Response<Either<Full<Bytes>, Chunks>>;

/// Runs until it is told to end.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<(), BenchError> {
    if arguments.iter().any(|argument| argument == "--version") {
        println!("{VERSION}");
        return Ok(());
    }
    let mut after_flag = arguments
        .iter()
        .skip_while(|argument| *argument != "--socket")
        .skip(1);
    let socket = after_flag.next().map(PathBuf::from);
    let socket = socket.ok_or_else(|| BenchError::Unexpected("stub: --socket is missing".to_owned()))?;
    load::runtime()?.block_on(serve(&socket))
}

async fn serve(socket: &Path) -> Result<(), BenchError> {
    // As code-server does: whatever stands there is a leftover.
    let _ = fs::remove_file(socket);
    let listener = UnixListener::bind(socket)
        .map_err(|e| BenchError::io(format!("cannot listen on {}", socket.display()), e))?;
    loop {
        let (stream, _) = listener
            .accept()
            .await
            .map_err(|e| BenchError::io("cannot accept", e))?;
        tokio::spawn(connection(stream));
    }
}

async fn connection(stream: UnixStream) {
    let served = http1::Builder::new()
        .serve_connection(
            TokioIo::new(stream),
            service_fn(|request| ready(Ok::<_, Infallible>(answer(request)))),
        )
        .with_upgrades();
    // Whoever hangs up in the middle of a body tells so on the other side.
    let _ = served.await;
}

fn answer(request: Request<Incoming>) -> Answer {
    match request.uri().path() {
        "/healthz" => text("application/json", ALIVE),
        "/" => text("text/html; charset=utf-8", PAGE),
        "/small" => full(StatusCode::OK, "application/json", Bytes::from_static(&SMALL)),
        "/stream" => stream(request.uri().query()),
        "/ws"
            if request
                .headers()
                .get(SEC_WEBSOCKET_KEY)
                .is_some_and(|key| key == frame::KEY) =>
        {
            echo(request)
        }
        _ => full(
            StatusCode::NOT_FOUND,
            "text/plain",
            Bytes::from_static(b"not here"),
        ),
    }
}

fn text(kind: &'static str, text: &'static str) -> Answer {
    full(StatusCode::OK, kind, Bytes::from_static(text.as_bytes()))
}

fn full(status: StatusCode, kind: &'static str, body: Bytes) -> Answer {
    with(status, [(CONTENT_TYPE, kind)], Either::Left(Full::new(body)))
}

fn with<const N: usize>(
    status: StatusCode,
    headers: [(HeaderName, &'static str); N],
    body: Either<Full<Bytes>, Chunks>,
) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    for (name, value) in headers {
        answer
            .headers_mut()
            .insert(name, hyper::header::HeaderValue::from_static(value));
    }
    answer
}

/// `/stream?bytes=N`: so many zeros.
fn stream(query: Option<&str>) -> Answer {
    let bytes = query
        .and_then(|query| query.strip_prefix("bytes="))
        .and_then(|bytes| bytes.parse().ok());
    let Some(left) = bytes else {
        return full(
            StatusCode::BAD_REQUEST,
            "text/plain",
            Bytes::from_static(b"/stream?bytes=N"),
        );
    };
    let chunks = Chunks {
        chunk: Bytes::from_static(&[0; CHUNK]),
        left,
    };
    with(
        StatusCode::OK,
        [(CONTENT_TYPE, "application/octet-stream")],
        Either::Right(chunks),
    )
}

/// `/ws`: every message goes back as it came.
fn echo(request: Request<Incoming>) -> Answer {
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await;
        let mut messages = Messages::new(TokioIo::new(upgraded.map_err(|source| http("/ws", source))?));
        while let Some(message) = messages.next().await? {
            messages.send(&frame::from_server(&message)).await?;
        }
        Ok::<_, BenchError>(())
    });
    let headers = [
        (UPGRADE, "websocket"),
        (CONNECTION, "Upgrade"),
        (SEC_WEBSOCKET_ACCEPT, frame::ACCEPT),
    ];
    with(
        StatusCode::SWITCHING_PROTOCOLS,
        headers,
        Either::Left(Full::default()),
    )
}

fn http(path: &str, source: hyper::Error) -> BenchError {
    BenchError::Http {
        path: path.to_owned(),
        source,
    }
}

/// A body of a known length, always the same piece of memory.
struct Chunks {
    chunk: Bytes,
    left: u64,
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let size = (CHUNK as u64).min(self.left);
        self.left -= size;
        Poll::Ready(Some(Ok(Frame::data(self.chunk.slice(..size as usize)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
