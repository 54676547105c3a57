//! The page of a device check, and what it asks for. Nobody needs to be signed in: the nonce is the permission.

use std::net::Ipv4Addr;

use bytes::Bytes;
use doorcode_settings::HostName;
use http::header::{CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, Method, Response, StatusCode};
use hyper::body::Incoming;

use super::{Visit, form};
use crate::access::Entry;
use crate::body::Content;
use crate::check::{Browser, Echo, Report, Visitor};
use crate::exchange::refuse;
use crate::origin;
use crate::pages::{self, CheckPage, Page};
use crate::refusal::Refusal;

/// Below it are a check's page, by its nonce, and what all of them use.
pub(crate) const CHECK: &str = "/.doorcode/check/";
const WORKER: &str = "worker.js";
const ECHO: &str = "echo";
const REPORT: &str = "report";

/// The answer to a report, and the reason in the access log, when the page may not report any more.
const OVER: &str = "check_used_or_expired";

const MALFORMED: Refusal = Refusal::new(
    StatusCode::BAD_REQUEST,
    "check_malformed",
    "This is not what the page of a check sends.",
);
const NOT_ALLOWED: Refusal = Refusal::new(
    StatusCode::FORBIDDEN,
    OVER,
    "Only the page of a check that is under way may ask for this.",
);

/// The path as it may be kept in a log: without a nonce, which lets whoever reads it first open the page.
pub(crate) fn without_nonce(path: &str) -> Option<&'static str> {
    let rest = path.strip_prefix(CHECK)?;
    (![WORKER, ECHO, REPORT].contains(&rest)).then_some("/.doorcode/check/…")
}

/// Whether a path is a check's, in whatever form it is kept.
pub(crate) fn is_check(path: &str) -> bool {
    path.starts_with(CHECK)
}

impl Visit<'_> {
    /// Anything below [`CHECK`].
    pub(super) async fn check(
        &self,
        rest: &str,
        body: Incoming,
        entry: &mut Option<Box<Entry>>,
    ) -> Response<Content> {
        let reads = matches!(self.parts.method, Method::GET | Method::HEAD);
        match rest {
            ECHO if self.admitted.websocket => self.check_echo(entry),
            _ if self.admitted.websocket => refuse(self.parts, NOT_ALLOWED, entry),
            WORKER if reads => worker(),
            REPORT if self.parts.method == Method::POST => self.check_report(body, entry).await,
            REPORT => self.wrong_method("POST", entry),
            ECHO => refuse(self.parts, MALFORMED, entry),
            _ if !reads => self.wrong_method("GET, HEAD", entry),
            nonce => self.check_page(nonce, entry),
        }
    }

    /// Uses the nonce up and shows the page; what only looks ahead does not use it up.
    fn check_page(&self, nonce: &str, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        let browser = Browser::of(&self.parts.headers);
        let visitor = Visitor {
            name: browser.to_string(),
            client: self.link.peer.to_string(),
        };
        let mut response = if self.parts.method == Method::HEAD || self.is_prefetch() {
            pages::text(StatusCode::FORBIDDEN, "This link is for a person to open.")
        } else if let Some(host) = self.configured_host()
            && let Some(token) = self.shared.checks.open(nonce, host, visitor)
        {
            CheckPage {
                host: self.host(),
                other_name: self.other_name(host).as_deref(),
                browser: &browser,
                token: &token,
                has_root: self.has_root(host),
            }
            .response()
        } else {
            over(entry)
        };
        response
            .headers_mut()
            .insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }

    fn check_echo(&self, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        let headers = &self.parts.headers;
        if let Err(refusal) = origin::check_websocket(headers, &self.admitted.authority()) {
            return refuse(self.parts, refusal, entry);
        }
        // A probe of ours has no page, and may have its words said back all the same.
        let open = |token: &str| {
            self.shared.visits.is_expected(token)
                || self
                    .configured_host()
                    .is_some_and(|host| self.shared.checks.is_open(token, host))
        };
        if !Echo::token(headers).is_some_and(open) {
            return refuse(self.parts, NOT_ALLOWED, entry);
        }
        let Some(echo) = Echo::accept(self.parts) else {
            return refuse(self.parts, MALFORMED, entry);
        };
        let (response, client) = echo.into_parts();
        if let Some(entry) = entry.as_mut() {
            entry.set_status(StatusCode::SWITCHING_PROTOCOLS);
        }
        let stop = self.shared.drain.begins();
        self.shared.drain.spawn(Echo::run(client, stop, entry.take()));
        response.map(|()| Content::Bytes(Bytes::new()))
    }

    async fn check_report(&self, body: Incoming, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        let headers = &self.parts.headers;
        if let Err(refusal) = origin::check_request(&self.parts.method, headers, &self.admitted.authority()) {
            return refuse(self.parts, refusal, entry);
        }
        let is_json = headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/json");
        let report = match is_json {
            true => form::read(body, self.shared.timing.form).await,
            false => None,
        };
        let Some(report) = report.and_then(|json| Report::parse(&json)) else {
            return refuse(self.parts, MALFORMED, entry);
        };
        let taken = self
            .configured_host()
            .is_some_and(|host| self.shared.checks.report(report, host));
        match taken {
            true => pages::text(StatusCode::OK, "Noted."),
            false => refuse(self.parts, NOT_ALLOWED, entry),
        }
    }

    fn configured_host(&self) -> Option<&HostName> {
        self.policy.host(&self.admitted.authority())
    }

    /// Another name that this request could have named the same host and the same certificate by. Not an IPv6 address:
    /// a content security policy cannot name one (CSP level 3, section 2.3.1).
    fn other_name(&self, host: &HostName) -> Option<String> {
        const LOCALHOST: &str = "localhost";
        if *host != HostName::Dns(LOCALHOST.to_owned()) || !self.has_root(host) {
            return None;
        }
        let authority = self.admitted.authority();
        let other = match authority.host().eq_ignore_ascii_case(LOCALHOST) {
            true if self.link.peer == Ipv4Addr::LOCALHOST => "127.0.0.1",
            true => return None,
            false => LOCALHOST,
        };
        Some(match authority.port() {
            Some(port) => format!("{other}:{port}"),
            None => other.to_owned(),
        })
    }

    fn has_root(&self, host: &HostName) -> bool {
        self.policy.config.roots.iter().any(|(of, _)| of == host)
    }
}

/// The service worker. Its scope ends below [`CHECK`], where the editor has nothing; it intercepts nothing.
fn worker() -> Response<Content> {
    pages::own(
        StatusCode::OK,
        Bytes::from_static(include_bytes!("../pages/assets/check_worker.js")),
        HeaderValue::from_static("text/javascript; charset=utf-8"),
    )
}

fn over(entry: &mut Option<Box<Entry>>) -> Response<Content> {
    if let Some(entry) = entry {
        entry.set_code(OVER);
    }
    let body = "<h1>This check has been used, or is too old</h1>\n<p class=\"soft\">A check works once, in the browser that \
                opens it first. On the machine that runs the editor, this makes a new one:</p>\n<p><code>doorcode trust \
                check</code></p>\n";
    Page {
        status: StatusCode::GONE,
        title: "Check used or too old",
        body: body.to_owned(),
        refresh: None,
    }
    .response()
}
