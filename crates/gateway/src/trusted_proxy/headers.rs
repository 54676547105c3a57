//! The header fields that this mode decides by: each there once, in one spelling, and never hop-by-hop.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use doorcode_settings::trusted_proxy::{Proof, TrustedProxy};
use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::identity;
use super::refusals::{self, BAD_REQUEST, MISSING_HEADER, UNTRUSTED_SOURCE};
use crate::refusal::Refusal;

/// The fields that something is decided by.
#[derive(Debug, Clone)]
pub(crate) struct Protected {
    names: Vec<HeaderName>,
    /// With the code of the refusal when it is missing.
    required: Vec<(HeaderName, &'static str)>,
    refused: Vec<HeaderName>,
}

impl Protected {
    /// `None` when one of the settings' names is no field name.
    pub(super) fn new(settings: &TrustedProxy) -> Option<Protected> {
        let name = |name: &str| HeaderName::try_from(name).ok();
        let names_of = |names: &mut dyn Iterator<Item = &str>| names.map(name).collect::<Option<Vec<_>>>();
        let required = names_of(&mut settings.required_headers.iter().map(String::as_str))?;
        let refused = names_of(&mut settings.refused_headers.iter().copied())?;
        let evidence = match &settings.proof {
            Proof::Assertion(assertion) => Some(name(&assertion.header)?),
            Proof::Header { header, .. } => Some(name(header)?),
            Proof::Mtls { .. } | Proof::UnixSocket | Proof::AddressOnly => None,
        };
        let user = settings.user_header.as_deref().map(name);
        let mut names = required.clone();
        names.extend(refused.iter().cloned());
        names.extend(evidence);
        names.extend(user.into_iter().collect::<Option<Vec<_>>>()?);
        Some(Protected {
            names,
            required: required.into_iter().map(with_code).collect(),
            refused,
        })
    }

    /// Whether a field, `name` in lower case, says who somebody is, or proves it.
    pub(super) fn is_protected(&self, name: &str) -> bool {
        self.names.iter().any(|protected| protected.as_str() == name) || identity::is_identity_header(name)
    }

    /// Refuses a request in which two readers could see different values of a protected field: it is there twice, it is there in
    /// another spelling, which some software reads as the same (CVE-2025-64484, CVE-2026-33433), or `Connection` has it dropped by
    /// one and not by another (RFC 9110 section 7.6.1).
    pub(super) fn check_form(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let is_alias = |name: &HeaderName| {
            respelled(name.as_str()).is_some_and(|plain| self.is_protected(&plain) || is_forwarding(&plain))
        };
        if headers.keys().any(is_alias) {
            return Err(BAD_REQUEST.saying("alias"));
        }
        let twice = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
        if self.names.iter().any(|name| twice(&name)) {
            return Err(BAD_REQUEST.saying("duplicate"));
        }
        if headers
            .get_all(CONNECTION)
            .iter()
            .any(|value| self.is_nominated(value))
        {
            return Err(BAD_REQUEST.saying("protected_hop_by_hop"));
        }
        Ok(())
    }

    fn is_nominated(&self, connection: &HeaderValue) -> bool {
        connection
            .as_bytes()
            .split(|byte| *byte == b',')
            .map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase())
            .any(|name| {
                let plain = respelled(&name);
                self.is_protected(plain.as_deref().unwrap_or(&name))
            })
    }

    /// Refuses what came in where nobody was asked who they are, such as through Tailscale's Funnel.
    pub(super) fn check_source(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self.refused.iter().any(|name| headers.contains_key(name)) {
            true => Err(UNTRUSTED_SOURCE.saying("refused_header")),
            false => Ok(()),
        }
    }

    pub(super) fn check_required(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let is_there = |name: &HeaderName| headers.get(name).is_some_and(|value| !value.is_empty());
        match self.required.iter().find(|(name, _)| !is_there(name)) {
            Some((_, code)) => Err(refusals::missing_header(code)),
            None => Ok(()),
        }
    }
}

fn is_forwarding(plain: &str) -> bool {
    crate::proxy::is_forwarding_header(plain)
}

/// The spelling that software which maps field names to variables takes a name for; `None` when it is the one it has.
fn respelled(name: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if name.bytes().all(is_plain) {
        return None;
    }
    let plain = name
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte) } else { '-' });
    Some(plain.collect())
}

/// Codes live as long as the program, since the log holds on to them. There are as many as names were ever configured.
fn with_code(name: HeaderName) -> (HeaderName, &'static str) {
    static CODES: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let text = format!("{MISSING_HEADER}{name}");
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    let codes = codes.get_or_insert_default();
    let code = match codes.get(text.as_str()) {
        Some(code) => code,
        None => {
            let code: &'static str = text.leak();
            codes.insert(code);
            code
        }
    };
    (name, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protected() -> Protected {
        let names = ["x-forwarded-user", "x-doorcode-proof", "tailscale-funnel-request"];
        Protected {
            names: names.map(HeaderName::from_static).to_vec(),
            required: vec![with_code(HeaderName::from_static("x-forwarded-proto"))],
            refused: vec![HeaderName::from_static("tailscale-funnel-request")],
        }
    }

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn one_field_in_one_spelling() {
        let protected = protected();
        let form = |fields: &[_]| {
            protected
                .check_form(&headers(fields))
                .map_err(|refusal| refusal.detail)
        };
        assert_eq!(
            form(&[
                ("x-forwarded-user", "a"),
                ("x_custom", "b"),
                ("accept", "c"),
                ("accept", "d")
            ]),
            Ok(())
        );
        assert_eq!(
            form(&[("x-forwarded-user", "a"), ("x-forwarded-user", "b")]),
            Err(Some("duplicate"))
        );
        for alias in [
            "x_forwarded_user",
            "x.forwarded.user",
            "x-forwarded_user",
            "x!doorcode-proof",
            "x_forwarded_for",
            "x_auth_request_email",
            "remote_user",
        ] {
            assert_eq!(form(&[(alias, "evil")]), Err(Some("alias")), "{alias}");
        }
        for nomination in [
            "close, x-forwarded-user",
            "X-Doorcode-Proof",
            "keep-alive,x_forwarded_user",
            "remote-user",
        ] {
            assert_eq!(
                form(&[("connection", nomination)]),
                Err(Some("protected_hop_by_hop")),
                "{nomination}"
            );
        }
        assert_eq!(form(&[("connection", "keep-alive, Upgrade")]), Ok(()));
    }

    #[test]
    fn required_and_refused() {
        let protected = protected();
        let missing = protected
            .check_required(&headers(&[]))
            .expect_err("it is not there");
        assert_eq!(missing.code, "trusted_proxy_missing_header_x-forwarded-proto");
        assert!(
            protected
                .check_required(&headers(&[("x-forwarded-proto", "")]))
                .is_err(),
            "empty"
        );
        assert_eq!(
            protected.check_required(&headers(&[("x-forwarded-proto", "https")])),
            Ok(())
        );
        assert!(
            protected
                .check_source(&headers(&[("tailscale-funnel-request", "?1")]))
                .is_err()
        );
        assert_eq!(protected.check_source(&headers(&[])), Ok(()));
    }

    #[test]
    fn a_code_is_made_once() {
        let code = || with_code(HeaderName::from_static("x-once")).1;
        assert!(std::ptr::eq(code(), code()));
    }
}
