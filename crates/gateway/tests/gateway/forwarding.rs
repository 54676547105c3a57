//! What the editor sees of a request, and the client of an answer.

use doorcode_settings::AuthMode;
use http::Method;
use http::header::SET_COOKIE;

use crate::support::{Answer, Client, Door, Setup};

const LIES: [(&str, &str); 9] = [
    ("x-forwarded-for", "10.0.0.1"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "http"),
    ("x-forwarded-user", "root"),
    ("x_forwarded_host", "evil.example"),
    ("x.forwarded.for", "10.0.0.1"),
    ("x-real-ip", "10.0.0.1"),
    ("forwarded", "host=evil.example"),
    ("proxy-authorization", "Basic eA=="),
];

fn fields(answer: &Answer) -> Vec<(&str, &str)> {
    answer
        .text()
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .collect()
}

async fn ask(client: &Client) -> Answer {
    let mut headers = LIES.to_vec();
    headers.extend([
        ("cookie", "theirs=1"),
        ("cookie", "more=2"),
        ("accept", "text/x"),
        ("te", "trailers"),
    ]);
    client.request(Method::GET, "/a%2Fb//c?d=e", &headers, "").await
}

#[tokio::test]
async fn the_editor_hears_only_our_word_for_it() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    for client in [client.clone(), client.over_h2()] {
        let answer = ask(&client).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.text().starts_with("GET /a%2Fb//c?d=e\n"),
            "as it was asked: {}",
            answer.text()
        );
        let mut seen = fields(&answer);
        seen.sort_unstable();
        let authority = door.authority();
        let expected = [
            ("accept", "text/x"),
            ("cookie", "theirs=1; more=2"),
            ("host", authority.as_str()),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-host", authority.as_str()),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn the_editor_cannot_touch_our_cookie() {
    let door = Door::open(Setup::default()).await;
    let answer = door.signed_in().await.get("/cookies").await;
    let cookies: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["theirs=1"]);
    for gone in ["strict-transport-security", "x-hop", "connection"] {
        assert!(!answer.headers.contains_key(gone), "{gone}");
    }
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert!(
        !answer.headers.contains_key("x-frame-options"),
        "webviews are frames"
    );
}

#[tokio::test]
async fn an_address_of_ours_may_be_absolute() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let mut stream = door.raw().await;
    let authority = door.authority();
    let request =
        format!("GET https://{authority}/x HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    let (status, text) = crate::support::read_answer(&mut stream).await;
    assert_eq!(status, 200);
    assert!(text.contains("GET /x\n"), "{text}");
}
