//! WebSockets carry bytes both ways, and leave nothing behind.

use doorcode_settings::AuthMode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Client, Door, Setup, eventually, in_time};

#[tokio::test]
async fn bytes_go_both_ways_and_are_counted() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let client = door.client();
    let (status, stream) = client.websocket("/ws", Some(&client.origin())).await;
    assert_eq!(status, 101);
    // More than all buffers on the way hold, so both directions have to keep moving.
    let sent: Vec<u8> = (0..4_000_000_u32).map(|number| (number % 251) as u8).collect();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let echoed = {
        let sent = sent.clone();
        let write = tokio::spawn(async move {
            writer.write_all(&sent).await.unwrap();
            // The TLS side may still hold the end of it.
            writer.flush().await.unwrap();
            writer
        });
        let mut echoed = vec![0; 4_000_000];
        in_time("the echo", reader.read_exact(&mut echoed)).await.unwrap();
        let mut writer = write.await.unwrap();
        writer.shutdown().await.unwrap();
        echoed
    };
    assert!(echoed == sent, "byte for byte");
    let mut rest = Vec::new();
    let _ = in_time("the end", reader.read_to_end(&mut rest)).await;
    let line = door.logged(|line| line["path"] == "/ws").await;
    assert_eq!(
        (line["status"].as_u64(), line["bytes"].as_u64()),
        (Some(101), Some(4_000_000))
    );
    eventually("nothing left open", || {
        (door.gateway.tunnels(), door.gateway.connections()) == (0, 0)
    })
    .await;
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let client = door.client();
    let (_, stream) = client.websocket("/ws", Some(&client.origin())).await;
    assert_eq!((door.gateway.tunnels(), door.gateway.connections()), (1, 1));
    drop(stream);
    eventually("nothing left open", || {
        (door.gateway.tunnels(), door.gateway.connections()) == (0, 0)
    })
    .await;
}

#[tokio::test]
async fn a_websocket_that_lost_its_upgrade_on_the_way_is_told_of_those_who_may_come_in() {
    let door = Door::open(Setup::default()).await;
    let key = [("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")];
    let told = async |client: &Client| {
        let _ = client.request(http::Method::GET, "/", &key, "").await;
        door.gateway.evidence().websocket_stripped.is_some()
    };
    assert!(!told(&door.client()).await, "anybody can write such a request");
    assert!(told(&door.signed_in().await).await);
}
