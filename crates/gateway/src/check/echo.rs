//! The WebSocket that a check's page opens: it says back, once, what it was told.

use std::pin::pin;

use futures_util::{SinkExt, StreamExt};
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderMap, HeaderValue, Request, Response, request};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tracing::debug;

use crate::access::Entry;
use crate::tuning::{ECHO_BYTES, ECHO_TIME};

/// The protocol that the page asks for; the page's token is the second one it names. Not in the address, because servers in
/// front of us may log that.
const PROTOCOL: &str = "doorcode-check";

/// A WebSocket that has been asked for.
pub(crate) struct Echo {
    client: OnUpgrade,
    response: Response<()>,
}

impl Echo {
    /// The page's token in a request for this WebSocket.
    pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
        let named = headers.get(SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
        let (protocol, token) = named.split_once(',')?;
        (protocol.trim() == PROTOCOL).then(|| token.trim())
    }

    /// `None` when the request does not ask for one properly (RFC 6455 section 4.2.1).
    pub(crate) fn accept(parts: &request::Parts) -> Option<Echo> {
        let client = parts.extensions.get::<OnUpgrade>()?.clone();
        let mut response = create_response(&Request::from_parts(parts.clone(), ())).ok()?;
        response
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        Some(Echo { client, response })
    }

    /// Serves it to its end, which comes soon, or to `stop`. The connection counts as open as long as `entry` lives.
    pub(crate) async fn run(client: OnUpgrade, stop: impl Future<Output = ()>, entry: Option<Box<Entry>>) {
        let _entry = entry;
        tokio::select! {
            done = tokio::time::timeout(ECHO_TIME, echo(client)) => match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => debug!(%error, "a check's WebSocket broke off"),
                Err(_) => debug!("a check's WebSocket took too long"),
            },
            () = pin!(stop) => {}
        }
    }

    /// The answer that opens it, and the connection for [`Echo::run`].
    pub(crate) fn into_parts(self) -> (Response<()>, OnUpgrade) {
        (self.response, self.client)
    }
}

async fn echo(client: OnUpgrade) -> Result<(), Error> {
    let stream = client.await.map_err(std::io::Error::other)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(ECHO_BYTES))
        .max_frame_size(Some(ECHO_BYTES));
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, Some(config)).await;
    if let Some(message) = socket.next().await.transpose()?
        && let Message::Text(_) | Message::Binary(_) = message
    {
        socket.send(message).await?;
    }
    socket.close(None).await?;
    // The client's own goodbye: closing before it has come would make some browsers see an error.
    while socket.next().await.transpose()?.is_some() {}
    Ok(())
}
