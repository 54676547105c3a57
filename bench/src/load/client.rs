//! One HTTP connection to a contender.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::HeaderMap;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::error::BenchError;
use crate::load::target::{Ask, Protocol, Target};

/// The windows that Chromium grants (net/spdy: 6 MB a stream, 15 MB a connection).
const STREAM_WINDOW: u32 = 6 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 15 * 1024 * 1024;

/// The sending half of a connection; the other half runs as a task until this is dropped.
pub(crate) enum Client {
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Client {
    /// Connects, and has the protocol's own greetings exchanged.
    pub(crate) async fn open(target: &Target, protocol: Protocol) -> Result<Self, BenchError> {
        let stream = TokioIo::new(target.connect(protocol).await?);
        let what = |source| BenchError::Http {
            path: target.authority(),
            source,
        };
        // What ends a connection is told to whoever waits for an answer on it.
        match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await.map_err(what)?;
                tokio::spawn(connection.with_upgrades());
                Ok(Self::Http1(sender))
            }
            Protocol::Http2 => {
                let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                    .initial_stream_window_size(STREAM_WINDOW)
                    .initial_connection_window_size(CONNECTION_WINDOW)
                    .handshake(stream)
                    .await
                    .map_err(what)?;
                tokio::spawn(connection);
                Ok(Self::Http2(sender))
            }
        }
    }

    /// Senders for `count` requests at a time. An http/1.1 connection carries only one.
    pub(crate) fn streams(self, count: usize) -> Vec<Self> {
        match self {
            Self::Http1(_) => vec![self],
            Self::Http2(sender) => (0..count).map(|_| Self::Http2(sender.clone())).collect(),
        }
    }

    /// Sends `request`; gives the answer, its body still to come.
    pub(crate) async fn send(&mut self, request: Ask) -> Result<Response<Incoming>, BenchError> {
        let path = request.uri().path().to_owned();
        let answer = match self {
            Self::Http1(sender) => match sender.ready().await {
                Ok(()) => sender.send_request(request).await,
                Err(error) => Err(error),
            },
            Self::Http2(sender) => match sender.ready().await {
                Ok(()) => sender.send_request(request).await,
                Err(error) => Err(error),
            },
        };
        answer.map_err(|source| BenchError::Http { path, source })
    }

    /// Sends `request`, wants 200, and reads the body away. Gives the body's length.
    pub(crate) async fn fetch(&mut self, request: Ask) -> Result<u64, BenchError> {
        let path = request.uri().path().to_owned();
        let answer = self.send(request).await?;
        expect(&path, answer.status(), StatusCode::OK)?;
        let mut body = answer.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|source| BenchError::Http {
                path: path.clone(),
                source,
            })?;
            length += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        Ok(length)
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One request for `path` over http/1.1 on a connection of its own.
pub(crate) async fn once(target: &Target, path: &str) -> Result<Answer, BenchError> {
    let mut client = Client::open(target, Protocol::Http1).await?;
    let answer = client.send(target.ask(path, Protocol::Http1)).await?;
    let (head, mut body) = answer.into_parts();
    let mut text = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|source| BenchError::Http {
            path: path.to_owned(),
            source,
        })?;
        text.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..]));
    }
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: text.freeze(),
    })
}

/// An error unless the answer to `path` has the status that was wanted.
pub(crate) fn expect(path: &str, status: StatusCode, expected: StatusCode) -> Result<(), BenchError> {
    if status == expected {
        return Ok(());
    }
    Err(BenchError::Status {
        path: path.to_owned(),
        status: status.as_u16(),
        expected: expected.as_u16(),
    })
}
