//! Whether a request was made by one of our own pages (cross-site request forgery, cross-site WebSocket hijacking).

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::authority::Authority;
use crate::cookies;
use crate::refusal::Refusal;

const FOREIGN: Refusal = Refusal::new(
    StatusCode::FORBIDDEN,
    "origin_not_allowed",
    "The request comes from another site.",
);
const MISSING: Refusal = Refusal::new(
    StatusCode::FORBIDDEN,
    "origin_missing",
    "The request does not say which page it comes from. A program sends the header Origin: https:// and the host it talks to.",
);

const FRAMED: Refusal = Refusal::new(
    StatusCode::FORBIDDEN,
    "framed_elsewhere",
    "Another site shows the editor inside a page of its own. Open this address in a tab.",
);

/// The editor's page is not shown inside another site's, where clicks could be led to it unseen.
///
/// Only that page: the editor's own webviews are frames too, and from their opaque origins everything is another site.
pub(crate) fn check_frame(path: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let says = |name, values: &[&[u8]]| {
        headers
            .get(name)
            .is_some_and(|value: &HeaderValue| values.contains(&value.as_bytes()))
    };
    let framed = path == "/"
        && says("sec-fetch-dest", &[b"iframe", b"frame", b"embed", b"object"])
        && says("sec-fetch-site", &[b"cross-site"]);
    if framed { Err(FRAMED) } else { Ok(()) }
}

/// A WebSocket says where it comes from, and it is from here. Browsers always send an Origin with one, and let any page open
/// one anywhere (RFC 6455 section 10.2).
pub(crate) fn check_websocket(headers: &HeaderMap, authority: &Authority<'_>) -> Result<(), Refusal> {
    match same_origin(headers, authority) {
        Some(true) => Ok(()),
        Some(false) => Err(FOREIGN),
        None => Err(MISSING),
    }
}

/// A request that changes something comes from here, or from a program.
///
/// Without an Origin, `Sec-Fetch-Site` decides, which pages cannot forge. Without both it is no browser of the last five
/// years: a program may pass that carries no cookie of a browser's, where our cookie is what lets a browser in.
pub(crate) fn check_request(
    method: &Method,
    headers: &HeaderMap,
    authority: &Authority<'_>,
) -> Result<(), Refusal> {
    check_change(method, headers, authority, cookies::ours(headers).is_none())
}

/// The same where a proxy in front lets browsers in by a cookie that only it knows: no program passes without an Origin.
pub(crate) fn check_request_of_proxy(
    method: &Method,
    headers: &HeaderMap,
    authority: &Authority<'_>,
) -> Result<(), Refusal> {
    check_change(method, headers, authority, false)
}

fn check_change(
    method: &Method,
    headers: &HeaderMap,
    authority: &Authority<'_>,
    is_program: bool,
) -> Result<(), Refusal> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    match same_origin(headers, authority) {
        Some(true) => return Ok(()),
        Some(false) => return Err(FOREIGN),
        None => {}
    }
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(FOREIGN),
        None if is_program => Ok(()),
        None => Err(MISSING),
    }
}

/// `None` without an Origin.
fn same_origin(headers: &HeaderMap, authority: &Authority<'_>) -> Option<bool> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next()?;
    let same = origin.to_str().is_ok_and(|origin| authority.is_origin(origin));
    Some(same && origins.next().is_none())
}
