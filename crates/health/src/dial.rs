//! Connections of probes: TCP, TLS with whatever certificate is shown, one HTTP/1.1 request. Each has a time limit, and
//! nothing stays open.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, DATE, HOST, LOCATION, UPGRADE, USER_AGENT};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::any_certificate::AnyCertificate;
use crate::subject::Visits;

/// How long one step may take at a door of this machine.
pub(crate) const LOCAL_LIMIT: Duration = Duration::from_secs(3);
/// How long one step may take on the network.
pub(crate) const NETWORK_LIMIT: Duration = Duration::from_secs(6);

/// What kept a probe from an answer, in words.
pub(crate) type Failed = String;

/// A TCP connection that the door does not count.
pub(crate) struct Own<S> {
    pub(crate) stream: S,
    /// None over the network, where the door sees the proxy and not us.
    _known: Option<Box<dyn Send + Sync>>,
}

/// Connects to the door at `address`.
pub(crate) async fn to_door(visits: &dyn Visits, address: SocketAddr) -> Result<Own<TcpStream>, Failed> {
    let socket = match address {
        SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4(),
        SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6(),
    };
    let socket = socket.map_err(|error| error.to_string())?;
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
    };
    // Before it connects: the door may look at the connection sooner than we do.
    socket.bind(any).map_err(|error| error.to_string())?;
    let local = socket.local_addr().map_err(|error| error.to_string())?;
    let known = visits.own(local.port());
    let stream = limited(LOCAL_LIMIT, socket.connect(address)).await?;
    Ok(Own {
        stream,
        _known: Some(known),
    })
}

/// Connects to `address` on the network.
pub(crate) async fn to_network(address: SocketAddr) -> Result<Own<TcpStream>, Failed> {
    let stream = limited(NETWORK_LIMIT, TcpStream::connect(address)).await?;
    Ok(Own { stream, _known: None })
}

impl Own<TcpStream> {
    /// Speaks TLS as somebody who asks for `name`, and takes any certificate; the probe judges it.
    pub(crate) async fn tls(self, name: &ServerName<'static>) -> Result<Own<TlsStream<TcpStream>>, Failed> {
        self.tls_with(name, Arc::new(AnyCertificate::new(provider())))
            .await
    }

    /// The same, with the certificate judged by `verifier`.
    pub(crate) async fn tls_with(
        self,
        name: &ServerName<'static>,
        verifier: Arc<dyn ServerCertVerifier>,
    ) -> Result<Own<TlsStream<TcpStream>>, Failed> {
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider has the cipher suites of TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let connector = TlsConnector::from(Arc::new(config));
        let stream = limited(NETWORK_LIMIT, connector.connect(name.clone(), self.stream)).await?;
        Ok(Own {
            stream,
            _known: self._known,
        })
    }
}

impl Own<TlsStream<TcpStream>> {
    /// The certificate that was shown, without its chain.
    pub(crate) fn certificate(&self) -> Option<CertificateDer<'static>> {
        let shown = self.stream.get_ref().1.peer_certificates()?;
        Some(shown.first()?.clone().into_owned())
    }
}

/// The provider that the whole program uses.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()))
}

/// What is asked of a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask<'a> {
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// Ask for a WebSocket, as a page of this origin, with this protocol.
    pub(crate) websocket: Option<(&'a str, &'a str)>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The beginning of the body.
    pub(crate) text: String,
}

impl Answer {
    /// Where it redirects to.
    pub(crate) fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }

    /// The server's clock.
    pub(crate) fn date(&self) -> Option<time::OffsetDateTime> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        // RFC 9110 section 5.6.7; RFC 2822's parser takes its "GMT" as an obsolete zone.
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc2822).ok()
    }
}

/// As much of a body as a probe looks at.
const BODY_BYTES: usize = 64 << 10;

/// One request, and its answer; the connection ends with it.
pub(crate) async fn ask<S>(stream: S, limit: Duration, ask: &Ask<'_>) -> Result<Answer, Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    limited(limit, exchange(stream, ask)).await
}

/// The same, over a unix socket.
pub(crate) async fn ask_socket(socket: &Path, limit: Duration, question: &Ask<'_>) -> Result<Answer, Failed> {
    limited(limit, async {
        let stream = UnixStream::connect(socket)
            .await
            .map_err(|error| error.to_string())?;
        exchange(stream, question).await
    })
    .await
}

async fn exchange<S>(stream: S, ask: &Ask<'_>) -> Result<Answer, Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    let mut request = Request::get(ask.path)
        .header(HOST, ask.host)
        .header(USER_AGENT, "doorcode-health");
    request = match ask.websocket {
        None => request.header(CONNECTION, "close"),
        Some((origin, protocol)) => request
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header("sec-websocket-version", "13")
            // The server proves that it has read it; which one it is does not matter (RFC 6455 section 1.3).
            .header("sec-websocket-key", "ZG9vcmNvZGUtaGVhbHRoLQ==")
            .header("sec-websocket-protocol", protocol)
            .header("origin", origin),
    };
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let answer = async move {
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| error.to_string())?;
        let (parts, body) = response.into_parts();
        let text = if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            String::new()
        } else {
            // A longer body is cut off, and then nothing of it is needed.
            let body = Limited::new(body, BODY_BYTES).collect().await;
            body.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned())
                .unwrap_or_default()
        };
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        })
    };
    let mut answer = std::pin::pin!(answer);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // The connection may end with the last byte of the answer.
        _ = &mut connection => answer.await,
    }
}

/// `work`, or that it took too long.
pub(crate) async fn limited<T, E: ToString>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Failed> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(no_answer(limit)),
    }
}

/// That it took too long.
pub(crate) fn no_answer(limit: Duration) -> Failed {
    format!("no answer within {} s", limit.as_secs_f32())
}
