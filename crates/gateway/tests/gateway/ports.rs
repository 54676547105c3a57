//! Ports behind the editor.

use doorcode_settings::AuthMode;

use crate::support::{Door, Setup};

#[tokio::test]
async fn only_allowed_ports_are_reached_and_the_list_changes_live() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        allow_ports: vec![3000],
        ..Setup::default()
    })
    .await;
    let client = door.client();
    let origin = client.origin();
    assert_eq!(client.get("/proxy/3000/x").await.status, 200);
    for path in [
        "/proxy/3001/",
        "/PROXY/3001/",
        "//proxy/3001",
        "/%70roxy/3001/",
        "/absproxy/22",
        "/proxy/3000@evil/",
    ] {
        assert_eq!(client.get(path).await.status, 403, "{path}");
        assert_eq!(client.websocket(path, Some(&origin)).await.0, 403, "{path}");
    }
    let mut config = door.config.clone();
    config.allow_ports = vec![3001];
    door.gateway.reconfigure(config);
    assert_eq!(client.get("/proxy/3001/").await.status, 200);
    assert_eq!(client.get("/proxy/3000/").await.status, 403);
    door.logged(|line| line["code"] == "port_not_allowed").await;
}
