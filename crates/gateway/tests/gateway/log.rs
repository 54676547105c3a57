//! The access log.

use doorcode_settings::AuthMode;

use crate::support::{Door, Setup};

#[tokio::test]
async fn a_line_says_who_what_and_how_it_went() {
    let door = Door::open(Setup::default()).await;
    let client = door.signed_in().await;
    client.over_h2().get("/held-not?secret=1").await;
    let line = door.logged(|line| line["path"] == "/held-not").await;
    assert_eq!(line["client"], "127.0.0.1");
    assert_eq!(line["host"], door.authority());
    assert_eq!(
        (&line["method"], &line["status"], &line["protocol"]),
        (&"GET".into(), &200.into(), &"h2".into())
    );
    assert_eq!(line["session"], door.sessions.list()[0].id);
    assert!(
        line["bytes"].as_u64().unwrap() > 0 && line["millis"].as_f64().unwrap() > 0.0,
        "{line}"
    );
    assert!(line["ts"].as_str().unwrap().ends_with('Z'), "{line}");
    assert!(line.get("code").is_none(), "nothing went wrong: {line}");
    let text = std::fs::read_to_string(door.log_path()).unwrap();
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn what_clients_send_stays_in_its_line() {
    let door = Door::open(Setup {
        auth: AuthMode::None,
        ..Setup::default()
    })
    .await;
    let mut stream = door.raw().await;
    let request = "GET /\u{e9}\"},{\"status\":200 HTTP/1.1\r\nHost: \u{e9}\"}\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    crate::support::read_answer(&mut stream).await;
    let lines = door.log_lines();
    assert!(lines.iter().all(|line| line["status"] != 200), "{lines:?}");
}

#[tokio::test]
async fn controls_in_a_path_reach_no_terminal() {
    let door = Door::open(Setup::default()).await;
    let mut stream = door.raw().await;
    let request = format!(
        "GET /a\u{9b}31m\u{85}b\u{e9} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        door.authority()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    crate::support::read_answer(&mut stream).await;
    door.logged(|line| line["path"] == "/a\u{9b}31m\u{85}b\u{e9}")
        .await;
    let text = std::fs::read_to_string(door.log_path()).unwrap();
    assert!(text.contains("/a\\u009b31m\\u0085b\u{e9}"), "{text}");
    assert!(!text.contains(|c: char| c != '\n' && c.is_control()), "{text:?}");
}
