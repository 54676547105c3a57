//! Which certificate a client gets, and what happens when certificates change.

use doorcode_gateway::Gateway;
use doorcode_settings::{AuthMode, Problem};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::AsyncWriteExt;

use crate::support::{Client, Door, Setup, certificate, read_answer};

fn setup() -> Setup {
    Setup {
        hosts: vec!["code.test", "localhost", "other.test"],
        auth: AuthMode::None,
        ..Setup::default()
    }
}

/// The certificate that a client gets, after it has been verified for `name`.
async fn served(door: &Door, name: &str) -> std::io::Result<Vec<u8>> {
    let stream = door.tls.connect(door.address, name, b"h2").await?;
    Ok(stream.get_ref().1.peer_certificates().unwrap()[0].to_vec())
}

#[tokio::test]
async fn by_name_or_by_address() {
    let mut door = Door::open(setup()).await;
    for (index, name) in ["code.test", "localhost", "other.test"].into_iter().enumerate() {
        let expected = door.config.certificates[index].1.cert[0].to_vec();
        assert_eq!(served(&door, name).await.unwrap(), expected, "{name}");
    }
    let refused = served(&door, "unknown.test").await.unwrap_err();
    assert!(
        refused.to_string().contains("alert"),
        "the server refuses, not the client: {refused}"
    );
    let localhost = door.config.certificates[1].1.cert[0].to_vec();
    assert_eq!(
        served(&door, "127.0.0.1").await.unwrap(),
        localhost,
        "an address sends no name"
    );
    door.tls.sni = false;
    assert_eq!(
        served(&door, "localhost").await.unwrap(),
        localhost,
        "nor does a client without SNI"
    );
}

#[tokio::test]
async fn an_address_among_the_hosts_has_its_own() {
    let door = Door::open(Setup {
        hosts: vec!["code.test", "127.0.0.1"],
        ..Setup::default()
    })
    .await;
    let expected = door.config.certificates[1].1.cert[0].to_vec();
    assert_eq!(served(&door, "127.0.0.1").await.unwrap(), expected);
}

#[tokio::test]
async fn new_ones_are_served_without_dropping_a_connection() {
    let mut door = Door::open(setup()).await;
    let mut open = door.raw().await;
    let mut config = door.config.clone();
    let host = config.hosts[1].clone();
    config.certificates[1].1 = certificate(&host, &mut door.tls);
    let expected = config.certificates[1].1.cert[0].to_vec();
    door.gateway.reconfigure(config);
    assert_eq!(served(&door, "localhost").await.unwrap(), expected);
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        door.authority()
    );
    open.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(read_answer(&mut open).await.0, 200);
}

#[tokio::test]
async fn hosts_change_live() {
    let door = Door::open(setup()).await;
    let client = Client::new(door.address, door.tls.clone(), "other.test");
    assert_eq!(client.get("/").await.status, 200);
    let mut config = door.config.clone();
    config.hosts.pop();
    door.gateway.reconfigure(config);
    assert_eq!(client.get("/").await.status, 421);
}

#[tokio::test]
async fn the_root_is_public_where_there_is_one() {
    let door = Door::open(Setup {
        auth: AuthMode::Password,
        ..setup()
    })
    .await;
    let root = Client::new(door.address, door.tls.clone(), "code.test")
        .get("/.doorcode/certificate")
        .await;
    assert_eq!(
        (root.status.as_u16(), root.header("content-type")),
        (200, "application/x-x509-ca-cert")
    );
    assert_eq!(root.text(), door.config.roots[0].1);
    let der = CertificateDer::from_pem_slice(&root.body).unwrap();
    for (form, kind, extension) in [
        ("der", "application/x-x509-ca-cert", ".crt"),
        ("profile", "application/x-apple-aspen-config", ".mobileconfig"),
    ] {
        let file = Client::new(door.address, door.tls.clone(), "code.test")
            .get(&format!("/.doorcode/certificate?as={form}"))
            .await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, kind));
        let name = format!("attachment; filename=\"doorcode-code_test{extension}\"");
        assert_eq!(file.header("content-disposition"), name);
        match form {
            "der" => assert_eq!(file.body, der.to_vec()),
            _ => assert!(file.text().contains("com.apple.security.root")),
        }
    }
    let invented = Client::new(door.address, door.tls.clone(), "code.test")
        .get("/.doorcode/certificate?as=invented")
        .await;
    assert_eq!(invented.status, 404);
    let none = Client::new(door.address, door.tls.clone(), "other.test")
        .get("/.doorcode/certificate")
        .await;
    assert_eq!(none.status, 404);
}

#[tokio::test]
async fn a_busy_port_names_the_port_and_who_holds_it() {
    let door = Door::open(setup()).await;
    let error = Gateway::bind(&[door.address.into()]).unwrap_err();
    let problem = Problem::from(&error);
    assert_eq!(problem.code, "port_busy");
    assert!(problem.message.contains(&door.address.to_string()), "{problem}");
    if cfg!(target_os = "linux") {
        assert!(
            problem
                .message
                .contains(&format!("(process {},", std::process::id())),
            "{problem}"
        );
    }
    let unknown = Problem::from(&Gateway::bind(&["192.0.2.1:0".parse().unwrap()]).unwrap_err());
    assert_eq!(unknown.code, "address_unknown");
}
