//! Where a contender answers, and what a client of ours offers it.

use std::path::PathBuf;
use std::sync::Arc;

use http_body_util::Empty;
use hyper::Request;
use hyper::header::{ACCEPT_ENCODING, HOST, HeaderName};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::error::BenchError;
use crate::identity;

/// How a client speaks HTTP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// A request without a body.
pub(crate) type Ask = Request<Empty<bytes::Bytes>>;
/// A connection that HTTP can be spoken over.
pub(crate) type Connection = Box<dyn Stream>;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Where to connect to, and as whom to ask.
#[derive(Clone)]
pub(crate) struct Target {
    address: Address,
    /// What says who asks: a session's cookie, or what a proxy would add.
    header: Option<(HeaderName, String)>,
    /// A path that is answered with about 200 bytes.
    pub(crate) small: &'static str,
    /// A path whose WebSocket answers each message with one.
    pub(crate) websocket: &'static str,
}

#[derive(Clone)]
enum Address {
    Tls {
        port: u16,
        http1: Arc<ClientConfig>,
        http2: Arc<ClientConfig>,
    },
    Unix(PathBuf),
}

impl Target {
    /// TLS on a port of 127.0.0.1, in front of the stub upstream.
    pub(crate) fn tls(port: u16, certificate: &CertificateDer<'static>) -> Result<Self, BenchError> {
        let http1 = client_config(certificate, b"http/1.1")?;
        let http2 = client_config(certificate, b"h2")?;
        Ok(Self {
            address: Address::Tls { port, http1, http2 },
            header: None,
            small: "/small",
            websocket: "/ws",
        })
    }

    /// The stub upstream itself.
    pub(crate) fn unix(socket: PathBuf) -> Self {
        Self {
            address: Address::Unix(socket),
            header: None,
            small: "/small",
            websocket: "/ws",
        }
    }

    pub(crate) fn with_header(self, name: HeaderName, value: String) -> Self {
        Self {
            header: Some((name, value)),
            ..self
        }
    }

    /// code-server has no such paths; the nearest are its health answer, and that of its health WebSocket.
    pub(crate) fn without_stub(self) -> Self {
        Self {
            small: "/healthz",
            websocket: "/healthz",
            ..self
        }
    }

    /// The request for `path`, uncompressed, as this target wants it.
    pub(crate) fn ask(&self, path: &str, protocol: Protocol) -> Ask {
        let (uri, host) = match protocol {
            Protocol::Http1 => (path.to_owned(), Some(self.authority())),
            Protocol::Http2 => (format!("https://{}{path}", self.authority()), None),
        };
        let mut request = Request::get(uri).header(ACCEPT_ENCODING, "identity");
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        if let Some((name, value)) = &self.header {
            request = request.header(name, value);
        }
        request
            .body(Empty::new())
            .expect("paths, cookies and assertions are valid in a request")
    }

    /// Host and port, as a browser would send them.
    pub(crate) fn authority(&self) -> String {
        match &self.address {
            Address::Tls { port, .. } => format!("{}:{port}", identity::HOST),
            Address::Unix(_) => identity::HOST.to_owned(),
        }
    }

    /// A connection on which the handshake is done.
    pub(crate) async fn connect(&self, protocol: Protocol) -> Result<Connection, BenchError> {
        match &self.address {
            Address::Tls { .. } => Ok(Box::new(self.handshake(protocol).await?)),
            Address::Unix(socket) => {
                let what = |e| BenchError::io(format!("cannot connect to {}", socket.display()), e);
                Ok(Box::new(UnixStream::connect(socket).await.map_err(what)?))
            }
        }
    }

    /// A new TLS connection, never a resumed one.
    pub(crate) async fn handshake(&self, protocol: Protocol) -> Result<TlsStream<TcpStream>, BenchError> {
        let Address::Tls { port, http1, http2 } = &self.address else {
            return Err(BenchError::Unexpected("the stub upstream has no TLS".to_owned()));
        };
        let what = |e| BenchError::io(format!("cannot connect to 127.0.0.1:{port}"), e);
        let stream = TcpStream::connect(("127.0.0.1", *port)).await.map_err(what)?;
        stream.set_nodelay(true).map_err(what)?;
        let config = if protocol == Protocol::Http1 { http1 } else { http2 };
        let name = ServerName::try_from(identity::HOST).expect("localhost is a valid name");
        TlsConnector::from(Arc::clone(config))
            .connect(name, stream)
            .await
            .map_err(|e| BenchError::io(format!("no TLS 1.3 with 127.0.0.1:{port}"), e))
    }
}

/// TLS 1.3, X25519 and AES-128-GCM only, so that every server does the same work. (Chromium offers these first.)
fn client_config(
    certificate: &CertificateDer<'static>,
    alpn: &[u8],
) -> Result<Arc<ClientConfig>, BenchError> {
    let provider = Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519],
        cipher_suites: vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256],
        ..aws_lc_rs::default_provider()
    });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned(certificate.clone())))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![alpn.to_vec()];
    Ok(Arc::new(config))
}

/// Accepts the one certificate of this run, byte for byte, and spares itself the signatures: on the same few cores they
/// would cost about as much as the server's whole part of a handshake. For loopback against servers of our own only.
#[derive(Debug)]
struct Pinned(CertificateDer<'static>);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *end_entity == self.0 {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not offered".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
