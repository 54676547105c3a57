//! A request as the editor gets it: nothing of what the client says about itself, and our own word instead.

use http::header::{
    CONNECTION, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, Version, request};

use crate::cookies;
use crate::link::Link;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Turns a client's request into ours. `authority` is the host and port that the client named.
pub(crate) fn rewrite(request: &mut request::Parts, link: &Link, authority: HeaderValue) {
    request.version = Version::HTTP_11;
    request.extensions.clear();
    let uri = std::mem::take(&mut request.uri);
    request.uri = uri.into_parts().path_and_query.map(Uri::from).unwrap_or_default();

    let headers = &mut request.headers;
    strip_hop_by_hop(headers);
    let doomed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_forwarding_header(name.as_str()))
        .cloned()
        .collect();
    for name in doomed {
        headers.remove(name);
    }
    // The server side of hyper has answered it, or will when the body is asked for.
    headers.remove(EXPECT);
    cookies::strip_ours(headers);
    headers.insert(X_FORWARDED_FOR, link.peer_value.clone());
    headers.insert(X_FORWARDED_HOST, authority.clone());
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
    headers.insert(HOST, authority);
}

/// Whether a field says where a request came from. `name` is in lower case. `_` and `.` count as `-`, since some
/// frameworks read them so.
pub(crate) fn is_forwarding_header(name: &str) -> bool {
    // Few fields begin with these letters; the rest is decided by one comparison.
    if !name.starts_with('x') {
        return name == FORWARDED.as_str();
    }
    let name = name.replace(['_', '.'], "-");
    name == "x-real-ip" || name.starts_with("x-forwarded-")
}

/// Removes what is between two neighbours only (RFC 9110 section 7.6.1), from a request or a response.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
    const HOP_BY_HOP: [HeaderName; 8] = [
        KEEP_ALIVE,
        PROXY_CONNECTION,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    let nominated: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in nominated {
        headers.remove(name);
    }
    headers.remove(CONNECTION);
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarding_fields_in_every_spelling() {
        let names = [
            "forwarded",
            "x-forwarded-for",
            "x_forwarded_host",
            "x.forwarded.proto",
            "x-real-ip",
            "x-forwarded-user",
        ];
        for name in names {
            assert!(is_forwarding_header(name), "{name}");
        }
        for name in ["x-requested-with", "host", "accept", "forward", "x-forwarded"] {
            assert!(!is_forwarding_header(name), "{name}");
        }
    }

    #[test]
    fn what_connection_names_is_removed() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Own"),
            ("x-own", "1"),
            ("te", "trailers"),
            ("accept", "*/*"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        strip_hop_by_hop(&mut headers);
        assert_eq!(
            headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            ["accept"]
        );
    }
}
