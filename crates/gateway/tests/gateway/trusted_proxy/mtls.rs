//! A client certificate as the proof.

use std::path::Path;

use doorcode_settings::trusted_proxy::Proof;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;

use super::{GOOD, Way, admitted, good_but, refused, send, settings, setup};
use crate::support::{Client, Door};

/// Signs the certificates of proxies.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn write(&self, path: &Path) {
        doorcode_settings::files::write_private(path, self.0.pem().as_bytes()).unwrap();
    }

    fn identity(&self) -> (CertificateDer<'static>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["proxy.example".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.der().clone(), key.serialize_der())
    }
}

async fn door(authority: &Authority) -> (Door, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let client_ca = dir.path().join("ca.pem");
    authority.write(&client_ca);
    let mut settings = settings(dir.path());
    settings.proof = Proof::Mtls { client_ca };
    (Door::open(setup(&settings)).await, dir)
}

#[tokio::test]
async fn a_certificate_of_the_authority_is_the_proof() {
    let authority = Authority::new();
    let (mut door, _dir) = door(&authority).await;
    let headers = good_but(&[("x-doorcode-proof", "")]);
    refused(&door, &headers, 403, "trusted_proxy_proof_invalid").await;
    door.tls.identity = Some(authority.identity());
    admitted(&door, &headers).await;
}

#[tokio::test]
async fn a_certificate_of_somebody_else_ends_the_handshake() {
    let (authority, evil) = (Authority::new(), Authority::new());
    let (mut door, _dir) = door(&authority).await;
    door.tls.identity = Some(evil.identity());
    // With TLS 1.3 the client hears of it when it reads.
    let mut stream = door.client().raw().await;
    let (status, text) = crate::support::read_answer(&mut stream).await;
    assert_eq!((status, text.as_str()), (0, ""));
    door.logged(|line| line["code"] == "trusted_proxy_proof_invalid")
        .await;
    assert_eq!(door.editor.connections(), 0);
}

#[tokio::test]
async fn a_connection_of_yesterdays_authority_proves_nothing_under_todays() {
    let (old, new) = (Authority::new(), Authority::new());
    let (mut door, dir) = door(&old).await;
    door.tls.identity = Some(old.identity());
    let connection = Kept::open(&door.client()).await;
    let (connection, status) = connection.ask().await;
    assert_eq!(status, 200);
    let client_ca = dir.path().join("new.pem");
    new.write(&client_ca);
    let mut changed = settings(dir.path());
    changed.proof = Proof::Mtls { client_ca };
    let mut config = door.config.clone();
    config.trusted_proxy = Some(doorcode_gateway::TrustedProxyConfig::prepare(&changed).unwrap());
    door.gateway.reconfigure(config);
    let (_, status) = connection.ask().await;
    assert_eq!(status, 403, "on the connection that was open all the time");

    door.tls.identity = Some(new.identity());
    assert_eq!(
        send(&door, Way::Http1, &good_but(&[("x-doorcode-proof", "")]))
            .await
            .status,
        200
    );
}

/// One connection for several requests.
struct Kept {
    sender: hyper::client::conn::http1::SendRequest<http_body_util::Empty<bytes::Bytes>>,
}

impl Kept {
    async fn open(client: &Client) -> Kept {
        let stream = hyper_util::rt::TokioIo::new(client.raw().await);
        let (sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Kept { sender }
    }

    async fn ask(mut self) -> (Kept, u16) {
        let mut request = http::Request::get("/").header("host", super::HOST);
        for (name, value) in GOOD {
            request = request.header(name, value);
        }
        let response = self
            .sender
            .send_request(request.body(Default::default()).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        crate::support::Answer::of(response).await;
        (self, status)
    }
}
