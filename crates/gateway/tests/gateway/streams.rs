//! Bodies pass through without being collected.

use std::time::Duration;

use doorcode_settings::AuthMode;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use tokio::io::AsyncWriteExt;

use crate::support::{Client, Door, PIECE, Setup, eventually, in_time};

/// More than every buffer on the way together.
const BUFFERS: usize = 16 << 20;

async fn open() -> Door {
    Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await
}

/// How often the number changes until it stays for a while.
async fn settled(count: impl Fn() -> usize) -> usize {
    let mut last = (count(), 0);
    while last.1 < 40 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        last = if count() == last.0 {
            (last.0, last.1 + 1)
        } else {
            (count(), 0)
        };
    }
    last.0
}

async fn a_reader_that_stops_holds_up_the_editor(door: &Door, client: Client) {
    let response = client
        .send(Request::get("/endless").body(Full::default()).unwrap())
        .await;
    let mut body = response.into_body();
    in_time("a first piece", body.frame()).await.unwrap().unwrap();
    let held = in_time("the editor has to wait", settled(|| door.editor.pieces())).await;
    assert!(held * PIECE < BUFFERS, "{held} pieces are kept somewhere");
    let mut read = 0;
    while read < BUFFERS * 2 {
        read += in_time("more", body.frame())
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .len();
    }
    assert!(door.editor.pieces() > held, "it goes on when there is room");
}

#[tokio::test]
async fn a_reader_that_stops_holds_up_the_editor_h1() {
    let door = open().await;
    a_reader_that_stops_holds_up_the_editor(&door, door.client()).await;
}

#[tokio::test]
async fn a_reader_that_stops_holds_up_the_editor_h2() {
    let door = open().await;
    a_reader_that_stops_holds_up_the_editor(&door, door.client().over_h2()).await;
}

#[tokio::test]
async fn an_editor_that_does_not_read_holds_up_the_client() {
    let door = open().await;
    let mut stream = door.raw().await;
    let head = format!(
        "POST /take-nothing HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000000000\r\n\r\n",
        door.authority()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![0; 64 << 10];
    let mut sent = 0;
    while let Ok(written) = tokio::time::timeout(Duration::from_millis(300), stream.write_all(&piece)).await {
        written.unwrap();
        sent += piece.len();
        assert!(sent < BUFFERS, "{sent} bytes are kept somewhere");
    }
}

#[tokio::test]
async fn uploads_arrive_whole() {
    let door = open().await;
    let body = "x".repeat(3_000_000);
    for client in [door.client(), door.client().over_h2()] {
        assert_eq!(
            client.request(Method::POST, "/length", &[], &body).await.text(),
            "3000000"
        );
    }
}

#[tokio::test]
async fn connections_to_the_editor_are_used_again() {
    let door = open().await;
    for _ in 0..5 {
        assert_eq!(door.client().get("/").await.status, 200);
    }
    assert_eq!(
        door.client().request(Method::HEAD, "/", &[], "").await.body.len(),
        0
    );
    assert_eq!(
        door.client()
            .request(Method::POST, "/length", &[], "12345")
            .await
            .text(),
        "5"
    );
    assert!(
        door.editor.connections() <= 2,
        "{} for seven requests one after the other",
        door.editor.connections()
    );
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_request_upstream() {
    let door = open().await;
    let response = door
        .client()
        .send(Request::get("/endless").body(Full::default()).unwrap())
        .await;
    drop(response);
    let stopped = in_time("the editor stops sending", settled(|| door.editor.pieces())).await;
    assert!(stopped < 4096);
    eventually("the connection is closed", || door.gateway.connections() == 0).await;
    assert_eq!(door.client().get("/").await.status, 200);
}
