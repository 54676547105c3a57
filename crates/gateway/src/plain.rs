//! Plain http on the https port: a redirect for those who meant us, and nothing else.

use std::convert::Infallible;
use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tracing::debug;

use crate::authority::Authority;
use crate::connection::{drive, h1};
use crate::head_watch::HeadWatch;
use crate::link::Link;
use crate::policy::Policy;
use crate::shared::Shared;

/// Answers one request and closes.
pub(crate) async fn serve(shared: Arc<Shared>, stream: TcpStream, link: Arc<Link>) {
    let Ok(local) = stream.local_addr() else { return };
    let service = service_fn({
        let (shared, link) = (shared.clone(), link.clone());
        move |request: Request<Incoming>| {
            link.activity.begin();
            let policy = shared.policy.load();
            let response = redirect(&policy, &request, local.port());
            let may_be_a_proxy = policy.open_gate().is_none_or(|gate| gate.believes(&link));
            shared
                .access
                .plain(&link, &request, response.status(), may_be_a_proxy);
            link.activity.end(tokio::time::Instant::now());
            async move { Ok::<_, Infallible>(response) }
        }
    });
    let stream = TokioIo::new(HeadWatch::new(stream, link.clone()));
    let connection = h1().keep_alive(false).serve_connection(stream, service);
    if let Err(error) = drive(
        connection,
        |connection| connection.graceful_shutdown(),
        &shared,
        &link,
    )
    .await
    {
        debug!(client = %link.peer, %error, "plain connection ended");
    }
}

/// To https of the host that the client named, if it is one of ours. The port is the one the client used, which behind a
/// mapped port is not `local_port`.
fn redirect(policy: &Policy, request: &Request<Incoming>, local_port: u16) -> Response<Full<Bytes>> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return text(StatusCode::BAD_REQUEST, "A request names one host.\n");
    };
    let Some(authority) = host.to_str().ok().and_then(Authority::parse) else {
        return text(StatusCode::BAD_REQUEST, "The Host header is malformed.\n");
    };
    if !policy.is_ours(&authority) {
        return text(
            StatusCode::MISDIRECTED_REQUEST,
            "This is not the server of that host.\n",
        );
    }
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "This method is not served.\n");
    }
    let uri = request.uri();
    if uri
        .authority()
        .is_some_and(|named| !named.as_str().eq_ignore_ascii_case(authority.as_str()))
    {
        return text(StatusCode::BAD_REQUEST, "The request names two hosts.\n");
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    if !path.starts_with('/') {
        return text(StatusCode::BAD_REQUEST, "This needs a path.\n");
    }
    let location = match authority.port().unwrap_or(local_port) {
        443 => format!("https://{}{path}", authority.host()),
        port => format!("https://{}:{port}{path}", authority.host()),
    };
    let status = match *request.method() {
        Method::GET | Method::HEAD => StatusCode::MOVED_PERMANENTLY,
        // 301 would let the client turn it into a GET (RFC 9110 section 15.4.2).
        _ => StatusCode::PERMANENT_REDIRECT,
    };
    let Ok(location) = HeaderValue::try_from(location) else {
        return text(StatusCode::BAD_REQUEST, "The address is malformed.\n");
    };
    let mut response = text(status, "This server speaks https.\n");
    response.headers_mut().insert(LOCATION, location);
    response
}

fn text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
