//! Stopping: what is in flight finishes, what is open forever is closed, and nothing outlives the deadline.

use std::time::{Duration, Instant};

use doorcode_settings::AuthMode;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::net::TcpStream;

use crate::sessions::closed;
use crate::support::{Client, Door, PATIENCE, PIECE, Setup, eventually, in_time};

fn setup() -> Setup {
    Setup {
        auth: AuthMode::None,
        ..Setup::default()
    }
}

async fn finishes_in_the_middle_of_a_body(client: Client, door: Door) {
    let response = client
        .send(Request::get("/held").body(Full::default()).unwrap())
        .await;
    let mut body = response.into_body();
    let first = in_time("the first piece", body.frame())
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap();
    let gateway = door.gateway.clone();
    let drained = tokio::spawn(async move { gateway.drain(PATIENCE).await });
    eventually("no new connections", || {
        std::net::TcpStream::connect(door.address).is_err()
    })
    .await;
    assert!(!drained.is_finished(), "it waits for the body");
    door.editor.seen.release.notify_one();
    let rest = in_time("the rest", body.collect()).await.unwrap().to_bytes();
    assert_eq!(first.len() + rest.len(), 2 * PIECE);
    in_time("the drain", drained).await.unwrap();
    assert_eq!(door.gateway.connections(), 0);
}

#[tokio::test]
async fn a_body_in_flight_finishes() {
    let door = Door::open(setup()).await;
    finishes_in_the_middle_of_a_body(door.client(), door).await;
}

#[tokio::test]
async fn a_body_in_flight_finishes_over_h2() {
    let door = Door::open(setup()).await;
    finishes_in_the_middle_of_a_body(door.client().over_h2(), door).await;
}

#[tokio::test]
async fn websockets_and_idle_connections_close_at_once() {
    let door = Door::open(setup()).await;
    let client = door.client();
    let (_, mut websocket) = client.websocket("/ws", Some(&client.origin())).await;
    let mut idle = door.raw().await;
    let silent = TcpStream::connect(door.address).await.unwrap();
    eventually("three connections", || door.gateway.connections() == 3).await;
    // The one that never spoke has to be ended at the deadline.
    let began = Instant::now();
    door.gateway.drain(Duration::from_millis(500)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    closed(&mut websocket).await;
    closed(&mut idle).await;
    assert_eq!((door.gateway.connections(), door.gateway.tunnels()), (0, 0));
    drop(silent);
    door.logged(|line| line["status"] == 101 && line["code"] == "stopping")
        .await;
}

#[tokio::test]
async fn nothing_outlives_the_deadline() {
    let door = Door::open(setup()).await;
    let response = door
        .client()
        .send(Request::get("/endless").body(Full::default()).unwrap())
        .await;
    let began = Instant::now();
    door.gateway.drain(Duration::from_millis(200)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(door.gateway.connections(), 0);
    drop(response);
}
