//! Clients: one that behaves, and raw connections for what it would not send.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::in_time;

pub(crate) type Raw = TlsStream<TcpStream>;

/// What clients trust.
#[derive(Clone)]
pub(crate) struct Tls {
    roots: RootCertStore,
    pub(crate) sni: bool,
    /// What they show of themselves: a certificate, and its key as PKCS #8.
    pub(crate) identity: Option<(CertificateDer<'static>, Vec<u8>)>,
}

impl Default for Tls {
    fn default() -> Self {
        Tls {
            roots: RootCertStore::empty(),
            sni: true,
            identity: None,
        }
    }
}

impl Tls {
    pub(crate) fn trust(&mut self, certificate: CertificateDer<'static>) {
        self.roots.add(certificate).unwrap();
    }

    pub(crate) async fn connect(&self, to: SocketAddr, name: &str, alpn: &[u8]) -> std::io::Result<Raw> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone());
        let mut config = match &self.identity {
            Some((certificate, key)) => {
                let key = PrivateKeyDer::Pkcs8(key.clone().into());
                config
                    .with_client_auth_cert(vec![certificate.clone()], key)
                    .unwrap()
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![alpn.to_vec()];
        config.enable_sni = self.sni;
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(name.trim_matches(['[', ']']).to_owned()).unwrap();
        in_time(
            "a TLS handshake",
            TlsConnector::from(Arc::new(config)).connect(name, stream),
        )
        .await
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) async fn of(response: hyper::Response<Incoming>) -> Answer {
        let (parts, body) = response.into_parts();
        let body = in_time("a body", body.collect()).await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION)
    }
}

/// A browser's network side: a cookie, a host, a connection for each request.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    tls: Tls,
    host: String,
    /// What is sent as `Cookie`.
    pub(crate) cookie: Option<String>,
    /// Speak HTTP/2.
    pub(crate) h2: bool,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, tls: Tls, host: &str) -> Client {
        Client {
            address,
            tls,
            host: host.to_owned(),
            cookie: None,
            h2: false,
        }
    }

    pub(crate) fn over_h2(&self) -> Client {
        Client {
            h2: true,
            ..self.clone()
        }
    }

    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.address.port())
    }

    pub(crate) fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }

    pub(crate) async fn raw(&self) -> Raw {
        self.tls
            .connect(self.address, &self.host, b"http/1.1")
            .await
            .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, &[], "").await
    }

    /// As a browser opens a page.
    pub(crate) async fn open(&self, path: &str) -> Answer {
        self.request(
            Method::GET,
            path,
            &[("sec-fetch-mode", "navigate"), ("accept", "text/html")],
            "",
        )
        .await
    }

    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(
            self.send(request.uri(path).body(Full::from(body.to_owned())).unwrap())
                .await,
        )
        .await
    }

    /// Sends a request with our cookie and host; the body is still to come.
    pub(crate) async fn send(&self, mut request: Request<Full<Bytes>>) -> hyper::Response<Incoming> {
        if let Some(cookie) = &self.cookie {
            request.headers_mut().append(COOKIE, cookie.parse().unwrap());
        }
        in_time("an answer", call(self, request)).await
    }

    pub(crate) async fn sign_in(&mut self, password: &str, to: &str) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("username", "doorcode")
            .append_pair("to", to)
            .append_pair("password", password)
            .finish();
        let origin = self.origin();
        let headers = [
            (ORIGIN.as_str(), origin.as_str()),
            (CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"),
        ];
        let answer = self
            .request(Method::POST, "/.doorcode/sign-in", &headers, &form)
            .await;
        self.keep_cookie(&answer);
        answer
    }

    pub(crate) fn keep_cookie(&mut self, answer: &Answer) {
        if let Some(set) = answer.headers.get(SET_COOKIE) {
            self.cookie = Some(set.to_str().unwrap().split(';').next().unwrap().to_owned());
        }
    }

    /// A connection for more than one request.
    pub(crate) async fn keep_alive(&self) -> Kept {
        Kept::open(self).await
    }

    /// Opens a WebSocket; gives the status and the connection after the head.
    pub(crate) async fn websocket(&self, path: &str, origin: Option<&str>) -> (u16, Raw) {
        self.websocket_as("a test", path, origin).await
    }

    /// The same, of a browser that calls itself `agent`.
    pub(crate) async fn websocket_as(&self, agent: &str, path: &str, origin: Option<&str>) -> (u16, Raw) {
        let mut stream = self.raw().await;
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: {agent}\r\n",
            self.authority()
        );
        for (name, value) in [("Origin", origin), ("Cookie", self.cookie.as_deref())] {
            if let Some(value) = value {
                head += &format!("{name}: {value}\r\n");
            }
        }
        stream.write_all((head + "\r\n").as_bytes()).await.unwrap();
        let head = read_head(&mut stream).await;
        (status_of(&head), stream)
    }
}

/// A connection that stays open after an answer.
pub(crate) struct Kept {
    client: Client,
    sender: Sender,
}

enum Sender {
    H1(hyper::client::conn::http1::SendRequest<Full<Bytes>>),
    H2(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

impl Kept {
    async fn open(client: &Client) -> Kept {
        let sender = if client.h2 {
            let stream = client
                .tls
                .connect(client.address, &client.host, b"h2")
                .await
                .unwrap();
            let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
            let (sender, connection) = handshake.await.unwrap();
            tokio::spawn(connection);
            Sender::H2(sender)
        } else {
            let stream = TokioIo::new(client.raw().await);
            let (sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            Sender::H1(sender)
        };
        Kept {
            client: client.clone(),
            sender,
        }
    }

    /// Sends `body`; gives the text of the answer.
    pub(crate) async fn post(&mut self, path: &str, body: Vec<u8>) -> String {
        let request = Request::post(path).body(Full::from(body)).unwrap();
        let response = in_time("an answer", self.send(request)).await;
        Answer::of(response).await.text().to_owned()
    }

    async fn send(&mut self, mut request: Request<Full<Bytes>>) -> hyper::Response<Incoming> {
        match &mut self.sender {
            Sender::H1(sender) => {
                if !request.headers().contains_key(HOST) {
                    let host = self.client.authority().parse().unwrap();
                    request.headers_mut().insert(HOST, host);
                }
                sender.send_request(request).await.unwrap()
            }
            Sender::H2(sender) => {
                *request.uri_mut() = format!("{}{}", self.client.origin(), request.uri())
                    .parse()
                    .unwrap();
                *request.version_mut() = http::Version::HTTP_2;
                sender.send_request(request).await.unwrap()
            }
        }
    }
}

/// Sends `request` on a connection of its own, as `client` would.
async fn call(client: &Client, request: Request<Full<Bytes>>) -> hyper::Response<Incoming> {
    Kept::open(client).await.send(request).await
}

/// The status and everything that follows until the server closes.
pub(crate) async fn read_answer(stream: &mut Raw) -> (u16, String) {
    let mut bytes = Vec::new();
    // A server that closes without a TLS goodbye is an error here, and an end all the same.
    let _ = in_time("the end of a connection", stream.read_to_end(&mut bytes)).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = if text.is_empty() { 0 } else { status_of(&text) };
    (status, text)
}

pub(crate) async fn read_head(stream: &mut Raw) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match in_time("a head", stream.read_u8()).await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

pub(crate) fn status_of(head: &str) -> u16 {
    head.split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0)
}
