//! `auth = trusted-proxy` from outside: what a proxy sends, and what those send who would like to be one.

mod assertions;
mod forms;
mod keys;
mod mtls;
mod order;
mod origins;
mod own_pages;
mod policy;
mod sessions;
mod signer;
mod sockets;
mod sources;
mod upstream;
mod users;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use doorcode_gateway::TrustedProxyConfig;
use doorcode_settings::trusted_proxy::{AllowUsers, Preset, Proof, TrustedProxy, UserShape};
use doorcode_settings::{AuthMode, files};
use http::Method;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use crate::support::{Client, Door, Raw, Setup, read_answer, read_head, status_of};

const HOST: &str = "code.example.com";
const ORIGIN: &str = "https://code.example.com";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const YOU: &str = "you@example.com";

/// What the proxy of [`settings`] sends for [`YOU`].
const GOOD: [(&str, &str); 3] = [
    ("x-forwarded-user", YOU),
    ("x-doorcode-proof", SECRET),
    ("origin", ORIGIN),
];

/// A proxy at 127.0.0.1 that shows a secret and names the user by a plain header. The secret's file is in `dir`.
fn settings(dir: &Path) -> TrustedProxy {
    let secret_file = dir.join("secret");
    files::write_private(&secret_file, format!("{SECRET}\n").as_bytes()).unwrap();
    TrustedProxy {
        preset: Preset::Custom,
        public_url: ORIGIN.parse().unwrap(),
        proxies: vec!["127.0.0.1/32".parse().unwrap()],
        user_header: Some("x-forwarded-user".to_owned()),
        required_headers: Vec::new(),
        refused_headers: &[],
        allow_users: AllowUsers::These(vec![YOU.to_owned()]),
        user_shape: UserShape::Email,
        proof: Proof::Header {
            header: "x-doorcode-proof".to_owned(),
            secret_file,
        },
        websocket_hours: 12,
    }
}

fn setup(settings: &TrustedProxy) -> Setup {
    setup_with(TrustedProxyConfig::prepare(settings).unwrap())
}

fn setup_with(config: TrustedProxyConfig) -> Setup {
    Setup {
        hosts: vec![HOST],
        auth: AuthMode::TrustedProxy,
        trusted_proxy: Some(config),
        ..Setup::default()
    }
}

/// A door behind the proxy of [`settings`], changed by `change`.
async fn door(change: impl FnOnce(&mut TrustedProxy)) -> (Door, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(dir.path());
    change(&mut settings);
    (Door::open(setup(&settings)).await, dir)
}

/// The ways a request can come in; nothing may depend on which it is.
const WAYS: [Way; 3] = [Way::Http1, Way::Http2, Way::WebSocket];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Http1,
    Http2,
    WebSocket,
}

/// How a request was answered: the status, and the code and detail in the access log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    status: u16,
    code: Option<String>,
    detail: Option<String>,
}

impl Outcome {
    fn is(&self, status: u16, code: &str) -> bool {
        self.status == status && self.code.as_deref() == Some(code)
    }
}

/// Sends a request with exactly these headers, and our host unless another is among them.
async fn send(door: &Door, way: Way, headers: &[(&str, &str)]) -> Outcome {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // The stub editor opens WebSockets below this path.
    let path = format!("/ws/{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let client = door.client();
    let status = match way {
        Way::Http1 => client
            .request(Method::GET, &path, headers, "")
            .await
            .status
            .as_u16(),
        Way::Http2 => client
            .over_h2()
            .request(Method::GET, &path, headers, "")
            .await
            .status
            .as_u16(),
        Way::WebSocket => websocket(&client, &path, headers).await.0,
    };
    let line = match status {
        // Its line is written at its end.
        101 => None,
        _ => Some(door.logged(|line| line["path"] == path.as_str()).await),
    };
    let text = |name: &str| Some(line.as_ref()?.get(name)?.as_str()?.to_owned());
    Outcome {
        status,
        code: text("code"),
        detail: text("detail"),
    }
}

/// The same in every way; they must agree.
async fn in_every_way(door: &Door, headers: &[(&str, &str)]) -> Outcome {
    let mut outcomes = Vec::new();
    for way in WAYS {
        outcomes.push(send(door, way, headers).await);
    }
    assert!(
        outcomes.windows(2).all(|pair| pair[0] == pair[1]),
        "{headers:?}: {outcomes:?}"
    );
    outcomes.remove(0)
}

/// Fails unless the request is refused so in every way, without anybody having asked the editor.
async fn refused(door: &Door, headers: &[(&str, &str)], status: u16, code: &str) {
    let before = door.editor.connections();
    let outcome = in_every_way(door, headers).await;
    assert!(
        outcome.is(status, code),
        "{headers:?}: {outcome:?}, not {status} {code}"
    );
    assert_eq!(
        door.editor.connections(),
        before,
        "{headers:?} reached the editor"
    );
}

/// Fails unless the request is let through in every way.
async fn admitted(door: &Door, headers: &[(&str, &str)]) {
    for way in WAYS {
        let outcome = send(door, way, headers).await;
        let expected = if way == Way::WebSocket { 101 } else { 200 };
        assert_eq!(outcome.status, expected, "{way:?} {headers:?}: {outcome:?}");
    }
}

/// [`GOOD`] with some headers replaced, or taken away where the value is empty.
fn good_but<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = GOOD.into_iter().filter(|(name, _)| !is_changed(name));
    kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty()))
        .collect()
}

async fn websocket(client: &Client, path: &str, headers: &[(&str, &str)]) -> (u16, Raw) {
    let mut stream = client.raw().await;
    let host = headers
        .iter()
        .find(|(name, _)| *name == "host")
        .map_or(HOST, |(_, host)| *host);
    let mut head = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
    let head = read_head(&mut stream).await;
    (status_of(&head), stream)
}

/// Fails unless the connection ends soon.
async fn ends(what: &str, stream: &mut Raw) {
    let (_, rest) = read_answer(stream).await;
    assert_eq!(rest, "", "{what}");
}

/// Fails when the connection ends within a moment.
async fn stays(what: &str, stream: &mut Raw) {
    let mut byte = [0];
    let read = tokio::io::AsyncReadExt::read(stream, &mut byte);
    let ended = tokio::time::timeout(Duration::from_millis(200), read).await;
    assert!(ended.is_err(), "{what}");
}
