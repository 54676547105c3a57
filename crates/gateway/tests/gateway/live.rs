//! The live figures tell what really went through the door.

use doorcode_gateway::ConnectionView;
use doorcode_settings::AuthMode;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Door, Setup, eventually, in_time};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";

/// The one connection that `wanted` holds of, once there is one.
async fn listed(door: &Door, what: &str, wanted: impl Fn(&ConnectionView) -> bool) -> ConnectionView {
    let mut found = None;
    eventually(what, || {
        found = door
            .gateway
            .connections_list()
            .into_iter()
            .find(|view| wanted(view));
        found.is_some()
    })
    .await;
    found.unwrap()
}

#[tokio::test]
async fn a_websocket_is_listed_first_with_its_session_device_and_bytes() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    // Older than the editor's connection, and still listed behind it.
    let idle = client.raw().await;
    listed(&door, "the idle connection", |view| view.websockets == 0).await;
    let (status, mut stream) = client
        .websocket_as(
            FIREFOX,
            "/ws?reconnectionToken=a&reconnection=false",
            Some(&client.origin()),
        )
        .await;
    assert_eq!(status, 101);
    stream.write_all(&[7; 5_000]).await.unwrap();
    let mut echoed = vec![0; 5_000];
    in_time("the echo", stream.read_exact(&mut echoed)).await.unwrap();

    let view = listed(&door, "5000 bytes both ways", |view| {
        view.bytes_in == 5_000 && view.bytes_out == 5_000
    })
    .await;
    let list = door.gateway.connections_list();
    assert_eq!(
        (list.len(), list[0].id),
        (2, view.id),
        "editors come first: {list:?}"
    );
    assert_eq!(
        (view.websockets, view.reconnects, view.protocol.as_str()),
        (1, 0, "http/1.1")
    );
    assert_eq!(view.session, Some(door.sessions.list()[0].id.clone()));
    assert_eq!(view.device.as_deref(), Some("Firefox 153 on Linux"));
    assert_eq!(view.from, Some("127.0.0.1".parse().unwrap()));
    drop((stream, idle));
    eventually("nobody left", || door.gateway.connections_list().is_empty()).await;
}

#[tokio::test]
async fn a_window_that_connects_again_is_counted() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let client = door.client();
    let mut open = Vec::new();
    for (token, again) in [("a", "false"), ("b", "false"), ("a", "true"), ("a", "true")] {
        let path = format!("/ws?reconnectionToken={token}&reconnection={again}");
        let (status, stream) = client.websocket(&path, Some(&client.origin())).await;
        assert_eq!(status, 101);
        open.push(stream);
    }
    listed(&door, "the window that came back twice", |view| {
        view.reconnects == 2
    })
    .await;
    assert_eq!(door.gateway.reconnects(), 2);
}

#[tokio::test]
async fn bodies_count_both_ways_over_both_protocols() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    for client in [door.client(), door.client().over_h2()] {
        let mut kept = client.keep_alive().await;
        let length = kept.post("/length", vec![b'x'; 100_000]).await;
        assert_eq!(length, "100000");
        let protocol = if client.h2 { "h2" } else { "http/1.1" };
        let sent = length.len() as u64;
        listed(&door, protocol, |view| {
            (view.protocol.as_str(), view.bytes_in, view.bytes_out) == (protocol, 100_000, sent)
        })
        .await;
    }
}

#[tokio::test]
async fn only_the_editors_answers_count_as_latency() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    door.client().get("/").await;
    assert_eq!(
        door.gateway.latency().requests,
        0,
        "our own pages and refusals do not"
    );
    let (status, stream) = client.websocket("/ws", Some(&client.origin())).await;
    assert_eq!(status, 101);
    for _ in 0..3 {
        assert_eq!(client.get("/x").await.status, 200);
    }
    drop(stream);
    let latency = door.gateway.latency();
    assert_eq!(latency.requests, 3);
    let (p50, p95) = (latency.p50_micros.unwrap(), latency.p95_micros.unwrap());
    assert!(0 < p50 && p50 <= p95 && p95 < 10_000_000, "{latency:?}");
    assert_eq!(latency.spark.len(), 30);
    assert!(latency.spark.iter().any(|value| value.is_some()));
    assert_eq!(door.gateway.durations().count, 3);
}

#[tokio::test]
async fn refusals_are_told_and_counted_by_code() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let mut news = door.gateway.refusal_news();
    let client = door.client();
    for _ in 0..2 {
        let refused = client
            .request(Method::POST, "/x", &[("origin", "https://evil.example")], "")
            .await;
        assert_eq!(refused.status, 403);
    }
    in_time("the news", news.changed()).await.unwrap();
    eventually("both of them", || {
        door.gateway.refusals().values().sum::<u64>() == 2
    })
    .await;
    assert_eq!(
        door.gateway.refusals().len(),
        1,
        "one code: {:?}",
        door.gateway.refusals()
    );
    assert_eq!(door.gateway.requests().by_class[3], 2);
}
