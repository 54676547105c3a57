//! Serving the page and its two files, and nothing else.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{ALLOW, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, warn};

use super::places::Places;
use super::{Offer, Seen};
use crate::body::Content;
use crate::check::{Browser, Visitor};
use crate::download::Download;
use crate::pages::{self, OnboardingPage};
use crate::session::random_bytes;

/// From a connection's begin to its end: it carries one request and a few kilobytes.
const CONNECTION_TIME: Duration = Duration::from_secs(15);
/// For a request's head.
const HEAD_TIME: Duration = Duration::from_secs(2);
/// A request's head, which is also the least that hyper takes.
const HEAD_BYTES: usize = 8 << 10;
/// Random octets in the page's address.
const SECRET_BYTES: usize = 16;
/// After the system refused a connection.
const PAUSE: Duration = Duration::from_millis(100);

const CERTIFICATE: &str = "doorcode.crt";
const PROFILE: &str = "doorcode.mobileconfig";

/// The page, its files, and who has seen them.
#[derive(Debug)]
pub(super) struct Served {
    offer: Offer,
    authority: String,
    /// SHA-256 of the secret, so that comparing takes the same time whatever was sent.
    secret: [u8; 32],
    seen: Mutex<Seen>,
}

impl Served {
    /// The page for `address`, and its path. `None` when the offered root is not a certificate.
    pub(super) fn new(offer: Offer, address: SocketAddr) -> Option<(Served, String)> {
        Download::der(&offer.host, &offer.root)?;
        let secret = URL_SAFE_NO_PAD.encode(random_bytes::<SECRET_BYTES>());
        let served = Served {
            offer,
            authority: address.to_string(),
            secret: Sha256::digest(&secret).into(),
            seen: Mutex::default(),
        };
        Some((served, format!("/{secret}/")))
    }

    /// The address and port, as they stand in a `Host` header.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answer(&self, request: &Request<Incoming>, peer: SocketAddr) -> Response<Content> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = pages::text(StatusCode::METHOD_NOT_ALLOWED, "This is only to be read.");
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        if !self.is_host(request.headers()) || request.uri().authority().is_some() {
            return pages::text(
                StatusCode::MISDIRECTED_REQUEST,
                "This is not the server of that host.",
            );
        }
        let nothing = || pages::text(StatusCode::NOT_FOUND, "There is no such page.");
        let Some(file) = self.file(request.uri().path()) else {
            return nothing();
        };
        let browser = Browser::of(request.headers());
        let Offer { host, root, .. } = &self.offer;
        let download = match file {
            "" => {
                self.note(&browser, peer, |seen| &mut seen.page);
                return self.page(&browser);
            }
            CERTIFICATE => Download::der(host, root),
            PROFILE => Download::profile(host, root),
            _ => None,
        };
        let Some(download) = download else {
            return nothing();
        };
        self.note(&browser, peer, |seen| &mut seen.certificate);
        download.response()
    }

    fn page(&self, browser: &Browser) -> Response<Content> {
        OnboardingPage {
            host: &self.offer.host,
            fingerprint: &self.offer.fingerprint,
            platform: browser.platform,
            certificate: CERTIFICATE,
            profile: PROFILE,
            check_url: &self.offer.check_url,
        }
        .response()
    }

    /// Whether the one host that is named is the address served, so that no page of another name gets here (DNS rebinding).
    fn is_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let named = hosts.next();
        named.is_some_and(|host| host == self.authority.as_str()) && hosts.next().is_none()
    }

    /// What a path names behind the secret.
    fn file<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (secret, file) = path.strip_prefix('/')?.split_once('/')?;
        let hash: [u8; 32] = Sha256::digest(secret).into();
        (hash == self.secret).then_some(file)
    }

    fn note(&self, browser: &Browser, peer: SocketAddr, place: impl Fn(&mut Seen) -> &mut Option<Visitor>) {
        let visitor = Visitor {
            name: browser.to_string(),
            client: peer.ip().to_canonical().to_string(),
        };
        self.offer.readers.note(peer.ip());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *place(&mut seen) = Some(visitor);
    }
}

/// Serves until it is dropped, and then so are all connections.
pub(super) async fn run(listener: TcpListener, served: Arc<Served>) {
    let mut places = Places::default();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let served = served.clone();
                places.give(peer.ip(), |spoke| serve(stream, peer, served, spoke));
            }
            Err(error) => {
                warn!(%error, "the page for other devices did not accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// One request; `spoke` is set once its head is there.
async fn serve(stream: TcpStream, peer: SocketAddr, served: Arc<Served>, spoke: Arc<AtomicBool>) {
    let service = service_fn(move |request: Request<Incoming>| {
        spoke.store(true, Ordering::Relaxed);
        let is_head = request.method() == Method::HEAD;
        let response = served.answer(&request, peer).map(|content| match content {
            Content::Bytes(bytes) if !is_head => Full::new(bytes),
            _ => Full::new(Bytes::new()),
        });
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(CONNECTION_TIME, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(client = %peer.ip(), %error, "a device's connection ended"),
        Err(_) => debug!(client = %peer.ip(), "a device's connection took too long"),
    }
}
