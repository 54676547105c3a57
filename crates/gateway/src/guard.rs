//! The first look at a request: its framing, its host, and what it may not contain whoever sends it.

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, HOST, ORIGIN, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};

use crate::authority::Authority;
use crate::link::{Link, Protocol};
use crate::policy::Policy;
use crate::proxy::is_forwarding_header;
use crate::refusal::Refusal;
use crate::tuning::HEADERS;

/// What the guard found out about a request that it let pass.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The host and port that the client named: one of ours.
    pub(crate) authority: HeaderValue,
    /// It asks for a WebSocket.
    pub(crate) websocket: bool,
    /// The connection ends with this request; see [`framing`].
    pub(crate) closes: bool,
}

impl Admitted {
    /// The host and port in parts.
    pub(crate) fn authority(&self) -> Authority<'_> {
        self.authority
            .to_str()
            .ok()
            .and_then(Authority::parse)
            .expect("the guard has parsed it")
    }
}

/// Lets a request pass, or says why not.
pub(crate) fn admit(
    policy: &Policy,
    link: &Link,
    request: &http::request::Parts,
) -> Result<Admitted, Refusal> {
    let headers = &request.headers;
    if matches!(request.method, Method::CONNECT | Method::TRACE) {
        return Err(METHOD.closing());
    }
    if headers.len() > HEADERS {
        return Err(TOO_MANY_HEADERS.closing());
    }
    let closes = framing(link, headers)?;
    let authority = host(link, request)?;
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(ENCODED.closing());
    }
    if nominates_protected(headers) {
        return Err(NOMINATION.closing());
    }
    let websocket = websocket(request)?;
    if let Some(gate) = policy.open_gate() {
        gate.check_form(headers)?;
    }
    let named = authority.to_str().ok().and_then(Authority::parse);
    if !named.is_some_and(|named| policy.is_ours(&named)) {
        return Err(HOST_FOREIGN);
    }
    Ok(Admitted {
        authority,
        websocket,
        closes,
    })
}

const METHOD: Refusal = Refusal::new(
    StatusCode::METHOD_NOT_ALLOWED,
    "method_not_allowed",
    "This method is not served.",
);
const TOO_MANY_HEADERS: Refusal = Refusal::new(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "too_many_headers",
    "The request has too many header fields.",
);
const FRAMING: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "framing",
    "The length of the request is ambiguous.",
);
const ENCODED: Refusal = Refusal::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "encoded_body",
    "A request with a Content-Encoding is not accepted.",
);
const NOMINATION: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "protected_hop_by_hop",
    "The Connection header names a field that cannot be hop-by-hop.",
);
const UPGRADE_UNKNOWN: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "upgrade_not_allowed",
    "The only upgrade served is websocket.",
);
const HOST_MISSING: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "host_missing",
    "The request names no host.",
);
const HOST_MALFORMED: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "host_malformed",
    "The request names no proper host.",
);
const HOST_AMBIGUOUS: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "host_ambiguous",
    "The request names more than one host.",
);
const HOST_FOREIGN: Refusal = Refusal::new(
    StatusCode::MISDIRECTED_REQUEST,
    "host_not_allowed",
    "This is not the server of that host. Its owner can add the host to gateway.hosts.",
);
const TARGET: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "target_malformed",
    "The request's target is not a path.",
);

/// `Transfer-Encoding` is exactly `chunked`, and never beside a `Content-Length` (RFC 9112 section 6.1). A connection that
/// used it is closed after the request, so that nothing behind an ambiguous body is ever read as a request. HTTP/2 has
/// neither (RFC 9113 section 8.2.2), which the h2 library enforces.
fn framing(link: &Link, headers: &HeaderMap) -> Result<bool, Refusal> {
    if link.protocol == Protocol::H2 {
        return Ok(false);
    }
    let mut encodings = headers.get_all(TRANSFER_ENCODING).iter();
    let Some(encoding) = encodings.next() else {
        return Ok(false);
    };
    let exact = encodings.next().is_none() && encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if !exact || link.saw_two_lengths() || headers.contains_key(CONTENT_LENGTH) {
        return Err(FRAMING.closing());
    }
    Ok(true)
}

/// The one host that a request names, whosever it is.
fn host(link: &Link, request: &http::request::Parts) -> Result<HeaderValue, Refusal> {
    let target = request.uri.authority().map(|authority| authority.as_str());
    let mut hosts = request.headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(HOST_AMBIGUOUS.closing());
    }
    let host = host
        .map(|value| value.to_str().map_err(|_| HOST_MALFORMED.closing()))
        .transpose()?;
    let named = match (target, host) {
        (Some(target), Some(host)) if !target.eq_ignore_ascii_case(host) => {
            return Err(HOST_AMBIGUOUS.closing());
        }
        (_, Some(host)) => host,
        // `:authority` stands for it in HTTP/2 (RFC 9113 section 8.3.1); HTTP/1 requires the header.
        (Some(target), None) if link.protocol == Protocol::H2 => target,
        _ => return Err(HOST_MISSING.closing()),
    };
    Authority::parse(named).ok_or(HOST_MALFORMED.closing())?;
    if !request.uri.path().starts_with('/') {
        return Err(TARGET);
    }
    match request.headers.get(HOST) {
        Some(value) => Ok(value.clone()),
        None => HeaderValue::try_from(named).map_err(|_| HOST_MALFORMED),
    }
}

/// Fields that change meaning when a client has them dropped on the way (`Connection: cookie`).
fn nominates_protected(headers: &HeaderMap) -> bool {
    const PROTECTED: [HeaderName; 6] = [
        HOST,
        CONTENT_LENGTH,
        COOKIE,
        ORIGIN,
        AUTHORIZATION,
        CONTENT_ENCODING,
    ];
    let protected = |name: &str| {
        PROTECTED
            .iter()
            .any(|one| one.as_str().eq_ignore_ascii_case(name))
            || is_forwarding_header(&name.to_ascii_lowercase())
    };
    headers
        .get_all(CONNECTION)
        .iter()
        .any(|value| match value.to_str() {
            // What nearly every request has.
            Ok(one) if one.eq_ignore_ascii_case("keep-alive") => false,
            Ok(names) => names.split(',').map(str::trim).any(protected),
            Err(_) => true,
        })
}

/// Whether this is the beginning of a WebSocket (RFC 6455 section 4.1). Any other upgrade, h2c above all, is refused: it
/// would go on outside of every check.
fn websocket(request: &http::request::Parts) -> Result<bool, Refusal> {
    let headers = &request.headers;
    if headers.contains_key("http2-settings") {
        return Err(UPGRADE_UNKNOWN.closing());
    }
    let mut upgrades = headers.get_all(UPGRADE).iter();
    let Some(upgrade) = upgrades.next() else {
        return Ok(false);
    };
    let connection_agrees = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    let has_body = headers.contains_key(TRANSFER_ENCODING)
        || headers
            .get(CONTENT_LENGTH)
            .is_some_and(|length| length.as_bytes() != b"0");
    let proper = upgrades.next().is_none()
        && upgrade.as_bytes().eq_ignore_ascii_case(b"websocket")
        && connection_agrees
        && request.method == Method::GET
        && request.version == Version::HTTP_11
        && !has_body;
    if proper {
        Ok(true)
    } else {
        Err(UPGRADE_UNKNOWN.closing())
    }
}
