//! The figures as the rest of the program gets them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// An open client connection. A window of the editor has two, each a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConnectionView {
    /// Its number, counted since the gateway started.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub id: u64,
    /// The short name of the session that its last request belonged to.
    pub session: Option<String>,
    /// Who a proxy in front said that is.
    pub who: Option<String>,
    /// Where it comes from: the client's address; none when a proxy on a unix socket does not tell.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub from: Option<IpAddr>,
    /// What the browser calls itself, in words: `Firefox 153 on Linux`.
    pub device: Option<String>,
    /// When it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub since: OffsetDateTime,
    /// `h2` or `http/1.1`.
    pub protocol: String,
    /// WebSockets open on it.
    pub websockets: u32,
    /// Bytes of bodies and WebSockets received.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes_in: u64,
    /// Bytes of bodies and WebSockets sent.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes_out: u64,
    /// How often the window behind its WebSocket had to connect again.
    pub reconnects: u32,
}

/// How long the editor's answers took in the last 5 minutes: from the end of a request's head to the beginning of its
/// answer. WebSockets and the gateway's own pages do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LatencyView {
    /// The median, microseconds; none without requests.
    pub p50_micros: Option<u32>,
    /// What 19 of 20 stay below, microseconds.
    pub p95_micros: Option<u32>,
    /// How many requests these are.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub requests: u64,
    /// The same as `p95_micros` for every 10 s, 30 of them, the oldest first.
    pub spark: Vec<Option<u32>>,
}

/// How many refusals there were, by code.
pub type Refusals = BTreeMap<&'static str, u64>;

/// How many requests are over, by the class of their status, since the gateway started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// 1xx to 5xx. A WebSocket is a 101, counted at its end.
    pub by_class: [u64; 5],
}

/// How long answers took since the gateway started, for a cumulative histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Durations {
    /// Upper bounds, in seconds, and how many took at most so long.
    pub at_most: Vec<(f64, u64)>,
    /// All of them.
    pub count: u64,
    /// Their sum in seconds.
    pub sum: f64,
}
