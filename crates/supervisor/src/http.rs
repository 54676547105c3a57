//! One request to the editor over its socket, on a connection of its own that is closed afterwards: code-server counts an
//! open connection as activity.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, LOCATION};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

/// What was answered; the body was read and thrown away.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
}

/// Asks for `path` and reads the answer to its end; none when anything fails or it takes longer than `limit`.
pub(crate) async fn get(socket: &Path, path: &str, limit: Duration) -> Option<Answer> {
    tokio::time::timeout(limit, exchange(socket, path)).await.ok()?
}

async fn exchange(socket: &Path, path: &str) -> Option<Answer> {
    let stream = UnixStream::connect(socket).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let request = Request::get(path)
        .header(HOST, "localhost")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .ok()?;
    let answer = async move {
        let mut response = sender.send_request(request).await.ok()?;
        while let Some(frame) = response.frame().await {
            frame.ok()?;
        }
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Some(Answer {
            status: response.status(),
            location,
        })
    };
    // The connection moves the bytes, and ends once the answer is there and its sender is gone.
    let (answer, _) = tokio::join!(answer, connection);
    answer
}
