//! WebSockets: after the 101, raw bytes both ways until one side leaves, somebody is signed out, or the gateway stops.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, request};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tracing::debug;

use crate::access::Entry;
use crate::body::{Content, Passing};
use crate::connection::ClientStream;
use crate::link::Link;
use crate::live::Traffic;
use crate::open::Slot;
use crate::pages;
use crate::proxy;
use crate::relay::Relay;
use crate::response;
use crate::session::TunnelGuard;
use crate::shared::Shared;
use crate::socket::Wire;
use crate::upstream::UpstreamError;
use crate::who::Who;

/// Asks the editor for a WebSocket. Its 101 starts the tunnel, which takes the log's `entry`; any other answer goes to the
/// client, whose connection ends with it: what it sent after its request was meant for a WebSocket.
///
/// Everything has been checked when this is called. Nothing that the client sends goes upstream before the 101.
pub(crate) async fn open(
    shared: &Arc<Shared>,
    link: &Arc<Link>,
    mut parts: request::Parts,
    authority: HeaderValue,
    who: Who,
    entry: &mut Option<Box<Entry>>,
) -> (Response<Content>, bool) {
    let asker = pages::Asker::of(&parts);
    let Some(client) = parts.extensions.remove::<OnUpgrade>() else {
        // HTTP/2, where the guard lets no upgrade pass, is the only way here.
        return (pages::editor_unreachable(asker), true);
    };
    let query = parts.uri.query().map(str::to_owned);
    proxy::rewrite(&mut parts, link, authority);
    set_upgrade(&mut parts.headers);
    let answer = match ask(shared, Request::from_parts(parts, Empty::new())).await {
        Ok(answer) => answer,
        Err(error) => {
            debug!(%error, "upstream refused a WebSocket");
            if let Some(entry) = entry {
                entry.set_code("editor_unreachable");
            }
            return (pages::editor_unreachable(asker), true);
        }
    };
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        let (mut parts, body) = answer.into_parts();
        response::clean(&mut parts.headers);
        let passing = Passing::new(body, None, who);
        return (Response::from_parts(parts, Content::Upstream(passing)), true);
    }
    let reconnects = shared.live.reconnects.opened(query.as_deref());
    let tunnel = Tunnel {
        client,
        traffic: link.figures.websocket(reconnects),
        entry: entry.take(),
        _counted: who.session().map(|session| shared.sessions.tunnel(session)),
        who,
        _slot: shared.tunnels.take(),
    };
    let mut answer = answer;
    let editor = hyper::upgrade::on(&mut answer);
    let stop = shared.drain.begins();
    shared.drain.spawn(tunnel.run(editor, stop));

    let (mut parts, _) = answer.into_parts();
    parts.extensions.clear();
    response::clean(&mut parts.headers);
    set_upgrade(&mut parts.headers);
    (Response::from_parts(parts, Content::Bytes(Bytes::new())), false)
}

fn set_upgrade(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// On a connection of its own.
async fn ask(shared: &Shared, request: Request<Empty<Bytes>>) -> Result<Response<Incoming>, UpstreamError> {
    let stream = TokioIo::new(shared.upstream.dial().await?);
    let (mut sender, connection) = http1::handshake(stream).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender.send_request(request).await?)
}

struct Tunnel {
    client: OnUpgrade,
    traffic: Traffic,
    /// Whoever opened it: it closes when they may no longer pass.
    who: Who,
    entry: Option<Box<Entry>>,
    _counted: Option<TunnelGuard>,
    _slot: Slot,
}

impl Tunnel {
    async fn run(mut self, editor: OnUpgrade, stop: impl Future<Output = ()>) {
        if let Some(entry) = &mut self.entry {
            entry.set_status(StatusCode::SWITCHING_PROTOCOLS);
        }
        let mut end = pin!(self.who.clone().end());
        let mut stop = pin!(stop);
        let upgraded = tokio::select! {
            upgraded = async { tokio::try_join!(&mut self.client, editor) } => upgraded,
            reason = &mut end => return self.note(reason),
            () = &mut stop => return self.note("stopping"),
        };
        let mut relay = match upgraded {
            Ok((client, editor)) => match relay(client, editor) {
                Some(relay) => relay,
                None => return,
            },
            Err(error) => return debug!(%error, "a client left before its WebSocket was open"),
        };
        let over = tokio::select! {
            biased;
            over = std::future::poll_fn(|cx| {
                let over = relay.poll(cx);
                self.traffic.moved(relay.taken_from_a(), relay.written_to_a());
                over
            }) => over,
            reason = &mut end => {
                self.note(reason);
                Ok(())
            }
            () = &mut stop => {
                self.note("stopping");
                Ok(())
            }
        };
        if let Err(error) = over {
            debug!(%error, "a WebSocket broke off");
        }
        if let Some(entry) = &mut self.entry {
            entry.add_bytes(relay.written_to_a());
        }
    }

    fn note(&mut self, code: &'static str) {
        if let Some(entry) = &mut self.entry {
            entry.set_code(code);
        }
    }
}

type EditorStream = TokioIo<UnixStream>;

/// The streams themselves, without hyper around them, and what hyper had read beyond the heads.
fn relay(client: Upgraded, editor: Upgraded) -> Option<Relay<Wire, UnixStream>> {
    let client = client.downcast::<ClientStream>().ok()?;
    let editor = editor.downcast::<EditorStream>().ok()?;
    Some(Relay::new(
        (client.io.into_inner().into_inner(), client.read_buf.into()),
        (editor.io.into_inner(), editor.read_buf.into()),
    ))
}
