//! The host and port that a request names (RFC 9110 section 7.2).

/// A well-formed `host` or `host:port`, without user information; IPv6 addresses stand in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Authority<'a> {
    text: &'a str,
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// `None` when it is malformed.
    pub(crate) fn parse(text: &'a str) -> Option<Authority<'a>> {
        let host_ends = match text.strip_prefix('[') {
            Some(inner) => inner.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (host, rest) = text.split_at(host_ends);
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
        };
        if host.is_empty() || !host.bytes().all(allowed) {
            return None;
        }
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
        };
        Some(Authority { text, host, port })
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &'a str {
        self.text
    }

    /// The host alone, IPv6 in brackets, in the case it was written in.
    pub(crate) fn host(&self) -> &'a str {
        self.host
    }

    /// The port, where one is named.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether `origin`, as browsers write it, is https of this host and port (RFC 6454 section 6.2).
    pub(crate) fn is_origin(&self, origin: &str) -> bool {
        const HTTPS: u16 = 443;
        let Some(other) = origin.strip_prefix("https://").and_then(Authority::parse) else {
            return false;
        };
        other.host.eq_ignore_ascii_case(self.host)
            && other.port.unwrap_or(HTTPS) == self.port.unwrap_or(HTTPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        let parsed = |text| Authority::parse(text).map(|authority| (authority.host(), authority.port()));
        assert_eq!(parsed("localhost"), Some(("localhost", None)));
        assert_eq!(parsed("Code.Local:8443"), Some(("Code.Local", Some(8443))));
        assert_eq!(parsed("[::1]:8443"), Some(("[::1]", Some(8443))));
        for bad in [
            "", ":1", "a:", "a:b", "a:65536", "a:+1", "u@a", "a/b", "a b", "[::1", "[::1]x", "a:1:2", "a\\b",
            "á",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_origin_is_the_same_scheme_host_and_port() {
        let ours = Authority::parse("localhost:8443").expect("well-formed");
        assert!(ours.is_origin("https://localhost:8443"));
        for other in [
            "http://localhost:8443",
            "https://localhost",
            "https://localhost:8444",
            "null",
            "",
            "https://a.localhost:8443",
            "https://localhost:8443/",
        ] {
            assert!(!ours.is_origin(other), "{other}");
        }
        let standard = Authority::parse("localhost:443").expect("well-formed");
        assert!(standard.is_origin("https://localhost"));
    }
}
