//! WebSockets: the round trip of a message, and many of them open at a time.

use std::time::{Duration, Instant};

use hyper::header::{CONNECTION, HeaderValue, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use crate::error::BenchError;
use crate::frame::{self, Messages};
use crate::load::client::{self, Client};
use crate::load::target::{Protocol, Target};
use crate::load::{alone, join};
use crate::statistics::Latencies;

/// About what a keystroke in the terminal is.
const MESSAGE: [u8; 64] = [b'w'; 64];
/// How many are being opened at a time.
const OPENING: usize = 32;

type Socket = Messages<TokioIo<Upgraded>>;

/// Sends a message over one WebSocket and waits for its answer, over and over, for `time`.
pub(crate) fn measure(target: &Target, time: Duration) -> Result<Latencies, BenchError> {
    alone("WebSocket messages", async {
        let mut socket = open(target).await?;
        let mut latencies = Vec::new();
        let start = Instant::now();
        let mut now = start;
        while now - start < time {
            round_trip(&mut socket).await?;
            let answered = Instant::now();
            latencies.push(answered - now);
            now = answered;
        }
        Ok(Latencies::from(latencies))
    })
}

/// Opens `count` WebSockets, has each answer a message, and runs `while_open` with all of them open.
pub(crate) fn hold<R>(
    target: &Target,
    count: usize,
    while_open: impl FnOnce() -> Result<R, BenchError>,
) -> Result<R, BenchError> {
    alone("open WebSockets", async {
        let mut sockets: Vec<Socket> = Vec::with_capacity(count);
        while sockets.len() < count {
            let mut opening = JoinSet::new();
            for _ in 0..OPENING.min(count - sockets.len()) {
                let target = target.clone();
                opening.spawn(async move {
                    let mut socket = open(&target).await?;
                    round_trip(&mut socket).await?;
                    Ok(socket)
                });
            }
            sockets.extend(join(opening).await?);
        }
        while_open()
    })
}

async fn round_trip(socket: &mut Socket) -> Result<(), BenchError> {
    socket.send(&frame::from_client(&MESSAGE)).await?;
    match socket.next().await? {
        Some(_) => Ok(()),
        None => Err(BenchError::Unexpected(
            "a WebSocket was closed instead of answered".to_owned(),
        )),
    }
}

async fn open(target: &Target) -> Result<Socket, BenchError> {
    let path = target.websocket;
    let mut request = target.ask(path, Protocol::Http1);
    let origin = format!("https://{}", target.authority());
    let headers = request.headers_mut();
    headers.insert(
        ORIGIN,
        HeaderValue::try_from(origin).expect("an authority is a valid header value"),
    );
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_static(frame::KEY));
    let answer = Client::open(target, Protocol::Http1).await?.send(request).await?;
    client::expect(path, answer.status(), hyper::StatusCode::SWITCHING_PROTOCOLS)?;
    let upgraded = hyper::upgrade::on(answer).await;
    let upgraded = upgraded.map_err(|source| BenchError::Http {
        path: path.to_owned(),
        source,
    })?;
    Ok(Messages::new(TokioIo::new(upgraded)))
}
