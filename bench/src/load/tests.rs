//! The loads against the stub itself, and against a TLS server of our own.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::target::{Protocol, Target};
use super::{CONNECTIONS, alone, client, handshakes, requests, runtime, share, stream, websocket};
use crate::error::BenchError;
use crate::identity::Identity;
use crate::stub;

const SHORT: Duration = Duration::from_millis(50);

/// A stub that runs for as long as the test's process does.
fn running_stub(dir: &Path) -> Target {
    let socket = dir.join("sock");
    let arguments = ["--auth", "none", "--socket"].map(Into::into);
    let arguments = arguments
        .into_iter()
        .chain([socket.clone().into_os_string()])
        .collect();
    thread::spawn(move || stub::run(arguments));
    let target = Target::unix(socket);
    let deadline = Instant::now() + Duration::from_secs(10);
    while alone("the stub", client::once(&target, "/healthz")).is_err() {
        assert!(Instant::now() < deadline, "the stub does not answer");
        thread::yield_now();
    }
    target
}

#[test]
fn every_connection_belongs_to_exactly_one_core() {
    for cores in 1..=CONNECTIONS {
        assert_eq!(
            (0..cores)
                .map(|core| share(CONNECTIONS, core, cores))
                .sum::<usize>(),
            CONNECTIONS
        );
    }
}

fn temp_dir() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn small_requests_are_all_counted() {
    let dir = temp_dir();
    let served = requests::measure(&running_stub(dir.path()), Protocol::Http1, SHORT).expect("served");
    assert!(served.latencies.count() >= CONNECTIONS);
    assert!(served.per_second > 0.0);
}

#[test]
fn a_stream_has_exactly_the_bytes_that_were_asked_for() {
    let dir = temp_dir();
    let target = running_stub(dir.path());
    let odd = 10_000_001;
    assert_eq!(
        stream::stub(&target, Protocol::Http1, odd)
            .expect("streamed")
            .bytes,
        odd
    );
}

#[test]
fn anything_but_200_is_a_failure_not_a_figure() {
    let dir = temp_dir();
    let target = running_stub(dir.path());
    for (path, expected) in [("/nowhere", 404), ("/stream?bytes=many", 400)] {
        match stream::repeated(&target, Protocol::Http1, path, SHORT) {
            Err(BenchError::Status { status, .. }) => assert_eq!(status, expected),
            other => panic!("{path}: {:?}", other.map(|download| download.bytes)),
        }
    }
}

#[test]
fn websockets_answer_and_stay_open_together() {
    let dir = temp_dir();
    let target = running_stub(dir.path());
    assert!(websocket::measure(&target, SHORT).expect("echoed").count() > 0);
    let mut opened = false;
    websocket::hold(&target, 100, || {
        opened = true;
        Ok(())
    })
    .expect("held");
    assert!(opened);
}

#[test]
fn a_websocket_that_is_refused_is_a_failure() {
    let dir = temp_dir();
    let target = running_stub(dir.path()).without_stub();
    assert!(matches!(
        websocket::measure(&target, SHORT),
        Err(BenchError::Status { status: 200, .. })
    ));
}

#[test]
fn handshakes_are_counted_and_only_the_shared_certificate_is_accepted() {
    let dir = temp_dir();
    let identity = Identity::create(dir.path()).expect("a certificate");
    let port = tls_server(&identity);
    let target = Target::tls(port, &identity.certificate).expect("a target");
    assert!(handshakes::measure(&target, SHORT).expect("counted") > 0.0);

    let other = temp_dir();
    let stranger = Identity::create(other.path()).expect("a certificate").certificate;
    let target = Target::tls(port, &stranger).expect("a target");
    assert!(matches!(
        handshakes::measure(&target, SHORT),
        Err(BenchError::Io { .. })
    ));
}

/// Shakes hands with everybody and hangs up after they did. Gives its port.
fn tls_server(identity: &Identity) -> u16 {
    let key = key_of(&identity.key_file);
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], key)
        .expect("the key fits the certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let runtime = runtime().expect("a runtime");
    let listener = runtime
        .block_on(TcpListener::bind(("127.0.0.1", 0)))
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        runtime.block_on(async {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut stream = acceptor.accept(stream).await?;
                    stream.read_to_end(&mut Vec::new()).await?;
                    stream.shutdown().await
                });
            }
        });
    });
    port
}

fn key_of(file: &Path) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_file(file).expect("a key in PEM")
}
