//! What the tray, the notifications and the window are functions of.

use doorcode_engine::{State, Status};
use doorcode_settings::Problem;
use serde::{Deserialize, Serialize};

/// How things are, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Snapshot {
    /// What the engine says; all empty and `stopped` when there is none.
    pub(crate) status: Status,
    /// Where the engine runs.
    pub(crate) engine: EngineSource,
    /// Why there is no engine, where that is not somebody's wish.
    pub(crate) problem: Option<Problem>,
    /// This program's version.
    pub(crate) version: String,
}

/// Where the engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub(crate) enum EngineSource {
    /// In this process.
    Hosted,
    /// In another process, such as `doorcode up`.
    Attached,
    /// Nowhere.
    Absent,
}

impl Snapshot {
    /// Before anything is known.
    pub(crate) fn first() -> Snapshot {
        let mut first = Snapshot::absent(None);
        first.status.state = State::Starting;
        first
    }

    pub(super) fn absent(problem: Option<Problem>) -> Snapshot {
        Snapshot {
            status: Status::not_running(),
            engine: EngineSource::Absent,
            problem,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    pub(super) fn present(status: Status, engine: EngineSource) -> Snapshot {
        Snapshot {
            status,
            engine,
            problem: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
