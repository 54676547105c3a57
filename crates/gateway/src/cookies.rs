//! Our cookie among the others.

use http::header::{COOKIE as COOKIE_HEADER, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::session::{COOKIE, Token};

/// The value of our cookie, if the request has one.
pub(crate) fn ours(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE_HEADER)
        .iter()
        .flat_map(pairs)
        .find_map(value_of_ours)
}

/// Takes our cookie out of what goes upstream, and joins the others into one header, as HTTP/1.1 wants them
/// (RFC 9113 section 8.2.3).
pub(crate) fn strip_ours(headers: &mut HeaderMap) {
    let mut values = headers.get_all(COOKIE_HEADER).iter();
    let Some(first) = values.next() else { return };
    let is_one = values.next().is_none();
    if is_one && !contains_name(first.as_bytes()) {
        return;
    }
    // A cookie that is not ASCII cannot be told apart, so it does not pass; the others do.
    let kept: Vec<&str> = headers
        .get_all(COOKIE_HEADER)
        .iter()
        .flat_map(pairs)
        .filter(|pair| !pair.is_empty() && !is_ours(pair))
        .collect();
    match HeaderValue::try_from(kept.join("; ")) {
        Ok(value) if !value.is_empty() => {
            headers.insert(COOKIE_HEADER, value);
        }
        _ => {
            headers.remove(COOKIE_HEADER);
        }
    }
}

/// Drops what an app behind us says about our cookie.
pub(crate) fn drop_set_ours(headers: &mut HeaderMap) {
    let sets_ours = |value: &HeaderValue| is_ours(&String::from_utf8_lossy(value.as_bytes()));
    if !headers.get_all(SET_COOKIE).iter().any(sets_ours) {
        return;
    }
    let kept: Vec<HeaderValue> = headers
        .get_all(SET_COOKIE)
        .iter()
        .filter(|value| !sets_ours(value))
        .cloned()
        .collect();
    headers.remove(SET_COOKIE);
    for value in kept {
        headers.append(SET_COOKIE, value);
    }
}

/// `Set-Cookie` for a new session that lasts `seconds` at most.
pub(crate) fn set(token: &Token, seconds: u64) -> HeaderValue {
    let text = format!(
        "{COOKIE}={}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax",
        token.expose()
    );
    let mut value = HeaderValue::try_from(text).expect("base64 and attributes are visible ASCII");
    value.set_sensitive(true);
    value
}

/// `Set-Cookie` that makes the browser forget it.
pub(crate) fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-doorcode=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The cookies of a header that are ASCII. Any page of this host can set one that is not, which must not hide the others.
fn pairs(header: &HeaderValue) -> impl Iterator<Item = &str> {
    header
        .as_bytes()
        .split(|byte| *byte == b';')
        .filter(|pair| pair.is_ascii())
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .map(str::trim)
}

fn value_of_ours(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    (name.trim_end() == COOKIE).then(|| value.trim())
}

/// Also in another case: browsers hold the prefix to its rules whatever its case is.
fn is_ours(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    // A nameless cookie `=__Host-doorcode=x` is sent as `__Host-doorcode=x`.
    let name = if name.trim().is_empty() {
        pair.trim_start_matches(['=', ' '])
    } else {
        name
    };
    name.split(['=', ';'])
        .next()
        .unwrap_or(name)
        .trim()
        .eq_ignore_ascii_case(COOKIE)
}

fn contains_name(value: &[u8]) -> bool {
    value
        .windows(COOKIE.len())
        .any(|window| window.eq_ignore_ascii_case(COOKIE.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cookies: &[&'static str]) -> HeaderMap {
        cookies
            .iter()
            .map(|value| (COOKIE_HEADER, HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn ours_is_found_among_others() {
        assert_eq!(ours(&request(&["a=1; __Host-doorcode=t; b=2"])), Some("t"));
        assert_eq!(ours(&request(&["a=1", "__Host-doorcode=t"])), Some("t"));
        assert_eq!(ours(&request(&["a=__Host-doorcode; x__Host-doorcode=t"])), None);
        assert_eq!(ours(&request(&[])), None);
    }

    #[test]
    fn upstream_sees_the_others_only() {
        let upstream = |cookies| {
            let mut headers = request(cookies);
            strip_ours(&mut headers);
            let values: Vec<_> = headers
                .get_all(COOKIE_HEADER)
                .iter()
                .map(|v| v.to_str().expect("ASCII").to_owned())
                .collect();
            values.join("|")
        };
        assert_eq!(upstream(&["a=1; __Host-doorcode=t; b=2"]), "a=1; b=2");
        assert_eq!(upstream(&["__Host-doorcode=t"]), "");
        assert_eq!(upstream(&["a=1", "__Host-doorcode=t", "b=2"]), "a=1; b=2");
        assert_eq!(upstream(&["a=1;b=2"]), "a=1;b=2", "untouched");
        assert_eq!(upstream(&["__HOST-DOORCODE=t; a=1; __Host-doorcode=u"]), "a=1");
    }

    #[test]
    fn a_cookie_that_is_not_ascii_does_not_hide_ours() {
        let header = HeaderValue::from_bytes(b"a=\xff; __Host-doorcode=t; b=2; c=\xc3\xa9").expect("a value");
        let mut headers = HeaderMap::from_iter([(COOKIE_HEADER, header)]);
        assert_eq!(ours(&headers), Some("t"));
        strip_ours(&mut headers);
        assert_eq!(headers[COOKIE_HEADER], "b=2");
    }

    #[test]
    fn an_app_cannot_set_ours() {
        let mut headers = HeaderMap::new();
        let values = [
            "a=1",
            "__Host-doorcode=evil; Path=/; Secure",
            "__host-doorcode=evil",
            "=__Host-doorcode=evil",
            "b=2",
        ];
        for value in values {
            headers.append(SET_COOKIE, HeaderValue::from_static(value));
        }
        drop_set_ours(&mut headers);
        assert_eq!(
            headers.get_all(SET_COOKIE).iter().collect::<Vec<_>>(),
            ["a=1", "b=2"]
        );
    }
}
