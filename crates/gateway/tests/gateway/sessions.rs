//! Sessions outlive a restart, and end with everything that is open in them.

use std::time::Duration;

use doorcode_gateway::SignInMethod;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::io::AsyncReadExt;

use crate::support::{Client, Door, PASSWORD, Raw, Setup, eventually, in_time};

async fn websocket(client: &Client) -> Raw {
    let (status, stream) = client.websocket("/ws", Some(&client.origin())).await;
    assert_eq!(status, 101);
    stream
}

/// Waits until the server has closed.
pub(crate) async fn closed(stream: &mut Raw) {
    let mut rest = Vec::new();
    let _ = in_time("the end of a WebSocket", stream.read_to_end(&mut rest)).await;
}

#[tokio::test]
async fn a_restart_signs_nobody_out() {
    let door = Door::open(Setup::default()).await;
    let cookie = door.signed_in().await.cookie;
    let path = door.log_path().with_file_name("sessions.json");
    eventually("the file, without anybody asking for it", || path.exists()).await;
    let dir = door.close().await;

    let again = Door::open(Setup {
        dir: Some(dir),
        ..Setup::default()
    })
    .await;
    let mut client = again.client();
    client.cookie = cookie;
    assert_eq!(client.get("/").await.status, 200);
}

#[tokio::test]
async fn the_list_tells_them_apart() {
    let door = Door::open(Setup::default()).await;
    let mut client = door.client();
    let form = "password=correct+horse+%26+battery";
    let headers = [
        ("user-agent", "A browser"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = client
        .request(http::Method::POST, "/.doorcode/sign-in", &headers, form)
        .await;
    client.keep_cookie(&answer);
    let stream = websocket(&client).await;
    let listed = door.sessions.list();
    let [session] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(
        (session.client.as_str(), session.user_agent.as_deref()),
        ("127.0.0.1", Some("A browser"))
    );
    assert_eq!((session.method, session.tunnels), (SignInMethod::Password, 1));
    assert_eq!(
        session.expires - session.created,
        time::Duration::seconds(7200),
        "an open editor counts as use"
    );
    drop(stream);
    eventually("the end of the tunnel", || door.sessions.list()[0].tunnels == 0).await;
    assert!(
        door.sessions.list()[0].expires < session.expires,
        "idle from now on"
    );
}

#[tokio::test]
async fn revoking_closes_what_is_open() {
    let door = Door::open(Setup::default()).await;
    let (one, other) = (door.signed_in().await, door.signed_in().await);
    let id = door.sessions.list()[0].id.clone();
    let (mut first, mut second) = (websocket(&one).await, websocket(&other).await);
    assert_eq!(door.gateway.tunnels(), 2);

    assert!(door.sessions.revoke(&id));
    eventually("one of two closed", || door.gateway.tunnels() == 1).await;
    assert_eq!(door.sessions.revoke_all(), 1);
    closed(&mut first).await;
    closed(&mut second).await;
    assert_eq!(
        (
            one.get("/").await.status.as_u16(),
            other.get("/").await.status.as_u16()
        ),
        (401, 401)
    );
    door.logged(|line| line["status"] == 101 && line["code"] == "signed_out")
        .await;
}

#[tokio::test]
async fn revoking_breaks_off_a_download() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    let response = client
        .send(Request::get("/endless").body(Full::default()).unwrap())
        .await;
    let mut body = response.into_body();
    in_time("a first piece", body.frame()).await.unwrap().unwrap();
    door.sessions.revoke_all();
    let read = async { while let Some(Ok(_)) = body.frame().await {} };
    in_time("the end of an endless download", read).await;
}

#[tokio::test]
async fn switching_authentication_on_breaks_off_a_download_begun_without() {
    let door = Door::open(Setup {
        auth: doorcode_settings::AuthMode::None,
        ..Setup::default()
    })
    .await;
    let response = door
        .client()
        .send(Request::get("/endless").body(Full::default()).unwrap())
        .await;
    let mut body = response.into_body();
    in_time("a first piece", body.frame()).await.unwrap().unwrap();
    let mut config = door.config.clone();
    config.auth = doorcode_settings::AuthMode::Password;
    door.gateway.reconfigure(config);
    let read = async { while let Some(Ok(_)) = body.frame().await {} };
    in_time("the end of an endless download", read).await;
}

#[tokio::test]
async fn expiry_closes_what_is_open() {
    let door = Door::open(Setup {
        // Long enough to open something first, also where other tests keep the machine busy.
        absolute: Duration::from_secs(4),
        ..Setup::default()
    })
    .await;
    let client = door.signed_in().await;
    let mut stream = websocket(&client).await;
    closed(&mut stream).await;
    assert_eq!(client.get("/").await.status, 401);
    assert!(door.sessions.list().is_empty());
}

#[tokio::test]
async fn switching_authentication_on_closes_what_was_opened_without() {
    let door = Door::open(Setup {
        auth: doorcode_settings::AuthMode::None,
        ..Setup::default()
    })
    .await;
    let mut stream = websocket(&door.client()).await;
    let mut config = door.config.clone();
    config.auth = doorcode_settings::AuthMode::Password;
    door.gateway.reconfigure(config.clone());
    closed(&mut stream).await;
    assert_eq!(door.client().get("/").await.status, 401);

    let mut client = door.client();
    client.sign_in(PASSWORD, "/").await;
    let stream = websocket(&client).await;
    config.auth = doorcode_settings::AuthMode::None;
    door.gateway.reconfigure(config);
    assert_eq!(door.client().get("/").await.status, 200);
    assert_eq!(door.gateway.tunnels(), 1, "switching it off closes nothing");
    drop(stream);
}
