//! The page that finds out whether a browser trusts the host's certificate.

use std::sync::LazyLock;

use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, Response, StatusCode};

use super::shell::{Page, STYLE, escape, fill, hashed};
use super::steps::Steps;
use crate::body::Content;
use crate::check::Browser;
use crate::session::Token;

/// This page came over a connection that is not trusted yet, and so would the certificate.
const COMPARE: &str = "<p>Install the certificate. Its SHA-256 fingerprint must be the <b>root SHA-256</b> that \
                       <code>doorcode cert show</code> prints on the editor's machine.</p>\n";
const SCRIPT: &str = include_str!("assets/check.js");

/// The page, for the one browser that opened it.
#[derive(Debug)]
pub(crate) struct CheckPage<'a> {
    /// The host and port in the browser's address.
    pub(crate) host: &'a str,
    pub(crate) browser: &'a Browser,
    /// The permission to report.
    pub(crate) token: &'a Token,
    /// Another name of the same host, with the port, if it has one.
    pub(crate) other_name: Option<&'a str>,
    /// Whether the host has a root that can be fetched from here.
    pub(crate) has_root: bool,
}

impl CheckPage<'_> {
    pub(crate) fn response(&self) -> Response<Content> {
        let steps = match self.has_root {
            true => {
                let steps = Steps {
                    platform: self.browser.platform,
                    certificate: "/.doorcode/certificate?as=der",
                    profile: "/.doorcode/certificate?as=profile",
                };
                format!("{COMPARE}{}", steps.html())
            }
            false => String::new(),
        };
        let values = [
            ("page", self.token.expose()),
            ("other", &*escape(self.other_name.unwrap_or_default())),
            ("host", &*escape(self.host)),
            ("browser", &*escape(&self.browser.to_string())),
            ("steps", &*steps),
            ("script", SCRIPT),
        ];
        let mut response = Page {
            status: StatusCode::OK,
            title: "Checking this browser",
            body: fill(include_str!("assets/check.html"), &values),
            refresh: None,
        }
        .response();
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, self.policy());
        response
    }

    /// As that of our other pages, and the one script, which may start its worker and speak to this host alone.
    fn policy(&self) -> HeaderValue {
        static SOURCES: LazyLock<[String; 2]> = LazyLock::new(|| [SCRIPT, STYLE].map(hashed));
        let [script, style] = &*SOURCES;
        let other = self
            .other_name
            .map_or_else(String::new, |name| format!(" https://{name}"));
        let policy = format!(
            "default-src 'none'; script-src {script}; worker-src 'self'; connect-src 'self'{other}; style-src {style}; \
             img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
        );
        HeaderValue::try_from(policy).expect("base64, names and directives are visible ASCII")
    }
}
