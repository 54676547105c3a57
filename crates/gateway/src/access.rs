//! The access log: a JSON line for every request, written when it is over.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorcode_logs::LogSink;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::evidence::{Evidence, Seen};
use crate::link::Link;
use crate::live::Counts;
use crate::own;
use crate::session::random_bytes;

/// Where the lines go.
#[derive(Debug)]
pub(crate) struct AccessLog {
    sink: LogSink,
    /// Tells the requests of one run of the engine from those of another.
    run: u32,
    next: AtomicU64,
    counts: Arc<Counts>,
    evidence: Arc<Evidence>,
}

/// A request's number, unique in the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestId {
    run: u32,
    number: u64,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.run, self.number)
    }
}

impl AccessLog {
    /// Lines go to `sink`, and are counted.
    pub(crate) fn new(sink: LogSink, counts: Arc<Counts>, evidence: Arc<Evidence>) -> AccessLog {
        AccessLog {
            sink,
            run: u32::from_ne_bytes(random_bytes()),
            next: AtomicU64::new(1),
            counts,
            evidence,
        }
    }

    /// A request that hyper refused before anyone saw more of it than its connection.
    pub(crate) fn refused_head(&self, link: &Link, status: StatusCode, code: &'static str) {
        self.write(&Line {
            client: link.peer,
            host: "",
            method: "",
            path: "",
            status: status.as_u16(),
            protocol: link.protocol.as_str(),
            code: Some(code),
            ..self.blank()
        });
    }

    /// A request over plain http, from one that `may_be_a_proxy` by its address.
    pub(crate) fn plain(
        &self,
        link: &Link,
        request: &Request<Incoming>,
        status: StatusCode,
        may_be_a_proxy: bool,
    ) {
        if link.is_own {
            return;
        }
        let named = named_host(request);
        let (host, method) = (cut(&named, HOST_BYTES), method_of(request));
        let path = kept_path(request);
        let line = Line {
            client: link.peer,
            host: &host,
            method: method.as_str(),
            path: &path,
            status: status.as_u16(),
            protocol: "http",
            ..self.blank()
        };
        if may_be_a_proxy && status.is_redirection() {
            self.evidence.led_to_https(&Seen {
                request: line.id.to_string(),
                client: link.peer,
                host: &host,
                headers: request.headers(),
            });
        }
        self.write(&line);
    }

    fn blank(&self) -> Line<'_> {
        Line {
            ts: Now,
            id: self.next_id(),
            client: std::net::Ipv4Addr::UNSPECIFIED.into(),
            host: "",
            method: "",
            path: "",
            status: 0,
            bytes: 0,
            millis: 0.0,
            session: None,
            user: None,
            protocol: "",
            code: None,
            detail: None,
        }
    }

    fn next_id(&self) -> RequestId {
        RequestId {
            run: self.run,
            number: self.next.fetch_add(1, Ordering::Relaxed),
        }
    }

    fn write(&self, line: &Line<'_>) {
        /// A usual line, so that the buffer does not grow piece by piece.
        const USUAL: usize = 320;
        self.counts.over(line.status, line.code);
        let mut text = Vec::with_capacity(USUAL);
        let mut writer = serde_json::Serializer::with_formatter(&mut text, Harmless);
        if line.serialize(&mut writer).is_ok() {
            text.push(b'\n');
            self.sink.bytes(text);
        }
    }
}

/// What is known of a request so far. Dropping it writes the line: whatever becomes of a request, it is in the log once.
#[derive(Debug)]
pub(crate) struct Entry {
    log: Arc<AccessLog>,
    link: Arc<Link>,
    id: RequestId,
    began: Instant,
    method: Method,
    path: Box<str>,
    host: Box<str>,
    status: u16,
    bytes: u64,
    session: Option<String>,
    user: Option<Box<str>>,
    code: Option<&'static str>,
    detail: Option<&'static str>,
    /// The connection stays open for it.
    holds: bool,
}

/// nginx's code for a client that left before there was a response.
const CLIENT_LEFT: u16 = 499;

impl Entry {
    /// A request has arrived.
    pub(crate) fn begin(log: &Arc<AccessLog>, link: &Arc<Link>, request: &Request<Incoming>) -> Box<Entry> {
        link.activity.begin();
        Box::new(Entry {
            log: log.clone(),
            link: link.clone(),
            id: log.next_id(),
            began: Instant::now(),
            method: method_of(request),
            path: kept_path(request).into(),
            host: cut(&named_host(request), HOST_BYTES).into(),
            status: CLIENT_LEFT,
            bytes: 0,
            session: None,
            user: None,
            code: None,
            detail: None,
            holds: true,
        })
    }

    /// The rest is up to the client, who need not be anybody: the connection no longer stays open for this request.
    pub(crate) fn let_go(&mut self) {
        self.let_go_at(Instant::now());
    }

    fn let_go_at(&mut self, now: Instant) {
        if std::mem::take(&mut self.holds) {
            self.link.activity.end(now);
        }
    }

    pub(crate) fn id(&self) -> RequestId {
        self.id
    }

    /// When the request's head had been read.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    pub(crate) fn set_status(&mut self, status: StatusCode) {
        self.status = status.as_u16();
    }

    /// Why it was refused or broke off.
    pub(crate) fn set_code(&mut self, code: &'static str) {
        self.code = Some(code);
    }

    /// What a request looked like that was refused with `code`, for the diagnosis.
    pub(crate) fn note_refused(&self, code: &'static str, headers: &HeaderMap) {
        if self.says_something() {
            self.log.evidence.refused(code, &self.seen(headers));
        }
    }

    /// What a request looked like that leads to the sign-in page.
    pub(crate) fn note_asked_to_sign_in(&self, headers: &HeaderMap) {
        if self.says_something() {
            self.log.evidence.asked_to_sign_in(&self.seen(headers));
        }
    }

    /// What a request looked like that has a WebSocket's key and asks for none.
    pub(crate) fn note_websocket_stripped(&self, headers: &HeaderMap) {
        if self.says_something() {
            self.log.evidence.websocket_stripped(&self.seen(headers));
        }
    }

    /// Neither our own probes nor the pages of checks are what people see of the editor.
    fn says_something(&self) -> bool {
        !self.link.is_own && !own::is_check(&self.path)
    }

    fn seen<'a>(&'a self, headers: &'a HeaderMap) -> Seen<'a> {
        Seen {
            request: self.id.to_string(),
            client: self.link.peer,
            host: &self.host,
            headers,
        }
    }

    /// More about the code.
    pub(crate) fn set_detail(&mut self, detail: Option<&'static str>) {
        self.detail = detail;
    }

    /// Whom the proxy in front names, also when they may not come in.
    pub(crate) fn set_user(&mut self, user: &str) {
        self.user = Some(user.into());
    }

    /// The short name of the session it belongs to.
    pub(crate) fn set_session(&mut self, id: &str) {
        self.session = Some(id.to_owned());
    }

    /// Bytes of body sent.
    pub(crate) fn add_bytes(&mut self, bytes: u64) {
        self.bytes += bytes;
        self.link.figures.sent(bytes);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Read once: a clock can cost more than all the rest of this.
        let now = Instant::now();
        self.let_go_at(now);
        // The probes of this program are no visitors.
        if self.link.is_own {
            return;
        }
        self.log.write(&Line {
            ts: Now,
            id: self.id,
            client: self.link.peer,
            host: &self.host,
            method: self.method.as_str(),
            path: &self.path,
            status: self.status,
            bytes: self.bytes,
            millis: now.duration_since(self.began).as_micros() as f64 / 1000.0,
            session: self.session.as_deref(),
            user: self.user.as_deref(),
            protocol: self.link.protocol.as_str(),
            code: self.code,
            detail: self.detail,
        });
    }
}

/// As much of a method as is kept; the longest registered one has 17.
const METHOD_BYTES: usize = 24;
/// As much of a host as is kept: a name has 253 at most, and a port.
const HOST_BYTES: usize = 260;
/// As much of a path as is kept. A client chooses how long a response waits for it, and its line with it.
const PATH_BYTES: usize = 2 << 10;

fn method_of(request: &Request<Incoming>) -> Method {
    let method = request.method();
    let start = method.as_str().as_bytes().get(..METHOD_BYTES);
    // The beginning of a method is one.
    start
        .and_then(|start| Method::from_bytes(start).ok())
        .unwrap_or_else(|| method.clone())
}

/// The path as it is kept. Without the query, because that of a one-time link signs people in; and without a check's nonce.
fn kept_path(request: &Request<Incoming>) -> Cow<'_, str> {
    let path = request.uri().path();
    own::without_nonce(path).map_or_else(|| cut(path, PATH_BYTES), Cow::Borrowed)
}

fn named_host(request: &Request<Incoming>) -> Cow<'_, str> {
    match request.headers().get(header::HOST) {
        Some(host) => host_text(Some(host)),
        None => request
            .uri()
            .authority()
            .map_or("", |authority| authority.as_str())
            .into(),
    }
}

/// The beginning of a text that is longer than `most` bytes, marked as such.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return text.into();
    }
    let start = &text[..text.floor_char_boundary(most)];
    format!("{start}…").into()
}

/// JSON that a terminal can show: DEL and the controls from U+0080 are escaped as well, since some terminals obey them.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| matches!(c, '\u{7f}'..='\u{9f}')) {
            let (before, control) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut after = control.chars();
            if let Some(control) = after.next() {
                write!(writer, "\\u{:04x}", u32::from(control))?;
            }
            rest = after.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[derive(Serialize)]
struct Line<'a> {
    ts: Now,
    #[serde(serialize_with = "display")]
    id: RequestId,
    client: std::net::IpAddr,
    host: &'a str,
    method: &'a str,
    path: &'a str,
    status: u16,
    bytes: u64,
    millis: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    protocol: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

fn display<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn host_text(host: Option<&HeaderValue>) -> Cow<'_, str> {
    host.map(|host| String::from_utf8_lossy(host.as_bytes()))
        .unwrap_or_default()
}

/// The time of writing, UTC, RFC 3339 with milliseconds.
struct Now;

impl Serialize for Now {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let now = OffsetDateTime::now_utc();
        let mut text = String::with_capacity(24);
        let (year, month, day) = now.to_calendar_date();
        let (hour, minute, second, milli) = now.to_hms_milli();
        let month = u8::from(month);
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        );
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_of_every_kind_are_escaped() {
        let mut json = Vec::new();
        let text = "\u{7f}a\u{1b}\u{80}\u{9f}\u{a0}\"";
        text.serialize(&mut serde_json::Serializer::with_formatter(&mut json, Harmless))
            .expect("a string");
        let json = String::from_utf8(json).expect("UTF-8");
        assert_eq!(json, "\"\\u007fa\\u001b\\u0080\\u009f\u{a0}\\\"\"");
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }

    #[test]
    fn a_long_path_is_cut_and_marked() {
        assert_eq!(cut("/short", 6), "/short");
        assert_eq!(cut("/longer", 6), "/longe…");
        assert_eq!(cut("/é", 2), "/…", "between characters");
    }
}
