//! Speaking to the door, byte by byte: what is sent must not be put right by a library on the way.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use doorcode_audit::{Attack, Attempt, Outcome};
use doorcode_engine::Status;
use doorcode_settings::{HostName, ListenAddress, Paths, Settings, Tls, TrustedProxy};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::answer::{Answer, LIMIT, Trouble};
use super::pinned::Pinned;
use super::{host_for, is_encrypted};
use crate::audit::{network, reading};

/// As much of an answer as is looked at.
const HEAD: usize = 64 * 1024;
/// Own addresses that an attack is sent to, where all are listened on.
const OWN_ADDRESSES: usize = 3;

/// One address that is listened on, and how a browser speaks to it.
pub(super) struct Door {
    at: ListenAddress,
    host: HostName,
    /// As in `Host`.
    pub(super) authority: String,
    tls: Option<Arc<ClientConfig>>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The addresses at which the door can be spoken to.
pub(super) fn doors(
    paths: &Paths,
    status: &Status,
    settings: &Settings,
    proxy: Option<&TrustedProxy>,
) -> Vec<Door> {
    let door = |at: ListenAddress| {
        let host = host_for(settings, proxy, at.tcp().map(|address| address.ip()));
        let authority = match (proxy, &at) {
            (Some(proxy), _) => proxy.public_url.authority(),
            (None, ListenAddress::Tcp(address)) if address.port() != 443 => {
                format!("{}:{}", host.authority(), address.port())
            }
            (None, _) => host.authority(),
        };
        let tls = is_encrypted(settings).then(|| Arc::new(trusting(paths, settings, &host)));
        Door {
            at,
            host,
            authority,
            tls,
        }
    };
    status.listen.iter().flat_map(reached_at).map(door).collect()
}

/// From here: one address as it is, all addresses as loopback and some of this machine's own.
fn reached_at(listen: &ListenAddress) -> Vec<ListenAddress> {
    let Some(address) = listen.tcp().filter(|address| address.ip().is_unspecified()) else {
        return vec![listen.clone()];
    };
    let loopback: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let own = network::own_addresses().into_iter();
    // A link-local address needs its interface named as well.
    let speakable = own.filter(|ip| ip.is_ipv4() == address.is_ipv4() && !is_link_local(*ip));
    std::iter::once(loopback)
        .chain(speakable.take(OWN_ADDRESSES))
        .map(|ip| SocketAddr::new(ip, address.port()).into())
        .collect()
}

fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

/// A client that takes the certificate on disk and no other: by the host's root, or the one that the person keeps.
fn trusting(paths: &Paths, settings: &Settings, host: &HostName) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("the provider has cipher suites for both versions");
    let mut config = match &settings.tls {
        Tls::Custom { cert, .. } => config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned::new(first(cert), &provider)))
            .with_no_client_auth(),
        _ => {
            let file = paths.certs_dir().join(format!("{}.crt", host.file_stem()));
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(certificates(&file).into_iter().skip(1));
            config.with_root_certificates(roots).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

fn first(file: &Path) -> Option<CertificateDer<'static>> {
    certificates(file).into_iter().next()
}

fn certificates(file: &Path) -> Vec<CertificateDer<'static>> {
    let pem = reading::read(file).unwrap_or_default();
    CertificateDer::pem_slice_iter(&pem)
        .filter_map(Result::ok)
        .collect()
}

impl Door {
    /// Whether it speaks TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// The host's name for SNI; an address is not sent there (RFC 6066 section 3).
    pub(super) fn sni(&self) -> Option<&str> {
        match &self.host {
            HostName::Dns(name) => Some(name),
            HostName::Ip(_) => None,
        }
    }

    /// What an attempt came to.
    pub(super) fn attempt(
        &self,
        attack: Attack,
        sent: impl Into<String>,
        (answer, outcome): (String, Outcome),
    ) -> Attempt {
        Attempt {
            attack,
            at: self.at.to_string(),
            sent: sent.into(),
            answer,
            outcome,
        }
    }

    /// A handshake in which the certificate is verified, and nothing else.
    pub(super) async fn handshake(&self) -> Result<(), Trouble> {
        within(async { self.encrypted().await.map(drop) }).await
    }

    /// Sends `head` the way a browser would, and reads the head of the answer.
    pub(super) async fn ask(&self, head: &str) -> Result<Answer, Trouble> {
        within(async {
            let stream = match &self.tls {
                Some(_) => self.encrypted().await?,
                None => self.connect().await?,
            };
            exchange(stream, head.as_bytes()).await
        })
        .await
        .and_then(|bytes| Answer::parse(&bytes))
    }

    /// Sends `head` without encryption.
    pub(super) async fn ask_plainly(&self, head: &str) -> Result<Answer, Trouble> {
        let bytes = self.say(head.as_bytes()).await?;
        Answer::parse(&bytes)
    }

    /// Sends these bytes without encryption; what comes back, up to the end of a head.
    pub(super) async fn say(&self, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
        within(async { exchange(self.connect().await?, bytes).await }).await
    }

    async fn encrypted(&self) -> Result<Box<dyn Stream>, Trouble> {
        let stream = self.connect().await?;
        let config = self.tls.clone().ok_or(Trouble::Silent)?;
        let name =
            ServerName::try_from(self.host.to_string()).expect("every host name is a DNS name or an address");
        match TlsConnector::from(config).connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(Trouble::Handshake(error.to_string())),
        }
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, Trouble> {
        let unreachable = |error: std::io::Error| Trouble::Unreachable(error.to_string());
        Ok(match &self.at {
            ListenAddress::Tcp(address) => Box::new(TcpStream::connect(address).await.map_err(unreachable)?),
            ListenAddress::Unix(path) => Box::new(UnixStream::connect(path).await.map_err(unreachable)?),
        })
    }
}

async fn within<T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    tokio::time::timeout(LIMIT, work)
        .await
        .unwrap_or(Err(Trouble::Silent))
}

/// Errors in reading or writing are the other side's: it hung up.
async fn exchange(mut stream: Box<dyn Stream>, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
    let hung_up = |_| Trouble::HungUp;
    stream.write_all(bytes).await.map_err(hung_up)?;
    stream.flush().await.map_err(hung_up)?;
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while answer.len() < HEAD && !is_whole(&answer) {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) if answer.is_empty() => return Err(Trouble::HungUp),
            Ok(0) | Err(_) => break,
            Ok(length) => answer.extend_from_slice(&part[..length]),
        }
    }
    Ok(answer)
}

/// The end of a head, or the beginning of something that is no HTTP/1 at all.
fn is_whole(answer: &[u8]) -> bool {
    answer.windows(4).any(|four| four == b"\r\n\r\n")
        || (answer.len() >= 9 && !answer.starts_with(b"HTTP/1."))
}
