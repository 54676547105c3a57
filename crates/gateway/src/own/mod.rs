//! The gateway's own addresses, under `/.doorcode/`. None of them is ever passed on.

mod certificate;
mod check;
mod elsewhere;
mod enter;
mod form;
mod sign_in;
mod sign_out;

use std::sync::Arc;

use doorcode_settings::AuthMode;
use http::header::ALLOW;
use http::{HeaderValue, Method, Response, StatusCode, request};
use hyper::body::Incoming;

use crate::access::Entry;
use crate::body::Content;
use crate::exchange::refuse;
use crate::guard::Admitted;
use crate::link::Link;
use crate::local_path::LocalPath;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::shared::Shared;

const ROOT: &str = "/.doorcode";
/// Where people sign in.
pub(crate) const SIGN_IN: &str = "/.doorcode/sign-in";
const SIGN_OUT: &str = "/.doorcode/sign-out";
/// Where one-time links lead.
pub(crate) const ENTER: &str = "/.doorcode/enter";
const CERTIFICATE: &str = "/.doorcode/certificate";

pub(crate) use check::{CHECK, is_check, without_nonce};

const UNKNOWN: Refusal = Refusal::new(StatusCode::NOT_FOUND, "unknown_page", "There is no such page.");
const WRONG_METHOD: Refusal = Refusal::new(
    StatusCode::METHOD_NOT_ALLOWED,
    "method_not_allowed",
    "This page is not asked for in this way.",
);

/// Whether a path is one of the gateway's own. A path in another spelling is not, and goes to the editor like any other.
pub(crate) fn is_ours(path: &str) -> bool {
    path.strip_prefix(ROOT)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The address of the sign-in page that leads to `to`.
pub(crate) fn sign_in_address(to: Option<&LocalPath>) -> HeaderValue {
    let address = match to {
        Some(to) if *to != LocalPath::root() => {
            let to: String = form_urlencoded::byte_serialize(to.as_str().as_bytes()).collect();
            format!("{SIGN_IN}?to={to}")
        }
        _ => SIGN_IN.to_owned(),
    };
    HeaderValue::try_from(address).expect("an encoded path is visible ASCII")
}

/// A request for one of these addresses.
pub(crate) struct Visit<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) policy: &'a Policy,
    pub(crate) link: &'a Link,
    pub(crate) admitted: &'a Admitted,
    pub(crate) parts: &'a request::Parts,
}

impl Visit<'_> {
    pub(crate) async fn answer(&self, body: Incoming, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        if let Some(rest) = self.parts.uri.path().strip_prefix(CHECK) {
            return self.check(rest, body, entry).await;
        }
        if self.admitted.websocket {
            return refuse(self.parts, UNKNOWN, entry);
        }
        if self.policy.config.auth == AuthMode::TrustedProxy
            && let Some(response) = self.signs_in_elsewhere()
        {
            return response;
        }
        let method = &self.parts.method;
        match (self.parts.uri.path(), method) {
            (SIGN_IN, &Method::GET | &Method::HEAD) => self.sign_in_page(),
            (SIGN_IN, &Method::POST) => self.sign_in(body, entry).await,
            (SIGN_OUT, &Method::GET | &Method::HEAD) => self.sign_out_page(),
            (SIGN_OUT, &Method::POST) => self.sign_out(entry).await,
            (ENTER, &Method::GET | &Method::HEAD) => self.enter(entry).await,
            (CERTIFICATE, &Method::GET | &Method::HEAD) => self.certificate(entry),
            (SIGN_IN | SIGN_OUT, _) => self.wrong_method("GET, HEAD, POST", entry),
            (ENTER | CERTIFICATE, _) => self.wrong_method("GET, HEAD", entry),
            _ => refuse(self.parts, UNKNOWN, entry),
        }
    }

    fn wrong_method(&self, allowed: &'static str, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        let mut response = refuse(self.parts, WRONG_METHOD, entry);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allowed));
        response
    }

    /// The host and port in the browser's address.
    fn host(&self) -> &str {
        self.admitted.authority().as_str()
    }

    /// The value of a parameter in the address.
    fn parameter(&self, name: &str) -> Option<String> {
        form::value(self.parts.uri.query()?.as_bytes(), name)
    }

    /// Whether a browser loads the page before somebody opens it: `Sec-Purpose` (Fetch standard) and its predecessor.
    fn is_prefetch(&self) -> bool {
        ["sec-purpose", "purpose"]
            .iter()
            .filter_map(|name| self.parts.headers.get(*name))
            .any(|purpose| {
                let purpose = purpose.as_bytes();
                purpose.starts_with(b"prefetch") || purpose.starts_with(b"prerender")
            })
    }

    /// Where the `to` of the address leads, which anybody can write.
    fn to(&self) -> LocalPath {
        self.parameter("to")
            .and_then(|to| LocalPath::parse(&to))
            .unwrap_or_else(LocalPath::root)
    }
}
