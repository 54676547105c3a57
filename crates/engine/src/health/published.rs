//! Telling what is known: to whoever asks, to those who watch, and to the log.

use doorcode_health::{Findings, Report, diagnose};
use time::OffsetDateTime;
use tokio::sync::watch;
use tracing::{info, warn};

use super::Health;
use crate::task::lock;

impl Health {
    /// Makes what follows from `findings` the report, and tells those who watch `changed` where it says something else.
    pub(super) fn publish(&self, findings: &Findings, changed: &watch::Sender<u64>) {
        let report = diagnose(findings, OffsetDateTime::now_utc());
        let mut last = lock(&self.shared.report);
        let differs = match &*last {
            None => true,
            Some(last) => last.causes.iter().map(said).ne(report.causes.iter().map(said)),
        };
        if differs {
            tell_log(last.as_ref(), &report);
        }
        *last = Some(report);
        drop(last);
        if differs {
            changed.send_modify(|count| *count += 1);
        }
    }

    /// Whether the password could not be read, when it was looked at last.
    pub(super) fn is_about_password(&self) -> bool {
        let report = lock(&self.shared.report);
        let mut causes = report.iter().flat_map(|report| &report.causes);
        causes.any(|cause| cause.code.starts_with("keyring_") || cause.code.starts_with("password_"))
    }
}

/// What of a cause is worth telling anew; its evidence counts up with every request.
fn said(cause: &doorcode_health::Cause) -> (&str, &str) {
    (&cause.code, &cause.message)
}

fn tell_log(before: Option<&Report>, now: &Report) {
    let known = |report: Option<&Report>, code: &str| {
        report.is_some_and(|report| report.causes.iter().any(|cause| cause.code == code))
    };
    for cause in now.causes.iter().filter(|cause| !known(before, &cause.code)) {
        warn!(code = cause.code, evidence = cause.evidence, "{}", cause.message);
    }
    for cause in before.iter().flat_map(|report| &report.causes) {
        if !known(Some(now), &cause.code) {
            info!(code = cause.code, "over: {}", cause.message);
        }
    }
}
