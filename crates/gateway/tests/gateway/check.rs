//! Device checks: the page, its WebSocket and its report, as a browser and as somebody who should not asks for them.

use std::time::Duration;

use doorcode_gateway::{CheckState, Outcome, TestId, Timing};
use http::Method;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, SET_COOKIE, X_FRAME_OPTIONS,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, Client, Door, Raw, Setup, in_time};

const MINUTE: Duration = Duration::from_secs(60);
const REPORT: &str = "/.doorcode/check/report";
const ECHO: &str = "/.doorcode/check/echo";

struct Check {
    id: String,
    path: String,
}

fn begin(door: &Door) -> Check {
    let begun = door.gateway.begin_check(&door.config.hosts[0], MINUTE);
    Check {
        id: begun.id,
        path: begun.path,
    }
}

fn state(door: &Door, check: &Check) -> CheckState {
    door.gateway.check(&check.id).unwrap().state
}

/// The token that the page was given.
fn token(page: &Answer) -> String {
    let (_, rest) = page.text().split_once("data-page=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn tests(worker: &str) -> String {
    format!(
        r#"[{{"id":"secure-context","outcome":"passed"}},{{"id":"certificate","outcome":"missing"}},{{"id":"service-worker","outcome":"{worker}","detail":"SecurityError"}},
            {{"id":"websocket","outcome":"passed"}},{{"id":"clipboard","outcome":"passed"}}]"#
    )
}

async fn report(client: &Client, token: &str, worker: &str) -> Answer {
    let body = format!(r#"{{"page":"{token}","tests":{}}}"#, tests(worker));
    report_from(client, &client.origin(), "application/json", &body).await
}

/// Opens the check at `path` and reports that all is well.
pub(crate) async fn pass(client: &Client, path: &str) {
    let page = client.open(path).await;
    assert_eq!(report(client, &token(&page), "passed").await.status, 200);
}

async fn report_from(client: &Client, origin: &str, kind: &str, body: &str) -> Answer {
    let headers = [("origin", origin), (CONTENT_TYPE.as_str(), kind)];
    client.request(Method::POST, REPORT, &headers, body).await
}

/// Asks for the WebSocket; gives the status and the connection after the head.
async fn websocket(client: &Client, origin: &str, protocol: &str) -> (u16, String, Raw) {
    let mut stream = client.raw().await;
    let head = format!(
        "GET {ECHO} HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n",
        client.authority()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(in_time("a head", stream.read_u8()).await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer, stream)
}

/// A text frame as clients send it, masked with zeros (RFC 6455 section 5.2).
fn frame(text: &[u8]) -> Vec<u8> {
    let length: Vec<u8> = match u8::try_from(text.len()) {
        Ok(short @ 0..126) => vec![0x80 | short],
        _ => [
            &[0x80 | 126][..],
            &u16::try_from(text.len()).unwrap().to_be_bytes(),
        ]
        .concat(),
    };
    [&[0x81], &*length, &[0; 4], text].concat()
}

#[tokio::test]
async fn a_browser_that_trusts_the_host_passes() {
    for h2 in [false, true] {
        let door = Door::open(Setup::default()).await;
        let mut passed = door.gateway.passed_checks();
        let check = begin(&door);
        let mut client = door.client();
        client.h2 = h2;
        let agent = (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
        );
        let page = client.request(Method::GET, &check.path, &[agent], "").await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert_eq!(state(&door, &check), CheckState::Opened);
        assert_eq!(page.headers.get(SET_COOKIE), None);
        let policy = page.header(CONTENT_SECURITY_POLICY);
        for part in [
            "default-src 'none'",
            "script-src 'sha256-",
            "frame-ancestors 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        // Where the browser asks for the same certificate by another name.
        let other = format!("127.0.0.1:{}", door.address.port());
        assert!(
            policy.contains(&format!("connect-src 'self' https://{other};")),
            "{policy}"
        );
        assert!(page.text().contains(&format!("data-other=\"{other}\"")));
        assert_eq!(
            (
                page.header(X_FRAME_OPTIONS),
                page.header(CACHE_CONTROL),
                page.header("referrer-policy")
            ),
            ("DENY", "no-store", "no-referrer")
        );

        let worker = client.get("/.doorcode/check/worker.js").await;
        assert_eq!(
            (worker.status.as_u16(), worker.header(CONTENT_TYPE)),
            (200, "text/javascript; charset=utf-8")
        );
        assert_eq!(
            worker.headers.get("service-worker-allowed"),
            None,
            "its scope stays below its folder"
        );

        assert_eq!(report(&client, &token(&page), "passed").await.status, 200);
        let view = in_time("the news", passed.recv()).await.unwrap();
        assert!(
            !view.proves_trust(),
            "its certificate test says that it does not tell"
        );
        assert_eq!((view.id, view.state), (check.id.clone(), CheckState::Passed));
        let visitor = view.visitor.unwrap();
        assert_eq!(
            (&*visitor.name, &*visitor.client),
            ("Firefox 153 on Linux", "127.0.0.1")
        );
    }
}

#[tokio::test]
async fn a_click_through_is_told_with_its_test_named() {
    let door = Door::open(Setup::default()).await;
    let check = begin(&door);
    let client = door.client();
    let page = client.open(&check.path).await;
    assert_eq!(report(&client, &token(&page), "refused").await.status, 200);
    let view = door.gateway.check(&check.id).unwrap();
    assert_eq!(view.state, CheckState::Failed);
    let failed: Vec<_> = view.tests.iter().filter(|test| !test.passed()).collect();
    assert_eq!(
        (failed[0].id, failed[0].outcome, &*failed[0].detail),
        (TestId::ServiceWorker, Outcome::Refused, "SecurityError")
    );
    assert_eq!(failed.len(), 1);
}

#[tokio::test]
async fn the_page_opens_once_and_only_for_a_person() {
    let door = Door::open(Setup::default()).await;
    let check = begin(&door);
    let client = door.client();
    assert_eq!(
        client.request(Method::HEAD, &check.path, &[], "").await.status,
        403
    );
    assert_eq!(
        client
            .request(
                Method::GET,
                &check.path,
                &[("sec-purpose", "prefetch;prerender")],
                ""
            )
            .await
            .status,
        403
    );
    let posted = client.request(Method::POST, &check.path, &[], "").await;
    assert_eq!((posted.status.as_u16(), posted.header(ALLOW)), (405, "GET, HEAD"));
    assert_eq!(client.websocket(&check.path, Some(&client.origin())).await.0, 403);
    assert_eq!(
        state(&door, &check),
        CheckState::Waiting,
        "none of these is a person"
    );

    let first = client.open(&check.path).await;
    let second = client.over_h2().open(&check.path).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 410));
    assert!(
        second.text().contains("has been used") && !second.text().contains("data-page"),
        "{}",
        second.text()
    );
    assert_eq!(
        state(&door, &check),
        CheckState::Opened,
        "the first browser can still report"
    );
}

#[tokio::test]
async fn a_check_that_nobody_opens_in_time_is_over() {
    let door = Door::open(Setup::default()).await;
    let begun = door.gateway.begin_check(&door.config.hosts[0], Duration::ZERO);
    assert_eq!(door.client().open(&begun.path).await.status, 410);
    assert_eq!(door.gateway.check(&begun.id).unwrap().state, CheckState::Expired);
}

#[tokio::test]
async fn a_check_is_for_the_host_it_was_begun_for() {
    let door = Door::open(Setup {
        hosts: vec!["localhost", "code.test"],
        ..Setup::default()
    })
    .await;
    let check = begin(&door);
    let other = Client::new(door.address, door.tls.clone(), "code.test");
    assert_eq!(other.open(&check.path).await.status, 410);
    assert_eq!(door.client().open(&check.path).await.status, 200, "not used up");
}

#[tokio::test]
async fn a_host_with_one_name_has_no_other() {
    let door = Door::open(Setup {
        hosts: vec!["code.test"],
        ..Setup::default()
    })
    .await;
    let page = door.client().open(&begin(&door).path).await;
    assert!(page.text().contains("data-other=\"\""), "{}", page.text());
    assert!(
        page.header(CONTENT_SECURITY_POLICY)
            .contains("connect-src 'self';")
    );
}

#[tokio::test]
async fn nobody_else_reports_for_a_page() {
    let door = Door::open(Setup::default()).await;
    let check = begin(&door);
    let client = door.client();
    let nonce = check.path.rsplit('/').next().unwrap().to_owned();
    let page = token(&client.open(&check.path).await);

    for guess in ["", "guess", &nonce, &"A".repeat(43)] {
        let refused = report(&client, guess, "passed").await;
        assert_eq!(refused.status, 403, "{guess}: {}", refused.text());
    }
    let body = format!(r#"{{"page":"{page}","tests":{}}}"#, tests("passed"));
    for origin in [
        "https://evil.test",
        "null",
        &client.origin().replace("https", "http"),
    ] {
        let refused = report_from(&client, origin, "application/json", &body).await;
        assert_eq!(refused.status, 403, "{origin}");
    }
    // What a page of another site can send without asking first.
    let refused = report_from(&client, &client.origin(), "text/plain", &body).await;
    assert_eq!(refused.status, 400);
    assert_eq!(state(&door, &check), CheckState::Opened, "nothing of it counts");

    assert_eq!(report(&client, &page, "refused").await.status, 200);
    assert_eq!(report(&client, &page, "passed").await.status, 403, "once");
    assert_eq!(state(&door, &check), CheckState::Failed);
}

#[tokio::test]
async fn a_report_has_its_limits() {
    let door = Door::open(Setup {
        timing: Timing {
            form: Duration::from_millis(200),
            ..Timing::default()
        },
        ..Setup::default()
    })
    .await;
    let check = begin(&door);
    let client = door.client();
    let page = token(&client.open(&check.path).await);
    let long = format!(
        r#"{{"page":"{page}","tests":{},"x":"{}"}}"#,
        tests("passed"),
        "x".repeat(8 << 10)
    );
    let some = format!(r#"{{"page":"{page}","tests":[{{"id":"clipboard","outcome":"passed"}}]}}"#);
    for body in [&*long, &some, "", "[]", "\u{0}"] {
        let refused = report_from(&client, &client.origin(), "application/json", body).await;
        assert_eq!(refused.status, 400, "{}", &body[..body.len().min(60)]);
    }
    let mut slow = door.raw().await;
    let head = format!(
        "POST {REPORT} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
        client.authority(),
        client.origin()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    in_time(
        "an answer to a body that does not come",
        slow.read_exact(&mut status),
    )
    .await
    .unwrap();
    assert_eq!(&status, b"HTTP/1.1 400");
    assert_eq!(
        report(&client, &page, "passed").await.status,
        200,
        "the page is not used up by them"
    );
}

#[tokio::test]
async fn the_websocket_echoes_for_the_page_alone() {
    let door = Door::open(Setup::default()).await;
    let check = begin(&door);
    let client = door.client();
    let page = token(&client.open(&check.path).await);
    let proper = format!("doorcode-check, {page}");

    for (origin, protocol) in [
        ("https://evil.test", &*proper),
        (&client.origin(), "doorcode-check"),
        (&client.origin(), "doorcode-check, guess"),
        (&client.origin(), &format!("other, {page}")),
    ] {
        assert_eq!(
            websocket(&client, origin, protocol).await.0,
            403,
            "{origin} {protocol}"
        );
    }

    let (status, head, mut stream) = websocket(&client, &client.origin(), &proper).await;
    assert_eq!(status, 101, "{head}");
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
        "{head}"
    );
    assert!(
        head.contains("sec-websocket-protocol: doorcode-check\r\n"),
        "{head}"
    );
    assert!(!head.contains("content-length"), "{head}");
    stream.write_all(&frame(b"0.4711")).await.unwrap();
    let mut echoed = [0; 8];
    in_time("the echo", stream.read_exact(&mut echoed)).await.unwrap();
    assert_eq!(&echoed, b"\x81\x060.4711");
    let mut close = [0; 2];
    in_time("the goodbye", stream.read_exact(&mut close))
        .await
        .unwrap();
    assert_eq!(&close, b"\x88\x00");
    // The client's goodbye ends it.
    stream.write_all(b"\x88\x80\0\0\0\0").await.unwrap();
    assert_eq!(in_time("the end", stream.read(&mut close)).await.unwrap_or(0), 0);
    let line = door
        .logged(|line| line["path"] == ECHO && line["status"] == 101)
        .await;
    assert_eq!(line["code"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_long_message_ends_the_websocket() {
    let door = Door::open(Setup::default()).await;
    let check = begin(&door);
    let client = door.client();
    let page = token(&client.open(&check.path).await);
    let (status, _, mut stream) =
        websocket(&client, &client.origin(), &format!("doorcode-check, {page}")).await;
    assert_eq!(status, 101);
    stream.write_all(&frame(&[b'x'; 2000])).await.unwrap();
    let mut rest = Vec::new();
    let _ = in_time("the end", stream.read_to_end(&mut rest)).await;
    assert!(!rest.contains(&b'x'), "it was echoed");
}

#[tokio::test]
async fn the_nonce_is_in_no_log() {
    let door = Door::open(Setup::default()).await;
    let check = begin(&door);
    let nonce = check.path.rsplit('/').next().unwrap().to_owned();
    let client = door.client();
    let plain = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
        check.path,
        client.authority()
    );
    let mut stream = tokio::net::TcpStream::connect(door.address).await.unwrap();
    stream.write_all(plain.as_bytes()).await.unwrap();
    in_time("the redirect", stream.read_to_end(&mut Vec::new()))
        .await
        .unwrap();
    client.get(&format!("{}/", check.path)).await;
    client.get(&format!("/.doorcode/check//{nonce}?{nonce}")).await;
    assert_eq!(client.open(&check.path).await.status, 200);
    client.open(&check.path).await;
    door.logged(|line| line["code"] == "check_used_or_expired" && line["path"] == "/.doorcode/check/…")
        .await;
    door.logged(|line| line["protocol"] == "http").await;
    let text = std::fs::read_to_string(door.log_path()).unwrap();
    assert!(!text.contains(&nonce), "{text}");
}

/// What a check is made of is the gateway's own: the editor sees nothing of it.
#[tokio::test]
async fn none_of_it_reaches_the_editor() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    for path in [
        "/.doorcode/check",
        "/.doorcode/check/",
        "/.doorcode/check/worker.js/x",
        ECHO,
    ] {
        let answer = client.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    let answer = client
        .request(Method::PUT, REPORT, &[("origin", &client.origin())], "")
        .await;
    assert_eq!((answer.status.as_u16(), answer.header(ALLOW)), (405, "POST"));
    assert_eq!(door.editor.requests(), 0);
}
