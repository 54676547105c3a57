//! What the proxies add to requests about people, none of which goes on to the editor.
//!
//! The editor's extensions, and the apps that it forwards ports to, see every field of a request. A proxy's session cookie signs
//! its holder in at every other site behind that proxy, and an assertion or an access token does so for a while; so they stop here.
//! `Authorization` is left alone: apps behind a forwarded port use it for themselves, and the proxies add it only when told to.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::headers::Protected;

/// Beginnings of the fields that proxies tell an identity in.
const PREFIXES: [&str; 11] = [
    "x-auth-request-",
    "x-pomerium-",
    "cf-access-",
    "x-goog-iap-",
    "x-goog-authenticated-user-",
    "x-amzn-oidc-",
    "x-authentik-",
    "x-token-",
    "x-webauth-",
    "remote-",
    "tailscale-",
];

/// Beginnings of the cookies that proxies keep a session in: oauth2-proxy, Pomerium, Cloudflare Access, Google IAP, AWS load balancers,
/// Authelia, Authentik, traefik-forward-auth, caddy-security. Some are cut in pieces or carry the application's name, so all that
/// begins so counts.
const COOKIES: [&str; 13] = [
    "_oauth2_proxy",
    "__host-oauth2_proxy",
    "__secure-oauth2_proxy",
    "_pomerium",
    "cf_authorization",
    "cf_appsession",
    "gcp_iap_",
    "__host-gcp_iap_",
    "awselbauthsessioncookie",
    "authelia_session",
    "authentik_",
    "_forward_auth",
    "authp_",
];

/// Whether a field, `name` in lower case, tells who somebody is.
pub(super) fn is_identity_header(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Takes out of a request what it carries about a person.
pub(super) fn strip(headers: &mut HeaderMap, protected: &Protected) {
    let doomed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| protected.is_protected(name.as_str()))
        .cloned()
        .collect();
    for name in doomed {
        headers.remove(name);
    }
    strip_cookies(headers);
}

fn strip_cookies(headers: &mut HeaderMap) {
    let is_theirs = |pair: &[u8]| is_session_cookie(pair);
    let has_one = |value: &HeaderValue| value.as_bytes().split(|byte| *byte == b';').any(is_theirs);
    if !headers.get_all(COOKIE).iter().any(has_one) {
        return;
    }
    let values: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    for value in values {
        let kept: Vec<&[u8]> = value
            .as_bytes()
            .split(|byte| *byte == b';')
            .map(<[u8]>::trim_ascii)
            .filter(|pair| !pair.is_empty() && !is_session_cookie(pair))
            .collect();
        if let Ok(value) = HeaderValue::from_bytes(&kept.join(&b"; "[..]))
            && !value.is_empty()
        {
            headers.append(COOKIE, value);
        }
    }
}

/// Drops what an app behind us says about a proxy's cookie: it could sign people in as somebody else at every site of the proxy.
pub(super) fn drop_set(headers: &mut HeaderMap) {
    let sets_theirs = |value: &HeaderValue| is_session_cookie(value.as_bytes());
    if !headers.get_all(SET_COOKIE).iter().any(sets_theirs) {
        return;
    }
    let kept: Vec<HeaderValue> = headers
        .get_all(SET_COOKIE)
        .iter()
        .filter(|value| !sets_theirs(value))
        .cloned()
        .collect();
    headers.remove(SET_COOKIE);
    for value in kept {
        headers.append(SET_COOKIE, value);
    }
}

/// Whether `name=value`, with anything behind it, is a cookie of a proxy's. A nameless one, `=name=value`, is sent as `name=value`.
fn is_session_cookie(pair: &[u8]) -> bool {
    let start = pair.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'='));
    let pair = start.map_or(&[][..], |start| &pair[start..]);
    COOKIES
        .iter()
        .any(|name| pair.len() >= name.len() && pair[..name.len()].eq_ignore_ascii_case(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_of_proxies_stop_here_and_others_pass() {
        let mut headers = HeaderMap::new();
        for value in [
            "a=1; _oauth2_proxy_0=x; b=2;_pomerium=y",
            "CF_Authorization=z",
            "c=_pomerium",
        ] {
            headers.append(COOKIE, HeaderValue::from_static(value));
        }
        strip_cookies(&mut headers);
        let left: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(left, ["a=1; b=2", "c=_pomerium"]);
    }

    #[test]
    fn an_app_sets_no_cookie_of_a_proxy() {
        let mut headers = HeaderMap::new();
        for value in [
            "a=1",
            "_oauth2_proxy=evil; Path=/",
            "=_pomerium=evil",
            "_FORWARD_AUTH=evil",
        ] {
            headers.append(SET_COOKIE, HeaderValue::from_static(value));
        }
        drop_set(&mut headers);
        assert_eq!(headers.get_all(SET_COOKIE).iter().collect::<Vec<_>>(), ["a=1"]);
    }
}
