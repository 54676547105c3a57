//! Requests that two programs would read differently.

use http::Method;
use tokio::io::AsyncWriteExt;

use super::{GOOD, HOST, ORIGIN, SECRET, Way, YOU, door, good_but, send};
use crate::support::{Door, eventually, read_answer};

const BAD: &str = "trusted_proxy_bad_request";

#[tokio::test]
async fn a_name_in_two_fields_or_in_another_spelling_is_refused() {
    let (door, _dir) = door(|_| {}).await;
    for (second, detail) in [
        ("x-forwarded-user", "duplicate"),
        ("X-Forwarded-User", "duplicate"),
        ("x-doorcode-proof", "duplicate"),
        ("X_Forwarded_User", "alias"),
        ("X.Forwarded.User", "alias"),
        ("x-forwarded_user", "alias"),
        ("x_doorcode_proof", "alias"),
        ("x_auth_request_email", "alias"),
    ] {
        let mut headers = GOOD.to_vec();
        headers.push((second, "evil@example.com"));
        for way in [Way::Http1, Way::WebSocket] {
            let outcome = send(&door, way, &headers).await;
            assert!(outcome.is(400, BAD), "{second}: {outcome:?}");
            assert_eq!(outcome.detail.as_deref(), Some(detail), "{second}");
        }
        let over_h2: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), *value))
            .collect();
        let over_h2: Vec<_> = over_h2
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        let outcome = send(&door, Way::Http2, &over_h2).await;
        assert!(outcome.is(400, BAD), "{second} over HTTP/2: {outcome:?}");
    }
    assert_eq!(door.editor.connections(), 0);
}

/// Sends a request with `{good}` filled in, byte by byte as it is written; gives its status and its code.
async fn raw(door: &Door, request: &str) -> (u16, String, String) {
    let good = format!("X-Forwarded-User: {YOU}\r\nX-Doorcode-Proof: {SECRET}\r\nOrigin: {ORIGIN}\r\n");
    let before = door.log_lines().len();
    let mut stream = door.client().raw().await;
    let text = request.replace("{good}", &good).replace("{host}", HOST) + "\r\n";
    stream.write_all(text.as_bytes()).await.unwrap();
    let (status, answer) = read_answer(&mut stream).await;
    let mut lines = Vec::new();
    eventually("its line", || {
        lines = door.log_lines();
        lines.len() > before
    })
    .await;
    (
        status,
        lines[before]["code"].as_str().unwrap_or_default().to_owned(),
        answer,
    )
}

#[tokio::test]
async fn malformed_requests_are_refused_also_from_the_proxy() {
    let (door, _dir) = door(|_| {}).await;
    let rows = [
        (
            400,
            BAD,
            "GET / HTTP/1.1\r\nHost: {host}\r\n{good}Connection: close, x-forwarded-user\r\n",
        ),
        (
            400,
            BAD,
            "GET / HTTP/1.1\r\nHost: {host}\r\n{good}Connection: close, X-Doorcode-Proof\r\n",
        ),
        (
            400,
            BAD,
            "GET / HTTP/1.1\r\nHost: {host}\r\n{good}Connection: close, X_Forwarded_User\r\n",
        ),
        (
            400,
            BAD,
            "POST / HTTP/1.1\r\nHost: {host}\r\n{good}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            400,
            BAD,
            "POST / HTTP/1.1\r\nHost: {host}\r\n{good}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        ),
        (
            400,
            BAD,
            "POST / HTTP/1.1\r\nHost: {host}\r\n{good}Transfer-Encoding: identity, chunked\r\n",
        ),
        (
            400,
            BAD,
            "POST / HTTP/1.1\r\nHost: {host}\r\n{good}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            400,
            BAD,
            "GET / HTTP/1.1\r\nHost: {host}\r\n{good}Connection: Upgrade\r\nUpgrade: h2c\r\n",
        ),
        (
            400,
            BAD,
            "GET / HTTP/1.1\r\nHost: {host}\r\n{good}HTTP2-Settings: AAMAAABk\r\n",
        ),
        (
            400,
            BAD,
            "GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n{good}",
        ),
        (400, BAD, "GET / HTTP/1.1\r\n{good}"),
        (
            400,
            BAD,
            "GET https://evil.example/ HTTP/1.1\r\nHost: {host}\r\n{good}",
        ),
        (
            405,
            "method_not_allowed",
            "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{good}",
        ),
        (
            405,
            "method_not_allowed",
            "TRACE / HTTP/1.1\r\nHost: {host}\r\n{good}",
        ),
        (
            415,
            "encoded_body",
            "POST / HTTP/1.1\r\nHost: {host}\r\n{good}Content-Encoding: gzip\r\nContent-Length: 0\r\n",
        ),
        (
            421,
            "trusted_proxy_host_not_allowed",
            "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n{good}",
        ),
        (
            421,
            "trusted_proxy_host_not_allowed",
            "GET / HTTP/1.1\r\nHost: code.example.com.evil.example\r\nConnection: close\r\n{good}",
        ),
    ];
    for (status, code, request) in rows {
        let (found, logged, answer) = raw(&door, request).await;
        assert_eq!((found, logged.as_str()), (status, code), "{request}");
        assert_eq!(answer.matches("HTTP/1.").count(), 1, "one answer: {answer}");
    }
    assert_eq!(door.editor.connections(), 0);
}

#[tokio::test]
async fn nothing_behind_an_upgrade_is_forwarded_before_the_editor_agrees() {
    let (door, _dir) = door(|_| {}).await;
    let request = "GET /ws-refused HTTP/1.1\r\nHost: {host}\r\n{good}Connection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\
                   GET /smuggled HTTP/1.1\r\nHost: {host}\r\n{good}";
    let (status, _, answer) = raw(&door, request).await;
    assert_eq!(status, 400, "{answer}");
    assert!(answer.ends_with("no WebSocket here"), "{answer}");
    assert_eq!(door.editor.requests(), 1);
}

#[tokio::test]
async fn no_path_is_exempt_and_none_is_tidied_up_before_the_decision() {
    let (door, _dir) = door(|_| {}).await;
    let client = door.client();
    let paths = [
        "/",
        "/healthz",
        "/a/../b",
        "/%2e%2e/",
        "//evil",
        "/%2f",
        "/stable-1/static/a.js",
        "/proxy/3000/",
        "/login",
        "/.doorcode/sign-in",
        "/.doorcode/enter?code=x",
        "/.doorcode/certificate",
        "/.doorcode/check/x",
        "/.doorcode",
        "/.doorcode/../",
    ];
    let nobody = good_but(&[("x-doorcode-proof", "")]);
    for path in paths {
        for client in [client.clone(), client.over_h2()] {
            let answer = client.request(Method::GET, path, &nobody, "").await;
            assert_eq!(answer.status, 403, "{path}");
        }
        assert_eq!(
            super::websocket(&client, path, &nobody).await.0,
            403,
            "a WebSocket on {path}"
        );
    }
    let raw_path = raw(
        &door,
        "GET /\\evil HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n",
    )
    .await;
    assert_eq!(raw_path.0, 403);
    assert_eq!(door.editor.connections(), 0);
}

#[tokio::test]
async fn a_person_reads_a_number_and_no_reason() {
    let (door, _dir) = door(|_| {}).await;
    let client = door.client();
    let headers = [
        ("sec-fetch-mode", "navigate"),
        ("x-forwarded-user", "a@b, c@d"),
        ("x-doorcode-proof", SECRET),
    ];
    let answer = client.request(Method::GET, "/", &headers, "").await;
    assert_eq!(answer.status, 403);
    let line = door
        .logged(|line| line["code"] == "trusted_proxy_user_ambiguous")
        .await;
    let text = answer.text();
    assert!(
        text.contains("<h1>") && text.contains(line["id"].as_str().unwrap()),
        "{text}"
    );
    for secret in ["trusted_proxy", "ambiguous", "comma", "a@b", "x-forwarded-user"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
