//! A door, an editor and a proxy of the simplest kind, on real sockets.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use doorcode_health::{
    Arrival, Condition, Door, DoorEvidence, Editor, Folders, Keyring, Served, Subject, Times, Visit, Visits,
};
use doorcode_settings::AuthMode;
use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::TlsAcceptor;

/// A server that lives as long as this.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A certificate for `name`, valid between these days from now.
pub(crate) struct Certificate {
    pub(crate) der: CertificateDer<'static>,
    key: KeyPair,
}

impl Certificate {
    pub(crate) fn new(name: &str, from_days: i64, to_days: i64) -> Certificate {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let now = OffsetDateTime::now_utc();
        params.not_before = now + time::Duration::days(from_days);
        params.not_after = now + time::Duration::days(to_days);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("signed");
        Certificate {
            der: certificate.der().clone(),
            key,
        }
    }

    pub(crate) fn fingerprint(&self) -> String {
        let bytes: Vec<String> = Sha256::digest(&self.der)
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        bytes.join(":")
    }

    fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.der.clone()], key)
            .expect("a pair");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What a request says, as far as these servers look: path and headers in lower case.
pub(crate) type Answer = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Serves https with `certificate`.
pub(crate) async fn https(certificate: &Certificate, answer: Answer) -> Server {
    let (acceptor, listener) = (
        certificate.acceptor(),
        TcpListener::bind("127.0.0.1:0").await.expect("a port"),
    );
    let address = listener.local_addr().expect("an address");
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    respond(stream, answer).await;
                }
            });
        }
    });
    Server { address, task }
}

/// Serves http on a unix socket.
pub(crate) fn on_socket(path: PathBuf, answer: Answer) -> Server {
    let listener = UnixListener::bind(path).expect("a socket");
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(respond(stream, answer.clone()));
        }
    });
    Server {
        address: ([127, 0, 0, 1], 0).into(),
        task,
    }
}

/// Answers one request; an empty answer is never given.
async fn respond(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: Answer) {
    let (mut head, mut piece) = (Vec::new(), [0; 1024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend_from_slice(&piece[..count]),
        }
    }
    let answer = answer(&String::from_utf8_lossy(&head).to_ascii_lowercase());
    if answer.is_empty() {
        // Held until the client gives up.
        let _ = stream.read(&mut piece).await;
        return;
    }
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// An answer with nothing in it.
pub(crate) fn status(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

/// Knows probes; `seen` is what arrives at each expected path.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) seen: Mutex<Vec<Arrival>>,
}

impl Visits for Known {
    fn expect(&self) -> Visit {
        Visit {
            path: "/.doorcode/check/expected".to_owned(),
            token: "expected".to_owned(),
        }
    }

    fn arrivals(&self, _: &Visit) -> Vec<Arrival> {
        self.seen.lock().expect("nobody panicked").clone()
    }

    fn own(&self, _: u16) -> Box<dyn Send + Sync> {
        Box::new(())
    }
}

/// A door at `address` that serves localhost with the certificate of this fingerprint.
pub(crate) fn door(address: SocketAddr, fingerprint: String, known: Arc<Known>) -> Door {
    Door {
        listen: vec![address.into()],
        hosts: vec![Served {
            host: "localhost".parse().expect("a host"),
            fingerprint: Some(fingerprint),
            ours: true,
            renewal: "doorcode cert renew localhost --trust".to_owned(),
        }],
        certificate_problems: Vec::new(),
        auth: AuthMode::Password,
        proxy: None,
        tls: true,
        full: None,
        evidence: DoorEvidence::default(),
        visits: known,
    }
}

/// A machine on which nothing is wrong, with an editor that is on its way.
pub(crate) fn subject(door: Option<Door>) -> Subject {
    let here = std::env::temp_dir();
    Subject {
        settings_problem: None,
        keyring: Keyring::NotNeeded,
        folders: Folders {
            data: here.clone(),
            state: here.clone(),
            runtime: here,
        },
        times: Times::default(),
        code_server: None,
        ports: None,
        editor: Editor {
            condition: Condition::Starting,
            pid: None,
            socket: PathBuf::from("/nowhere"),
            log_tail: Vec::new(),
            memory_kills: 0,
            rss_bytes: None,
            lingering: (0, 0),
        },
        door,
        browsers: None,
        public: None,
    }
}
