//! A gateway with everything around it, in a temporary folder.

mod client;
mod stub;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorcode_gateway::{Config, Gateway, SessionStore, Timing, TrustedProxyConfig, Upstream, VerifyPassword};
use doorcode_logs::{Limit, LogSink};
use doorcode_settings::{AuthMode, HostName, ListenAddress};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use tempfile::TempDir;
use tokio::sync::watch;

pub(crate) use client::{Answer, Client, Raw, Tls, read_answer, read_head, status_of};
pub(crate) use stub::{PIECE, Stub};

pub(crate) const PASSWORD: &str = "correct horse & battery";
/// What every wait for a condition may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What differs between tests.
pub(crate) struct Setup {
    pub(crate) hosts: Vec<&'static str>,
    pub(crate) auth: AuthMode,
    pub(crate) trusted_proxy: Option<TrustedProxyConfig>,
    pub(crate) plain: bool,
    /// Besides an address of loopback.
    pub(crate) listen: Vec<ListenAddress>,
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
    pub(crate) allow_ports: Vec<u16>,
    pub(crate) sign_in_per_minute: u32,
    pub(crate) connections: usize,
    pub(crate) timing: Timing,
    pub(crate) verifier: Arc<dyn VerifyPassword>,
    /// Another gateway's, after that has ended.
    pub(crate) dir: Option<TempDir>,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            hosts: vec!["localhost"],
            auth: AuthMode::Password,
            trusted_proxy: None,
            plain: false,
            listen: Vec::new(),
            idle: Duration::from_secs(3600),
            absolute: Duration::from_secs(7200),
            allow_ports: Vec::new(),
            sign_in_per_minute: 100,
            connections: 1000,
            timing: Timing::default(),
            verifier: Arc::new(Fast),
            dir: None,
        }
    }
}

/// Knows the password.
pub(crate) struct Fast;

impl VerifyPassword for Fast {
    fn verify(&self, candidate: &str) -> bool {
        candidate == PASSWORD
    }

    fn is_slow(&self) -> bool {
        false
    }
}

/// A running gateway in front of a stub editor.
pub(crate) struct Door {
    pub(crate) gateway: Gateway,
    pub(crate) sessions: SessionStore,
    pub(crate) editor: Stub,
    pub(crate) state: watch::Sender<Upstream>,
    pub(crate) address: SocketAddr,
    pub(crate) config: Config,
    pub(crate) tls: Tls,
    folder: Folder,
}

/// Where everything is. It goes with the door, although connections end a little later and would still write their lines, for which the
/// log would make the folder again.
struct Folder {
    log: LogSink,
    dir: Option<TempDir>,
}

impl Folder {
    fn path(&self) -> &Path {
        self.dir
            .as_ref()
            .expect("it is taken only when the door closes")
            .path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let Some(dir) = self.dir.take() else { return };
        self.log.close();
        // The sessions may be on their way to their file.
        let deadline = Instant::now() + PATIENCE;
        while std::fs::remove_dir_all(&dir).is_err() && dir.path().exists() && Instant::now() < deadline {
            std::thread::yield_now();
        }
    }
}

impl Door {
    pub(crate) async fn open(setup: Setup) -> Door {
        let dir = setup.dir.unwrap_or_else(|| tempfile::tempdir().unwrap());
        let editor = Stub::start(&dir.path().join("editor.sock"));
        let mut tls = Tls::default();
        let hosts: Vec<HostName> = setup.hosts.iter().map(|host| host.parse().unwrap()).collect();
        let certificates = hosts
            .iter()
            .map(|host| (host.clone(), certificate(host, &mut tls)))
            .collect();
        let config = Config {
            roots: vec![(hosts[0].clone(), root())],
            hosts,
            certificates,
            auth: setup.auth,
            trusted_proxy: setup.trusted_proxy,
            plain: setup.plain,
            idle: setup.idle,
            absolute: setup.absolute,
            allow_ports: setup.allow_ports,
            sign_in_per_minute: setup.sign_in_per_minute,
            connections: setup.connections,
        };
        let mut listen = vec!["127.0.0.1:0".parse().unwrap()];
        listen.extend(setup.listen);
        let listeners = Gateway::bind(&listen).unwrap();
        let (sessions, problem) = SessionStore::open(&dir.path().join("sessions.json"));
        assert_eq!(problem, None);
        let (state, watched) = watch::channel(Upstream::Ready);
        let log = LogSink::open(&dir.path().join("access.log"), Limit::default()).unwrap();
        let gateway = Gateway::start_with(
            setup.timing,
            listeners,
            dir.path().join("editor.sock"),
            config.clone(),
            setup.verifier,
            sessions.clone(),
            watched,
            log.clone(),
        )
        .expect("threads");
        let address = gateway.local_addrs()[0];
        Door {
            gateway,
            sessions,
            editor,
            state,
            address,
            config,
            tls,
            folder: Folder { log, dir: Some(dir) },
        }
    }

    /// `localhost:PORT`.
    pub(crate) fn authority(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// A client of the first host, over HTTP/1.1, with no cookie.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address, self.tls.clone(), &self.config.hosts[0].authority())
    }

    /// The same, signed in.
    pub(crate) async fn signed_in(&self) -> Client {
        let mut client = self.client();
        let answer = client.sign_in(PASSWORD, "/").await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        client
    }

    /// A TLS connection that speaks HTTP/1.1, for what no library would send.
    pub(crate) async fn raw(&self) -> Raw {
        self.tls
            .connect(self.address, "localhost", b"http/1.1")
            .await
            .unwrap()
    }

    /// The access log's lines so far.
    pub(crate) fn log_lines(&self) -> Vec<serde_json::Value> {
        self.folder.log.flush();
        let text = std::fs::read_to_string(self.log_path()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Waits for a line in the access log.
    pub(crate) async fn logged(&self, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let mut found = None;
        eventually("a line in the access log", || {
            found = self.log_lines().into_iter().find(|line| wanted(line));
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    /// Ends the gateway and gives the folder for the next one.
    pub(crate) async fn close(mut self) -> TempDir {
        self.gateway.drain(Duration::ZERO).await;
        self.sessions.flush().await;
        assert_eq!(self.sessions.trouble(), None);
        self.folder.log.close();
        self.folder.dir.take().expect("nobody has taken it yet")
    }
}

/// Some certificate, PEM, to be handed out as a root.
fn root() -> String {
    rcgen::generate_simple_self_signed(Vec::new()).unwrap().cert.pem()
}

/// A self-signed certificate, which `tls` trusts from now on.
pub(crate) fn certificate(host: &HostName, tls: &mut Tls) -> Arc<CertifiedKey> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut names = vec![host.to_string()];
    if host.to_string() == "localhost" {
        names.push("127.0.0.1".to_owned());
    }
    let mut params = rcgen::CertificateParams::new(names).unwrap();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, format!("test of {host}"));
    let certificate = params.self_signed(&key).unwrap();
    let der: CertificateDer<'static> = certificate.der().clone();
    tls.trust(der.clone());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
    Arc::new(CertifiedKey::new(vec![der], key))
}

/// Polls `condition` until it holds.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Fails when `work` takes too long.
pub(crate) async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("took too long: {what}"),
    }
}
