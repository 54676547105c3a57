//! What the gateway must survive, sent byte by byte where no library would send it.

use std::time::Duration;

use doorcode_gateway::Timing;
use doorcode_settings::AuthMode;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Door, Setup, eventually, in_time, read_answer};

/// Sends `request` with `{host}` and `{cookie}` filled in, and reads to the end of the connection.
async fn send(door: &Door, cookie: &str, request: &str) -> (u16, String) {
    let text = request
        .replace("{host}", &door.authority())
        .replace("{cookie}", cookie);
    let mut stream = door.raw().await;
    // Whoever is refused in the middle of a head cannot write the rest.
    let _ = stream.write_all(text.as_bytes()).await;
    read_answer(&mut stream).await
}

#[tokio::test]
async fn malformed_requests_are_refused_whoever_sends_them() {
    let door = Door::open(Setup::default()).await;
    let cookie = door.signed_in().await.cookie.unwrap();
    let long = "a".repeat(64 << 10);
    let many: String = (0..101).map(|number| format!("X-{number}: 1\r\n")).collect();
    let huge: String = (0..60)
        .map(|number| format!("X-{number}: {}\r\n", "a".repeat(10 << 10)))
        .collect();
    let rows = [
        (
            "two hosts",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n",
        ),
        ("no host", 400, "GET / HTTP/1.1\r\n"),
        ("HTTP/1.0 without a host", 400, "GET / HTTP/1.0\r\n"),
        (
            "absolute form with another host",
            400,
            "GET https://evil.example/ HTTP/1.1\r\nHost: {host}\r\n",
        ),
        ("user information", 400, "GET / HTTP/1.1\r\nHost: evil@{host}\r\n"),
        (
            "DNS rebinding",
            421,
            "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n",
        ),
        (
            "a look-alike host",
            421,
            "GET / HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n",
        ),
        (
            "asterisk form",
            400,
            "OPTIONS * HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n",
        ),
        (
            "CL.TE",
            400,
            "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "TE.CL",
            400,
            "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        ),
        (
            "TE.TE",
            400,
            "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: identity, chunked\r\n",
        ),
        (
            "TE twice",
            400,
            "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "two lengths",
            400,
            "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nContent-Length: 5\r\n",
        ),
        (
            "h2c",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n",
        ),
        (
            "h2c settings",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nHTTP2-Settings: AAMAAABk\r\n",
        ),
        (
            "two upgrades",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n",
        ),
        (
            "an upgrade with a body",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 4\r\n",
        ),
        (
            "an upgrade that is not one",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n",
        ),
        ("CONNECT", 405, "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n"),
        ("TRACE", 405, "TRACE / HTTP/1.1\r\nHost: {host}\r\n"),
        (
            "an encoded body",
            415,
            "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n",
        ),
        (
            "the cookie as hop-by-hop",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close, Cookie\r\n",
        ),
        (
            "forwarding as hop-by-hop",
            400,
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close, x-forwarded-host\r\n",
        ),
        (
            "a long field",
            431,
            &format!("GET / HTTP/1.1\r\nHost: {{host}}\r\nX: {long}\r\n"),
        ),
        (
            "many fields",
            431,
            &format!("GET / HTTP/1.1\r\nHost: {{host}}\r\n{many}"),
        ),
        (
            "much of everything",
            431,
            &format!("GET / HTTP/1.1\r\nHost: {{host}}\r\n{huge}"),
        ),
    ];
    for (name, expected, head) in rows {
        // The refusal does not depend on being signed in.
        for line in ["Cookie: {cookie}\r\n", ""] {
            let (status, text) = send(&door, &cookie, &format!("{head}{line}\r\n")).await;
            assert_eq!(status, expected, "{name}: {text}");
            assert_eq!(
                text.matches("HTTP/1.").count(),
                1,
                "{name}: one answer, and the end: {text}"
            );
        }
    }
    assert_eq!(door.editor.connections(), 0, "none of them reached the editor");
    door.logged(|line| line["code"] == "head_too_large").await;
}

#[tokio::test]
async fn a_smuggled_request_is_never_answered() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n";
    for lengths in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked",
    ] {
        let request =
            format!("POST /length HTTP/1.1\r\nHost: {{host}}\r\n{lengths}\r\n\r\n0\r\n\r\n{smuggled}");
        let (_, text) = send(&door, "", &request).await;
        assert_eq!(text.matches("HTTP/1.").count(), 1, "{text}");
        assert!(!text.contains("/smuggled"), "{text}");
    }
}

#[tokio::test]
async fn an_honest_chunked_body_arrives() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let request =
        "POST /length HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let (status, text) = send(&door, "", request).await;
    assert_eq!(status, 200, "{text}");
    assert!(text.to_ascii_lowercase().contains("connection: close"), "{text}");
    assert!(text.contains("\r\n\r\n5"), "five bytes: {text}");
}

#[tokio::test]
async fn nothing_reaches_the_editor_before_somebody_is_signed_in() {
    let door = Door::open(Setup {
        allow_ports: vec![3000],
        ..Setup::default()
    })
    .await;
    let mut client = door.client();
    for cookie in [
        None,
        Some("__Host-doorcode=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        Some("__Host-doorcode="),
    ] {
        client.cookie = cookie.map(str::to_owned);
        for path in [
            "/",
            "/healthz",
            "/a/../b",
            "/%2e%2e/",
            "//evil",
            "/%2f",
            "/stable-1/static/a.js",
            "/proxy/3000/",
            "/login",
        ] {
            assert_eq!(client.get(path).await.status, 401, "{path} for a program");
            assert_eq!(client.open(path).await.status, 302, "{path} for a person");
            assert_eq!(client.over_h2().get(path).await.status, 401, "{path} over HTTP/2");
        }
        for path in ["/", "/proxy/3000"] {
            let origin = client.origin();
            assert_eq!(
                client.websocket(path, Some(&origin)).await.0,
                401,
                "a WebSocket on {path}"
            );
        }
    }
    assert_eq!(door.editor.connections(), 0);
}

#[tokio::test]
async fn other_sites_open_no_websockets() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    let port = door.address.port();
    let foreign = [
        Some("https://evil.example".to_owned()),
        Some("null".to_owned()),
        Some(format!("http://localhost:{port}")),
        Some(format!("https://a.localhost:{port}")),
        Some("https://localhost".to_owned()),
        None,
    ];
    for origin in foreign {
        assert_eq!(
            client.websocket("/ws", origin.as_deref()).await.0,
            403,
            "{origin:?}"
        );
    }
    assert_eq!(door.editor.connections(), 0);
    assert_eq!(client.websocket("/ws", Some(&client.origin())).await.0, 101);
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    let own = client.origin();
    let rows: [(&[(&str, &str)], u16); 7] = [
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null"), ("sec-fetch-site", "same-origin")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[], 403),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("origin", &own)], 200),
    ];
    for (headers, expected) in rows {
        for method in [Method::POST, Method::DELETE] {
            let answer = client.request(method, "/x", headers, "").await;
            assert_eq!(answer.status, expected, "{headers:?}: {}", answer.text());
        }
    }
    assert_eq!(
        client
            .request(Method::GET, "/x", &[("origin", "https://evil.example")], "")
            .await
            .status,
        200,
        "reading"
    );
}

#[tokio::test]
async fn other_sites_do_not_frame_the_editor() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let client = door.client();
    let ask = async |path: &str, dest: &str, site: &str| {
        let headers = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", dest),
            ("sec-fetch-site", site),
        ];
        client
            .request(Method::GET, path, &headers, "")
            .await
            .status
            .as_u16()
    };
    for dest in ["iframe", "frame", "embed", "object"] {
        assert_eq!(ask("/", dest, "cross-site").await, 403, "{dest}");
        assert_eq!(ask("/?folder=/x", dest, "cross-site").await, 403, "{dest}");
    }
    door.logged(|line| line["code"] == "framed_elsewhere" && line["status"] == 403)
        .await;
    assert_eq!(door.editor.connections(), 0);
    for site in ["same-origin", "same-site", "none"] {
        assert_eq!(ask("/", "iframe", site).await, 200, "{site}");
    }
    assert_eq!(
        ask("/", "document", "cross-site").await,
        200,
        "a link from elsewhere"
    );
    let webview = "/stable-1/static/out/vs/workbench/contrib/webview/browser/pre/index.html";
    assert_eq!(
        ask(webview, "iframe", "cross-site").await,
        200,
        "the editor's own frame"
    );
}

#[tokio::test]
async fn nothing_is_forwarded_before_the_editor_agrees_to_a_websocket() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let request = "GET /ws-refused HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nConnection: Upgrade\r\n\
                   Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\
                   GET /smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n";
    let (status, text) = send(&door, "", request).await;
    assert_eq!(status, 400, "{text}");
    assert!(
        text.ends_with("no WebSocket here"),
        "the editor's own answer, whole: {text}"
    );
    assert_eq!(text.matches("HTTP/1.").count(), 1, "{text}");
    assert_eq!(door.editor.requests(), 1, "the pipelined request went nowhere");
}

#[tokio::test]
async fn whoever_keeps_us_waiting_is_dropped() {
    let short = Duration::from_millis(300);
    let timing = Timing {
        handshake: short,
        head: short,
        idle: Duration::from_secs(60),
        form: short,
    };
    let door = Door::open(Setup {
        timing,
        ..Setup::default()
    })
    .await;
    for beginning in ["", "GET / HT", "PRI * H", "\u{16}\u{3}\u{1}"] {
        let mut stream = TcpStream::connect(door.address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let _ = in_time(&format!("dropping {beginning:?}"), stream.read_to_end(&mut rest)).await;
    }
    for beginning in ["", "GET / HT", "PRI * H", "GET / HTTP/1.1\r\nHost: localhost\r\n"] {
        let (status, _) = send(&door, "", beginning).await;
        assert_eq!(status, 0, "{beginning:?} over TLS");
    }
    let mut h2 = door.tls.connect(door.address, "localhost", b"h2").await.unwrap();
    h2.write_all(b"PRI * HTTP/2").await.unwrap();
    read_answer(&mut h2).await;
    eventually("no connection is left", || door.gateway.connections() == 0).await;
}

#[tokio::test]
async fn a_slow_form_is_given_up() {
    let timing = Timing {
        form: Duration::from_millis(200),
        ..Timing::default()
    };
    let door = Door::open(Setup {
        timing,
        ..Setup::default()
    })
    .await;
    let request = "POST /.doorcode/sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                   Content-Length: 40\r\n\r\npassw";
    let (status, text) = send(&door, "", request).await;
    assert_eq!(status, 400, "{text}");
}

#[tokio::test]
async fn an_idle_connection_is_kept_longer_than_a_head_may_take() {
    let timing = Timing {
        head: Duration::from_millis(200),
        idle: Duration::from_millis(1200),
        ..Timing::default()
    };
    let door = Door::open(Setup {
        timing,
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let mut stream = door.raw().await;
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", door.authority());
    stream.write_all(request.as_bytes()).await.unwrap();
    let began = std::time::Instant::now();
    let (status, _) = read_answer(&mut stream).await;
    let open = began.elapsed();
    assert_eq!(status, 200);
    assert!(
        open > Duration::from_millis(900) && open < Duration::from_secs(8),
        "{open:?}"
    );
}
