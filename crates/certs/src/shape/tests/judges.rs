//! Three clients' judgement of a certificate: OpenSSL, GnuTLS and rustls.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use doorcode_settings::HostName;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

/// What a client said, and whether it was content.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) accepted: bool,
    pub(super) output: String,
}

/// OpenSSL, with `root` as the only anchor and `untrusted` to build a path with.
pub(super) fn openssl(root: &Path, untrusted: &Path, leaf: &Path, host: &HostName) -> Verdict {
    let option = match host {
        HostName::Dns(_) => "-verify_hostname",
        HostName::Ip(_) => "-verify_ip",
    };
    let mut command = Command::new("openssl");
    command.args([
        "verify",
        "-x509_strict",
        "-no-CApath",
        "-no-CAstore",
        "-purpose",
        "sslserver",
    ]);
    command.arg("-CAfile").arg(root).arg("-untrusted").arg(untrusted);
    command.arg(option).arg(host.to_string()).arg(leaf);
    run(command)
}

/// GnuTLS, with `root` as the only anchor; the leaf comes first in `chain`.
pub(super) fn gnutls(root: &Path, chain: &Path, host: &HostName) -> Verdict {
    let mut command = Command::new("certtool");
    command.args([
        "--verify",
        "--verify-profile",
        "medium",
        "--verify-purpose",
        "1.3.6.1.5.5.7.3.1",
    ]);
    command.arg("--verify-hostname").arg(host.to_string());
    command
        .arg("--load-ca-certificate")
        .arg(root)
        .arg("--infile")
        .arg(chain);
    run(command)
}

/// The text that OpenSSL makes of a certificate.
pub(super) fn openssl_text(certificate: &Path) -> String {
    let mut command = Command::new("openssl");
    command.args(["x509", "-noout", "-text", "-in"]).arg(certificate);
    let verdict = run(command);
    assert!(verdict.accepted, "{}", verdict.output);
    verdict.output
}

/// rustls, on the certificates alone.
pub(super) fn rustls(
    root: &CertificateDer<'_>,
    untrusted: &[CertificateDer<'_>],
    leaf: &CertificateDer<'_>,
    host: &HostName,
) -> Verdict {
    let verifier = WebPkiServerVerifier::builder_with_provider(anchors(root), provider())
        .build()
        .expect("one anchor");
    verdict(verifier.verify_server_cert(leaf, untrusted, &server_name(host), &[], UnixTime::now()))
}

/// rustls, by a whole handshake with a server that has `chain` and `key`, both in memory.
pub(super) fn rustls_handshake(
    root: &CertificateDer<'_>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    host: &HostName,
) -> Verdict {
    let server = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let server = server
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a pair");
    let client = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let client = client
        .expect("versions")
        .with_root_certificates(anchors(root))
        .with_no_client_auth();
    let mut server = ServerConnection::new(Arc::new(server)).expect("a server");
    let mut client = ClientConnection::new(Arc::new(client), server_name(host)).expect("a client");
    verdict(handshake(&mut client, &mut server))
}

fn handshake(client: &mut ClientConnection, server: &mut ServerConnection) -> Result<(), rustls::Error> {
    while client.is_handshaking() || server.is_handshaking() {
        let mut to_server = Vec::new();
        client.write_tls(&mut to_server).expect("memory");
        server.read_tls(&mut to_server.as_slice()).expect("memory");
        server.process_new_packets()?;
        let mut to_client = Vec::new();
        server.write_tls(&mut to_client).expect("memory");
        client.read_tls(&mut to_client.as_slice()).expect("memory");
        client.process_new_packets()?;
    }
    Ok(())
}

fn run(mut command: Command) -> Verdict {
    // It must be installed: a test that leaves its judge out tests nothing.
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr]
        .map(|part| String::from_utf8_lossy(&part).into_owned())
        .concat();
    Verdict {
        accepted: output.status.success(),
        output: text,
    }
}

fn verdict<T>(result: Result<T, rustls::Error>) -> Verdict {
    match result {
        Ok(_) => Verdict {
            accepted: true,
            output: String::new(),
        },
        Err(error) => Verdict {
            accepted: false,
            output: error.to_string(),
        },
    }
}

fn anchors(root: &CertificateDer<'_>) -> Arc<RootCertStore> {
    let mut store = RootCertStore::empty();
    store
        .add(root.clone().into_owned())
        .expect("rustls takes the root for an anchor");
    Arc::new(store)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn server_name(host: &HostName) -> ServerName<'static> {
    ServerName::try_from(host.to_string()).expect("a host is a server name")
}
