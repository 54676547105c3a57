//! A proxy on the same machine: over a unix socket, or over plain http on loopback.

use std::os::unix::fs::PermissionsExt;

use doorcode_settings::trusted_proxy::Proof;
use doorcode_settings::{AuthMode, ListenAddress};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::{GOOD, HOST, ORIGIN, SECRET, good_but, settings, setup};
use crate::support::{Door, in_time, status_of};

/// Sends a request over `stream`, which is closed after it; gives the whole answer.
async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    headers: &[(&str, &str)],
    extra: &str,
) -> (u16, String) {
    let mut head = format!("GET /shown HTTP/1.1\r\nHost: {HOST}\r\n{extra}");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    // The other side may have closed without reading.
    let _ = stream.write_all((head + "\r\n").as_bytes()).await;
    let mut answer = Vec::new();
    let _ = in_time("an answer", stream.read_to_end(&mut answer)).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    (if text.is_empty() { 0 } else { status_of(&text) }, text)
}

const CLOSE: &str = "Connection: close\r\n";
const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn a_proxy_on_a_unix_socket_needs_no_tls() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("door.sock");
    let mut settings = settings(dir.path());
    settings.proxies = Vec::new();
    settings.proof = Proof::UnixSocket;
    let mut setup = setup(&settings);
    setup.listen = vec![ListenAddress::Unix(path.clone())];
    let door = Door::open(setup).await;
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        door.gateway
            .addresses()
            .contains(&ListenAddress::Unix(path.clone()))
    );

    let headers = good_but(&[("x-doorcode-proof", "")]);
    let (status, text) = ask(UnixStream::connect(&path).await.unwrap(), &headers, CLOSE).await;
    assert_eq!(status, 200, "{text}");
    assert!(
        text.contains("x-forwarded-proto: https") && text.contains(&format!("host: {HOST}")),
        "{text}"
    );
    assert_eq!(door.sessions.list().len(), 1);
    let (status, _) = ask(
        UnixStream::connect(&path).await.unwrap(),
        &good_but(&[("x-forwarded-user", "")]),
        CLOSE,
    )
    .await;
    assert_eq!(status, 401);

    let mut socket = UnixStream::connect(&path).await.unwrap();
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: {HOST}\r\n{UPGRADE}x-forwarded-user: {}\r\norigin: {ORIGIN}\r\n\r\n",
        super::YOU
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    in_time("a 101", socket.read_exact(&mut answer)).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 101");

    // Over TCP the same headers prove nothing.
    super::refused(&door, &headers, 403, "trusted_proxy_untrusted_source").await;
    drop(socket);
    drop(door.close().await);
    assert!(!path.exists(), "gone with the door");
}

#[tokio::test]
async fn a_unix_socket_is_served_only_for_a_proxy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("door.sock");
    let mut setup = setup(&settings(dir.path()));
    setup.auth = AuthMode::None;
    setup.listen = vec![ListenAddress::Unix(path.clone())];
    let door = Door::open(setup).await;
    let (status, _) = ask(UnixStream::connect(&path).await.unwrap(), &GOOD, CLOSE).await;
    assert_eq!(status, 0);
    assert_eq!(door.editor.connections(), 0);
}

#[tokio::test]
async fn plain_http_is_served_where_the_settings_say_so_and_redirects_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let mut setup = setup(&settings(dir.path()));
    setup.plain = true;
    let door = Door::open(setup).await;
    let connect = || TcpStream::connect(door.address);
    let (status, text) = ask(connect().await.unwrap(), &GOOD, CLOSE).await;
    assert_eq!(status, 200, "{text}");
    let (status, text) = ask(
        connect().await.unwrap(),
        &good_but(&[("x-doorcode-proof", "x")]),
        CLOSE,
    )
    .await;
    assert_eq!(status, 403);
    assert!(!text.to_ascii_lowercase().contains("location:"), "{text}");
    let mut hello = connect().await.unwrap();
    hello.write_all(b"\x16\x03\x01\x00\x05hello").await.unwrap();
    let mut rest = Vec::new();
    let _ = in_time("the end of a TLS client", hello.read_to_end(&mut rest)).await;
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_plain_connection_does_not_outlive_the_mode_that_allowed_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut setup = setup(&settings(dir.path()));
    setup.plain = true;
    let door = Door::open(setup).await;
    let mut stream = TcpStream::connect(door.address).await.unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {HOST}\r\nx-forwarded-user: you@example.com\r\nx-doorcode-proof: {SECRET}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    in_time("the first answer", stream.read_exact(&mut answer))
        .await
        .unwrap();
    assert_eq!(answer, b"HTTP/1.1 200");

    let mut config = door.config.clone();
    (config.auth, config.plain) = (AuthMode::None, false);
    door.gateway.reconfigure(config);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    let _ = in_time("the end", stream.read_to_end(&mut rest)).await;
    assert!(
        String::from_utf8_lossy(&rest).contains("HTTP/1.1 400"),
        "{}",
        String::from_utf8_lossy(&rest)
    );
    door.logged(|line| line["code"] == "plain_http").await;
    assert_eq!(door.editor.requests(), 1);
}
