//! Who is connected, and ending what they have open.

use std::time::Duration;

use doorcode_gateway::{SignInMethod, TrustedProxyConfig};
use http::Method;

use super::{GOOD, YOU, door, ends, good_but, settings, setup_with, stays, websocket};
use crate::support::{Door, eventually};

#[tokio::test]
async fn whom_the_proxy_names_is_listed_with_the_place_they_come_from() {
    let (door, _dir) = door(|_| {}).await;
    let mut headers = good_but(&[
        ("x-forwarded-for", "6.6.6.6, 203.0.113.9"),
        ("user-agent", "a phone"),
    ]);
    door.client().request(Method::GET, "/", &headers, "").await;
    door.client()
        .over_h2()
        .request(Method::GET, "/", &headers, "")
        .await;
    let list = door.sessions.list();
    assert_eq!(list.len(), 1, "one device: {list:?}");
    assert_eq!(list[0].user.as_deref(), Some(YOU));
    assert_eq!(
        (list[0].client.as_str(), list[0].method),
        ("203.0.113.9", SignInMethod::Proxy)
    );
    assert_eq!(list[0].user_agent.as_deref(), Some("a phone"));
    door.logged(|line| line["user"] == YOU && line["session"] == list[0].id.as_str())
        .await;
    headers.retain(|(name, _)| *name != "user-agent");
    headers.push(("user-agent", "a laptop"));
    let (status, _open) = websocket(&door.client(), "/ws", &headers).await;
    assert_eq!((status, door.sessions.list().len()), (101, 2));
    eventually("the laptop's editor", || {
        door.sessions.list().iter().any(|session| session.tunnels == 1)
    })
    .await;
    let connections = door.gateway.connections_list();
    assert!(
        connections
            .iter()
            .any(|connection| connection.who.as_deref() == Some(YOU)),
        "{connections:?}"
    );
}

#[tokio::test]
async fn ending_a_session_closes_what_is_open_and_the_proxy_may_let_them_in_again() {
    let (door, _dir) = door(|_| {}).await;
    let (status, mut open) = websocket(&door.client(), "/ws", &GOOD).await;
    assert_eq!(status, 101);
    let id = door.sessions.list()[0].id.clone();
    assert!(door.sessions.revoke(&id));
    ends("its session was ended", &mut open).await;
    door.logged(|line| line["code"] == "signed_out" && line["user"] == YOU)
        .await;
    assert_eq!(websocket(&door.client(), "/ws", &GOOD).await.0, 101);
    assert_ne!(door.sessions.list()[0].id, id);
}

#[tokio::test]
async fn a_websocket_does_not_live_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let config = TrustedProxyConfig::prepare(&settings(dir.path())).unwrap();
    let door = Door::open(setup_with(
        config.with_websocket_limit(Duration::from_millis(500)),
    ))
    .await;
    let (status, mut open) = websocket(&door.client(), "/ws", &GOOD).await;
    assert_eq!(status, 101);
    stays("its time is not over", &mut open).await;
    ends("its time is over", &mut open).await;
    door.logged(|line| line["code"] == "websocket_time_over").await;
}

#[tokio::test]
async fn nothing_of_it_is_there_after_a_restart() {
    let (door, _keep) = door(|_| {}).await;
    door.client().request(Method::GET, "/", &GOOD, "").await;
    assert_eq!(door.sessions.list().len(), 1);
    let dir = door.close().await;
    let text = std::fs::read_to_string(dir.path().join("sessions.json")).unwrap();
    assert!(!text.contains(YOU), "{text}");
}
