//! The figures as programs get them.

use doorcode_gateway::LatencyView;
use doorcode_health::Report;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::history::HistoryPoint;

/// How things are and were: the answer to [`crate::Request::Health`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HealthView {
    /// The last report of the probes.
    pub report: Report,
    /// How fast the editor answered in the last 5 minutes.
    pub latency: LatencyView,
    /// The last 24 hours, a point every 5 minutes, the oldest first.
    pub history: Vec<HistoryPoint>,
    /// What could be freed.
    pub lingering: Vec<LingeringHost>,
    /// How often the editor was started again after an exit nobody asked for, since the engine started.
    pub restarts: u32,
    /// Resident memory of the editor with all it started.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub editor_rss_bytes: Option<u64>,
}

/// An extension host whose window is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LingeringHost {
    /// Its process id.
    pub pid: u32,
    /// Resident memory of it and all that its extensions have started.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub rss_bytes: u64,
    /// Since when no window has held it, as far as it was seen.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub since: OffsetDateTime,
}

/// The health in one word, with the latency: what a status line has room for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HealthBrief {
    /// The word.
    pub state: HealthState,
    /// The median time of the editor's answers in the last 5 minutes, microseconds.
    pub p50_micros: Option<u32>,
    /// What 19 of 20 of them stay below.
    pub p95_micros: Option<u32>,
}

/// What the probes found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// Nothing has been probed yet.
    #[default]
    Unknown,
    /// Nothing is wrong.
    Healthy,
    /// People can work; something should be seen to.
    Warning,
    /// People cannot work.
    Broken,
}

impl HealthState {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            HealthState::Unknown => "unknown",
            HealthState::Healthy => "healthy",
            HealthState::Warning => "warning",
            HealthState::Broken => "broken",
        }
    }
}
