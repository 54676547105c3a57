//! Where somebody goes after signing in: a place on this server, whatever a link says.

use http::HeaderValue;

/// A path, with or without a query, that no browser takes for another server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

/// Longer ones are not carried through the sign-in page.
const LONGEST: usize = 2048;

impl LocalPath {
    /// The front page.
    pub(crate) fn root() -> LocalPath {
        LocalPath("/".to_owned())
    }

    /// `None` when `text` is not a path, could lead elsewhere, or is one of our own pages.
    ///
    /// Browsers read `//host` as another server, `\` as `/`, and drop tabs and line feeds before they look (WHATWG URL).
    pub(crate) fn parse(text: &str) -> Option<LocalPath> {
        let harmless = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        let local = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/.doorcode/");
        (local && text.len() <= LONGEST && text.bytes().all(harmless)).then(|| LocalPath(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// For `Location`.
    pub(crate) fn to_value(&self) -> HeaderValue {
        HeaderValue::try_from(self.0.as_str()).expect("visible ASCII is a header value")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_on_this_server() {
        for good in ["/", "/?folder=/home/me", "/a//b", "/a?to=//evil"] {
            assert!(LocalPath::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "a",
            "//evil",
            "/\\evil",
            "\\/evil",
            "https://evil",
            "/a\r\nSet-Cookie: x",
            "/\t/evil",
            "/a b",
            "/é",
            "/.doorcode/sign-in",
        ] {
            assert!(LocalPath::parse(bad).is_none(), "{bad:?}");
        }
        assert!(
            LocalPath::parse(&format!("/{}", "a".repeat(LONGEST))).is_none(),
            "too long"
        );
    }
}
