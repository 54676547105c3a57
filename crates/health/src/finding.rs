//! What one probe found, by itself.

use std::collections::BTreeMap;
use std::time::Instant;

use time::OffsetDateTime;

use crate::links::LinkId;
use crate::report::{Cause, ProbeStatus, Severity};

/// What one probe found, before its place in the chain is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Pass, warn, fail or skipped.
    pub status: ProbeStatus,
    /// How long it took, in milliseconds.
    pub millis: f64,
    /// What was seen.
    pub evidence: String,
    /// What follows from that.
    pub causes: Vec<Cause>,
    /// When a request of the probe's own arrived at the door and showed this; people's requests before then say no more.
    pub arrived: Option<OffsetDateTime>,
}

/// The last finding of each probe.
pub type Findings = BTreeMap<LinkId, Finding>;

impl Finding {
    /// It is as it should be.
    pub fn pass(evidence: impl Into<String>) -> Finding {
        Finding {
            status: ProbeStatus::Pass,
            millis: 0.0,
            evidence: evidence.into(),
            causes: Vec::new(),
            arrived: None,
        }
    }

    /// It does not apply, or was not asked, for this reason.
    pub fn skipped(reason: impl Into<String>) -> Finding {
        Finding {
            status: ProbeStatus::Skipped,
            ..Finding::pass(reason)
        }
    }

    /// It is wrong, as `cause` says.
    pub fn wrong(evidence: impl Into<String>, cause: Cause) -> Finding {
        Finding::pass(evidence).and(Some(cause))
    }

    /// The same, with what else was found to be wrong.
    #[must_use]
    pub fn and(mut self, causes: impl IntoIterator<Item = Cause>) -> Finding {
        for mut cause in causes {
            if cause.evidence.is_empty() {
                cause.evidence.clone_from(&self.evidence);
            }
            self.status = match (cause.severity, self.status) {
                (Severity::Critical, _) | (_, ProbeStatus::Fail) => ProbeStatus::Fail,
                (Severity::Warning, _) => ProbeStatus::Warn,
            };
            self.causes.push(cause);
        }
        self
    }

    /// The same, shown by a request of the probe's own that has just arrived.
    #[must_use]
    pub(crate) fn by_arrival(self) -> Finding {
        Finding {
            arrived: Some(OffsetDateTime::now_utc()),
            ..self
        }
    }

    /// The same, looked for since `began`.
    #[must_use]
    pub(crate) fn taking(self, began: Instant) -> Finding {
        Finding {
            millis: began.elapsed().as_micros() as f64 / 1000.0,
            ..self
        }
    }

    /// Runs a probe and notes how long it took.
    pub(crate) async fn timed(probe: impl Future<Output = Finding>) -> Finding {
        let began = Instant::now();
        probe.await.taking(began)
    }
}
