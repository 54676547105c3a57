//! What the editor sees of somebody whom the proxy names, and what it can say about the proxy's cookies.

use http::Method;
use http::header::SET_COOKIE;

use super::signer::{KeyServer, Signer, assertion_door, claims};
use super::{GOOD, HOST, ORIGIN, SECRET, YOU, door, websocket};

/// What the proxies send about people, and how clients lie about where they are.
const ABOUT: [(&str, &str); 22] = [
    ("x-auth-request-email", YOU),
    ("x-auth-request-access-token", "token"),
    ("x-forwarded-email", YOU),
    ("x-forwarded-access-token", "token"),
    ("x-forwarded-for", "203.0.113.9"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "http"),
    ("x-forwarded-groups", "admins"),
    ("x-real-ip", "203.0.113.9"),
    ("forwarded", "for=203.0.113.9"),
    ("x-pomerium-claim-email", YOU),
    ("x-pomerium-jwt-assertion", "a.b.c"),
    ("cf-access-jwt-assertion", "a.b.c"),
    ("cf-access-authenticated-user-email", YOU),
    ("x-goog-iap-jwt-assertion", "a.b.c"),
    ("x-goog-authenticated-user-email", YOU),
    ("x-amzn-oidc-data", "a.b.c"),
    ("x-amzn-oidc-accesstoken", "token"),
    ("x-authentik-jwt", "a.b.c"),
    ("remote-user", YOU),
    ("remote-email", YOU),
    ("tailscale-user-login", YOU),
];
const COOKIES: &str =
    "a=1; _oauth2_proxy=secret; _pomerium=secret; CF_Authorization=secret; authelia_session=secret; b=2";

#[tokio::test]
async fn the_editor_hears_nothing_about_the_person() {
    let (door, _dir) = door(|_| {}).await;
    for client in [door.client(), door.client().over_h2()] {
        let mut headers = GOOD.to_vec();
        headers.extend(ABOUT);
        headers.extend([("accept", "text/x"), ("cookie", COOKIES)]);
        let answer = client.request(Method::GET, "/a", &headers, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut seen: Vec<_> = answer
            .text()
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .collect();
        seen.sort_unstable();
        let expected = [
            ("accept", "text/x"),
            ("cookie", "a=1; b=2"),
            ("host", HOST),
            ("origin", ORIGIN),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-host", HOST),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(seen, expected);
        assert!(!answer.text().contains(SECRET));
    }
}

#[tokio::test]
async fn nor_does_a_websockets_beginning_tell_it() {
    let (door, _dir) = door(|_| {}).await;
    let mut headers = GOOD.to_vec();
    headers.extend(ABOUT);
    headers.push(("cookie", COOKIES));
    // The stub answers this path with the head as it arrived, and no 101.
    let (status, mut stream) = websocket(&door.client(), "/shown", &headers).await;
    assert_eq!(status, 200);
    let (_, head) = crate::support::read_answer(&mut stream).await;
    for secret in [
        SECRET,
        YOU,
        "secret",
        "token",
        "203.0.113.9",
        "a.b.c",
        "admins",
        "evil.example",
    ] {
        assert!(!head.contains(secret), "{secret}: {head}");
    }
    assert!(
        head.contains("upgrade: websocket") && head.contains("cookie: a=1; b=2"),
        "{head}"
    );
}

#[tokio::test]
async fn an_assertion_stops_here_whatever_its_header_is_called() {
    let key = Signer::es256("a");
    let server = KeyServer::start(&[&key]).await;
    let (door, _dir) = assertion_door(&server, |_| {}).await;
    let token = key.sign(&claims());
    let answer = door
        .client()
        .request(Method::GET, "/a", &[("x-assertion", &token)], "")
        .await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains("x-assertion"), "{}", answer.text());
}

#[tokio::test]
async fn an_app_behind_us_sets_no_cookie_of_the_proxys() {
    let (door, _dir) = door(|_| {}).await;
    let answer = door
        .client()
        .request(Method::GET, "/proxy-cookies", &GOOD, "")
        .await;
    let cookies: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["theirs=1"]);
}
