//! Plain http on the https port.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Door, Setup, in_time};

async fn send(door: &Door, request: &str) -> String {
    let mut stream = TcpStream::connect(door.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    in_time("an answer", stream.read_to_string(&mut answer))
        .await
        .unwrap();
    answer
}

fn location(answer: &str) -> Option<&str> {
    answer.lines().find_map(|line| line.strip_prefix("location: "))
}

#[tokio::test]
async fn those_who_meant_us_are_led_to_https() {
    let door = Door::open(Setup {
        hosts: vec!["localhost", "code.test"],
        ..Setup::default()
    })
    .await;
    let port = door.address.port();
    let rows = [
        (
            "GET",
            "localhost:1234",
            "/a?b=c",
            301,
            "https://localhost:1234/a?b=c".to_owned(),
        ),
        (
            "HEAD",
            "code.test",
            "/",
            301,
            format!("https://code.test:{port}/"),
        ),
        (
            "POST",
            "CODE.test:443",
            "/x",
            308,
            "https://CODE.test/x".to_owned(),
        ),
        (
            "GET",
            "127.0.0.1:1234",
            "//evil.example/",
            301,
            "https://127.0.0.1:1234//evil.example/".to_owned(),
        ),
    ];
    for (method, host, path, status, to) in rows {
        let answer = send(
            &door,
            &format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        )
        .await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert_eq!(location(&answer), Some(to.as_str()));
    }
    assert_eq!(door.editor.connections(), 0);
    door.logged(|line| line["protocol"] == "http" && line["status"] == 308)
        .await;
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let door = Door::open(Setup::default()).await;
    let rows = [
        ("GET /.. HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        ("GET //evil HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 421),
        (
            "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
        ),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        (
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
            400,
        ),
        ("GET / HTTP/1.1\r\nHost: evil.example@localhost\r\n\r\n", 400),
        ("CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n", 405),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ];
    for (request, status) in rows {
        let answer = send(&door, request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}: {answer}"
        );
        assert_eq!(location(&answer), None, "{request}");
    }
}
