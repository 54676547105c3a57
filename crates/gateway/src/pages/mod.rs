//! What the gateway itself has to say: pages for people, lines for programs.

mod check;
mod onboarding;
mod refusal;
mod shell;
mod sign_in;
mod sign_out;
mod status;
mod steps;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, request};

use crate::body::Content;

pub(crate) use check::CheckPage;
pub(crate) use onboarding::OnboardingPage;
pub(crate) use refusal::refusal;
pub(crate) use shell::{Page, escape, fill};
pub(crate) use sign_in::{SignIn, SignInError};
pub(crate) use sign_out::sign_out;
pub(crate) use status::{editor_state, editor_unreachable};

/// Who reads an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Somebody in front of a browser, who opens a page.
    Person,
    /// A script, or a page's own request.
    Program,
}

impl Asker {
    /// By what browsers say about themselves (Fetch Metadata), or by what is accepted.
    pub(crate) fn of(request: &request::Parts) -> Asker {
        let headers = &request.headers;
        let navigates = match headers.get("sec-fetch-mode") {
            Some(mode) => mode.as_bytes() == b"navigate",
            None => accepts_html(headers),
        };
        let reads = matches!(request.method, Method::GET | Method::HEAD | Method::POST);
        if navigates && reads {
            Asker::Person
        } else {
            Asker::Program
        }
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(http::header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// A page, as an answer.
fn html(status: StatusCode, page: String) -> Response<Content> {
    let mut response = own(
        status,
        Bytes::from(page),
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, shell::policy());
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

/// A line for a program. Also safe when a browser shows it.
pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Response<Content> {
    let mut text = text.into();
    text.push('\n');
    own(
        status,
        Bytes::from(text),
        HeaderValue::from_static("text/plain; charset=utf-8"),
    )
}

/// To another place on this server.
pub(crate) fn redirect(status: StatusCode, to: HeaderValue) -> Response<Content> {
    let mut response = own(
        status,
        Bytes::new(),
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response.headers_mut().insert(LOCATION, to);
    response
}

/// Any answer of our own. Nothing of it is kept, sniffed, or told to other sites.
///
/// The referrer policy is `same-origin`: under `no-referrer` browsers send `Origin: null` with our own forms.
pub(crate) fn own(status: StatusCode, body: Bytes, content_type: HeaderValue) -> Response<Content> {
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Content::Bytes(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What a HEAD request gets of a body.
pub(crate) fn without_body(content: Content) -> Content {
    match content {
        Content::Bytes(_) => Content::Bytes(Bytes::new()),
        // An upstream has sent none.
        passing @ Content::Upstream(_) => passing,
    }
}
