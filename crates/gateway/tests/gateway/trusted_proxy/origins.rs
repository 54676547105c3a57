//! Requests that pages of other sites make with somebody's sign-in at the proxy.

use http::Method;

use super::{GOOD, HOST, ORIGIN, Way, admitted, door, good_but, send};

const REFUSED: &str = "trusted_proxy_origin_not_allowed";

#[tokio::test]
async fn a_websocket_comes_from_the_public_address() {
    let (door, _dir) = door(|_| {}).await;
    let inside = format!("https://{HOST}:{}", door.address.port());
    for origin in [
        "",
        "null",
        "https://evil.example",
        "http://code.example.com",
        "https://a.code.example.com",
        "https://example.com",
        "https://code.example.com:8443",
        "https://code.example.com.evil.example",
        &inside,
    ] {
        let outcome = send(&door, Way::WebSocket, &good_but(&[("origin", origin)])).await;
        assert!(outcome.is(403, REFUSED), "{origin:?}: {outcome:?}");
    }
    assert_eq!(door.editor.connections(), 0);
    admitted(&door, &GOOD).await;
}

#[tokio::test]
async fn a_change_comes_from_the_public_address_also_without_a_cookie_of_ours() {
    let (door, _dir) = door(|_| {}).await;
    let rows: [(&[(&str, &str)], u16); 6] = [
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null"), ("sec-fetch-site", "same-origin")], 403),
        (&[("origin", ""), ("sec-fetch-site", "cross-site")], 403),
        (&[("origin", "")], 403),
        (&[("origin", ""), ("sec-fetch-site", "same-origin")], 200),
        (&[("origin", ORIGIN)], 200),
    ];
    for (changes, expected) in rows {
        for client in [door.client(), door.client().over_h2()] {
            let answer = client.request(Method::POST, "/x", &good_but(changes), "").await;
            assert_eq!(answer.status, expected, "{changes:?}: {}", answer.text());
        }
    }
    door.logged(|line| line["code"] == REFUSED && line["detail"] == "origin_missing")
        .await;
}

#[tokio::test]
async fn a_proxy_that_rewrites_the_host_changes_nothing() {
    let (mut door, _dir) = door(|_| {}).await;
    door.config.hosts.push("localhost".parse().unwrap());
    door.gateway.reconfigure(door.config.clone());
    let headers = good_but(&[("host", "localhost:8443")]);
    assert_eq!(send(&door, Way::WebSocket, &headers).await.status, 101);
    let own = good_but(&[("host", "localhost:8443"), ("origin", "https://localhost:8443")]);
    assert!(send(&door, Way::WebSocket, &own).await.is(403, REFUSED));
    let answer = door.client().request(Method::GET, "/x", &headers, "").await;
    assert!(
        answer.text().contains("\nhost: code.example.com\n"),
        "{}",
        answer.text()
    );
}
