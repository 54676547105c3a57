//! The page for devices that trust nothing yet, over plain http.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use doorcode_gateway::{CheckState, Offer, Onboarding, Readers};
use doorcode_settings::HostName;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::check;
use crate::support::{Door, PATIENCE, Setup, in_time};

const CHECK: &str = "https://code.test:8443/.doorcode/check/nonce";
const FINGERPRINT: &str = "AABBCC";

struct Page {
    onboarding: Onboarding,
    root: CertificateDer<'static>,
    address: SocketAddr,
    /// With the secret, from slash to slash.
    path: String,
}

impl Page {
    async fn start(lasts: Duration) -> Page {
        Page::offer(Readers::default(), lasts).await
    }

    async fn offer(readers: Readers, lasts: Duration) -> Page {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["code.test".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let onboarding = Onboarding::start(Offer {
            address: "127.0.0.1".parse().unwrap(),
            host: "code.test".parse::<HostName>().unwrap(),
            root: certificate.pem(),
            fingerprint: FINGERPRINT.to_owned(),
            check_url: CHECK.to_owned(),
            readers,
            lasts,
        })
        .await
        .unwrap();
        let rest = onboarding.url().strip_prefix("http://").unwrap();
        let (address, _) = rest.split_once('/').unwrap();
        Page {
            root: CertificateDer::from_pem_slice(certificate.pem().as_bytes()).unwrap(),
            address: address.parse().unwrap(),
            path: rest[address.len()..].to_owned(),
            onboarding,
        }
    }

    async fn get(&self, path: &str) -> Got {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address))
            .await
    }

    async fn send(&self, request: &str) -> Got {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        // A server that does not read all of a request may reset the connection, with its answer sent before.
        let _ = in_time("an answer", stream.read_to_end(&mut bytes)).await;
        let end = bytes
            .windows(4)
            .position(|at| at == b"\r\n\r\n")
            .map_or(0, |at| at + 4);
        let head = String::from_utf8(bytes[..end].to_vec())
            .unwrap()
            .to_ascii_lowercase();
        Got {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or(0),
            head,
            body: bytes[end..].to_vec(),
        }
    }
}

struct Got {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_device_gets_the_page_and_both_forms_of_the_root() {
    let page = Page::start(LONG).await;
    assert_eq!(page.onboarding.seen(), doorcode_gateway::Seen::default());
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1";
    let html = page
        .send(&format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {phone}\r\n\r\n",
            page.path, page.address
        ))
        .await;
    assert_eq!(html.status, 200, "{}", html.head);
    for part in [
        FINGERPRINT,
        CHECK,
        "href=\"doorcode.crt\"",
        "href=\"doorcode.mobileconfig\"",
        "Android",
        "macOS",
        "Windows",
    ] {
        assert!(html.text().contains(part), "{part}");
    }
    let ios = html.text().find("<details open>\n<summary>iPhone").unwrap();
    assert!(
        ios < html.text().find("<summary>Android").unwrap(),
        "the reader's own first"
    );
    assert!(
        !html.head.contains("set-cookie")
            && html.head.contains("default-src 'none'")
            && html.head.contains("no-store"),
        "{}",
        html.head
    );
    assert!(!html.text().contains("<script"));

    let certificate = page.get(&format!("{}doorcode.crt", page.path)).await;
    assert!(
        certificate.head.contains("application/x-x509-ca-cert"),
        "{}",
        certificate.head
    );
    assert_eq!(certificate.body, page.root.to_vec());
    let profile = page.get(&format!("{}doorcode.mobileconfig", page.path)).await;
    assert!(
        profile.head.contains("application/x-apple-aspen-config"),
        "{}",
        profile.head
    );
    assert!(profile.text().contains("com.apple.security.root"));

    let seen = page.onboarding.seen();
    let opened = seen.page.unwrap();
    assert_eq!(
        (&*opened.name, &*opened.client),
        ("Safari 19 on iPhone", "127.0.0.1")
    );
    assert!(seen.certificate.is_some());
}

#[tokio::test]
async fn nothing_else_is_served() {
    let page = Page::start(LONG).await;
    let secret = page.path.trim_matches('/').to_owned();
    assert!(secret.len() >= 22, "128 bits: {secret}");
    let other = Page::start(LONG).await;
    assert_ne!(page.path, other.path);
    for path in [
        "/",
        "/favicon.ico",
        "/.doorcode/certificate",
        "/doorcode.crt",
        &format!("/{secret}"),
        &format!("/{secret}/../x"),
        &format!("/{secret}/x"),
        &format!("/{secret}/doorcode.crt/"),
        &format!("//{secret}/"),
        &format!("/{}/", "A".repeat(22)),
        &other.path,
    ] {
        let got = page.get(path).await;
        assert_eq!(got.status, 404, "{path}");
        assert!(!got.text().contains(FINGERPRINT), "{path}");
    }
    for method in ["POST", "PUT", "OPTIONS", "CONNECT"] {
        let got = page
            .send(&format!(
                "{method} {} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n\r\n",
                page.path, page.address
            ))
            .await;
        assert!(matches!(got.status, 400 | 405), "{method}: {}", got.status);
    }
    let head = page
        .send(&format!(
            "HEAD {} HTTP/1.1\r\nHost: {}\r\n\r\n",
            page.path, page.address
        ))
        .await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(other.onboarding.seen(), doorcode_gateway::Seen::default());
}

#[tokio::test]
async fn a_name_that_was_rebound_to_us_gets_nothing() {
    let page = Page::start(LONG).await;
    let port = page.address.port();
    for host in [
        format!("Host: evil.test:{port}\r\n"),
        "Host: 127.0.0.1\r\n".to_owned(),
        format!("Host: localhost:{port}\r\n"),
        String::new(),
        format!("Host: {0}\r\nHost: {0}\r\n", page.address),
    ] {
        let got = page
            .send(&format!("GET {} HTTP/1.1\r\n{host}\r\n", page.path))
            .await;
        assert!(matches!(got.status, 400 | 421), "{host}: {}", got.status);
    }
    let absolute = format!(
        "GET http://evil.test{} HTTP/1.1\r\nHost: {}\r\n\r\n",
        page.path, page.address
    );
    assert_eq!(page.send(&absolute).await.status, 421);
}

#[tokio::test]
async fn it_has_its_limits() {
    let page = Page::start(LONG).await;
    let long = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nX-Long: {}\r\n\r\n",
        page.path,
        page.address,
        "x".repeat(16 << 10)
    );
    assert_eq!(page.send(&long).await.status, 431);

    // One request a connection: the second is not answered.
    let request = format!("GET {0} HTTP/1.1\r\nHost: {1}\r\n\r\n", page.path, page.address);
    let got = page.send(&request.repeat(2)).await;
    assert_eq!(got.text().matches("</html>").count(), 1);
}

/// Connects from `source`, which is any of 127.0.0.0/8.
async fn connect_from(source: [u8; 4], to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((source, 0))).unwrap();
    socket.connect(to).await.unwrap()
}

#[tokio::test]
async fn silent_connections_do_not_keep_the_phone_from_the_page() {
    let page = Page::start(LONG).await;
    // From each address more than it may have, and from all of them as many as there may be.
    let begun = Instant::now();
    let mut silent = Vec::new();
    for address in 2..=9 {
        for _ in 0..6 {
            silent.push(connect_from([127, 0, 0, address], page.address).await);
        }
    }
    assert_eq!(page.get(&page.path).await.status, 200);
    let ended = in_time("the end of the first silent one", silent[0].read(&mut [0; 1])).await;
    assert_eq!(ended.unwrap_or(0), 0);
    assert!(
        begun.elapsed() < Duration::from_millis(1900),
        "it waited until the silent ones had to end: {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn it_is_gone_when_it_is_ended_or_dropped_or_its_time_is_over() {
    let page = Page::start(LONG).await;
    let mut open = TcpStream::connect(page.address).await.unwrap();
    assert_eq!(page.get(&page.path).await.status, 200);
    page.onboarding.end().await;
    assert!(TcpStream::connect(page.address).await.is_err());
    let _ = open.write_all(b"GET / HTTP/1.1\r\n").await;
    let read = in_time("the end of an open connection", open.read(&mut [0; 1])).await;
    assert_eq!(read.unwrap_or(0), 0);

    let page = Page::start(LONG).await;
    drop(page.onboarding);
    gone(page.address).await;

    let page = Page::start(Duration::from_millis(50)).await;
    gone(page.address).await;
    assert!(
        page.onboarding.url().starts_with("http://"),
        "still held, and gone all the same"
    );
}

#[tokio::test]
async fn a_root_that_is_none_is_not_offered() {
    let offer = Offer {
        address: "127.0.0.1".parse().unwrap(),
        host: "code.test".parse().unwrap(),
        root: "not a certificate".to_owned(),
        fingerprint: String::new(),
        check_url: CHECK.to_owned(),
        readers: Readers::default(),
        lasts: LONG,
    };
    let error = Onboarding::start(offer).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
}

async fn gone(address: SocketAddr) {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "it is still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Somebody who listens on the network sees the page, and with it the check's address, and is faster than the phone.
#[tokio::test]
async fn nobody_speaks_for_the_device_that_fetched_the_page() {
    let door = Door::open(Setup::default()).await;
    let host = door.config.hosts[0].clone();
    for (reader, state) in [
        ([127, 0, 0, 7], CheckState::Failed),
        ([127, 0, 0, 1], CheckState::Passed),
    ] {
        let begun = door.gateway.begin_check(&host, LONG);
        let page = Page::offer(begun.readers, LONG).await;
        let mut phone = connect_from(reader, page.address).await;
        let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", page.path, page.address);
        phone.write_all(request.as_bytes()).await.unwrap();
        in_time("the page", phone.read_to_end(&mut Vec::new()))
            .await
            .unwrap();
        check::pass(&door.client(), &begun.path).await;
        let view = door.gateway.check(&begun.id).unwrap();
        assert_eq!(view.state, state, "{view:?}");
    }
}
