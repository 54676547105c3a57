//! The gateway's own pages: none of them is another way in.

use std::time::Duration;

use http::Method;
use http::header::SET_COOKIE;

use super::{GOOD, door, good_but};
use crate::support::PASSWORD;

#[tokio::test]
async fn neither_password_nor_link_signs_anybody_in() {
    let (door, _dir) = door(|_| {}).await;
    let link = door.gateway.mint_link(Duration::from_secs(60), "/x");
    let client = door.client();
    let form = format!(
        "password={}",
        form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect::<String>()
    );
    let is_form = ("content-type", "application/x-www-form-urlencoded");
    for (by_proxy, status) in [(true, 303), (false, 403)] {
        let mut headers = match by_proxy {
            true => GOOD.to_vec(),
            false => good_but(&[("x-doorcode-proof", "")]),
        };
        headers.push(is_form);
        for (method, path) in [
            (Method::POST, "/.doorcode/sign-in"),
            (Method::GET, "/.doorcode/sign-in"),
            (Method::GET, link.as_str()),
        ] {
            let answer = client.request(method, path, &headers, &form).await;
            assert_eq!(answer.status, status, "{path}");
            assert!(!answer.headers.contains_key(SET_COOKIE), "{path}");
            assert!(
                !by_proxy || answer.location() == "/",
                "{path}: {}",
                answer.location()
            );
        }
    }
}

#[tokio::test]
async fn a_cookie_from_before_opens_nothing() {
    let (door, _dir) = door(|_| {}).await;
    let mut password = door.config.clone();
    password.auth = doorcode_settings::AuthMode::Password;
    door.gateway.reconfigure(password);
    let client = door.signed_in().await;
    assert_eq!(client.get("/").await.status, 200);
    door.gateway.reconfigure(door.config.clone());
    assert_eq!(client.get("/").await.status, 403);
    assert!(door.sessions.list().is_empty(), "it has ended");
    let with_proof = client
        .request(Method::GET, "/", &good_but(&[("x-forwarded-user", "")]), "")
        .await;
    assert_eq!(with_proof.status, 401);
    assert_eq!(door.editor.requests(), 1);
}

#[tokio::test]
async fn signing_out_is_the_proxys() {
    let (door, _dir) = door(|_| {}).await;
    for method in [Method::GET, Method::POST] {
        let answer = door
            .client()
            .request(method, "/.doorcode/sign-out", &GOOD, "")
            .await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("sign out there"), "{}", answer.text());
    }
}
