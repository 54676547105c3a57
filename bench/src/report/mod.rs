//! What comes out of a run.

pub(crate) mod json;
pub(crate) mod sheet;
pub(crate) mod table;

use std::time::Duration;

use time::OffsetDateTime;

use crate::load;
use crate::report::sheet::Sheet;
use crate::versions::Version;

/// The figures, and what one has to know to compare them with others.
pub(crate) struct Report {
    pub(crate) date: OffsetDateTime,
    pub(crate) cores: usize,
    /// Per contender, measure and round.
    pub(crate) seconds: Duration,
    pub(crate) versions: Vec<Version>,
    pub(crate) sheet: Sheet,
}

impl Report {
    pub(crate) fn new(versions: Vec<Version>, seconds: Duration, sheet: Sheet) -> Self {
        Self {
            date: OffsetDateTime::now_utc(),
            cores: load::cores(),
            seconds,
            versions,
            sheet,
        }
    }
}
