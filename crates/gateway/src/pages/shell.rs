//! The frame of every page, and its content security policy.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Response, StatusCode};
use sha2::{Digest, Sha256};

use super::html;
use crate::body::Content;

const SHELL: &str = include_str!("assets/shell.html");
pub(super) const STYLE: &str = include_str!("assets/style.css");

/// A page of our own.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    /// HTML; what comes from outside is escaped in it.
    pub(crate) body: String,
    /// Seconds after which the browser loads the page again.
    pub(crate) refresh: Option<u32>,
}

impl Page<'_> {
    pub(crate) fn response(&self) -> Response<Content> {
        let refresh = self
            .refresh
            .map(|seconds| format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">\n"));
        let text = fill(
            SHELL,
            &[
                ("refresh", &refresh.unwrap_or_default()),
                ("title", &escape(self.title)),
                ("style", STYLE),
                ("body", &self.body),
            ],
        );
        html(self.status, text)
    }
}

/// Nothing but our own style, icon and forms: no script runs on these pages, and nobody frames them.
pub(super) fn policy() -> HeaderValue {
    static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
        let policy = format!(
            "default-src 'none'; style-src {}; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            hashed(STYLE)
        );
        HeaderValue::try_from(policy).expect("base64 and directives are visible ASCII")
    });
    POLICY.clone()
}

/// A source that allows exactly this text inside the page (CSP level 3, section 2.3.1).
pub(super) fn hashed(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// Puts `values` in the places that a template names `{{so}}`. Values are not looked into again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text =
        String::with_capacity(template.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after
            .split_once("}}")
            .expect("our templates close what they open");
        let (_, value) = values
            .iter()
            .find(|(known, _)| *known == name)
            .expect("our templates name what is given");
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text + rest
}

/// Text as HTML, in content and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_neither_expanded_nor_markup() {
        assert_eq!(fill("a {{x}} b", &[("x", "{{x}}")]), "a {{x}} b");
        assert_eq!(escape("<a href='\"'>&"), "&lt;a href=&#39;&quot;&#39;&gt;&amp;");
    }
}
