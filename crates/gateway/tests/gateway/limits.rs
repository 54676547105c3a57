//! How many connections may be open.

use std::time::Duration;

use doorcode_gateway::Timing;
use doorcode_settings::AuthMode;
use http::Request;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Door, Setup, eventually, read_answer};

#[tokio::test]
async fn more_connections_than_allowed_wait_their_turn() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        connections: 2,
        ..Setup::default()
    })
    .await;
    let (first, second) = (door.raw().await, door.raw().await);
    eventually("two connections", || door.gateway.connections() == 2).await;
    let (tls, address, authority) = (door.tls.clone(), door.address, door.authority());
    let third = tokio::spawn(async move {
        let mut stream = tls.connect(address, "localhost", b"http/1.1").await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        read_answer(&mut stream).await.0
    });
    // The kernel takes a fourth, which shows that the third has been there for a while.
    drop(TcpStream::connect(address).await.unwrap());
    assert_eq!(door.gateway.connections(), 2);
    drop(first);
    assert_eq!(third.await.unwrap(), 200);
    drop(second);
}

#[tokio::test]
async fn a_raised_limit_lets_them_in() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        connections: 1,
        ..Setup::default()
    })
    .await;
    let _first = door.raw().await;
    eventually("one connection", || door.gateway.connections() == 1).await;
    let mut config = door.config.clone();
    config.connections = 10;
    let second = {
        let (tls, address) = (door.tls.clone(), door.address);
        tokio::spawn(async move { tls.connect(address, "localhost", b"h2").await.map(drop) })
    };
    door.gateway.reconfigure(config);
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_takes_no_page_holds_no_connection() {
    let door = Door::open(Setup {
        timing: Timing {
            idle: Duration::from_millis(300),
            head: Duration::from_millis(300),
            ..Timing::default()
        },
        ..Setup::default()
    })
    .await;
    let stream = door.tls.connect(door.address, "localhost", b"h2").await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(0)
        .handshake::<_, Full<bytes::Bytes>>(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let page = format!("https://{}/.doorcode/sign-in", door.authority());
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let request = Request::get(&page).body(Full::default()).unwrap();
        waiting.push(sender.send_request(request).await.unwrap());
    }
    assert_eq!(door.gateway.connections(), 1);
    eventually("the connection is dropped", || door.gateway.connections() == 0).await;
    drop(waiting);
}
