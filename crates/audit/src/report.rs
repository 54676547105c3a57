//! What an audit found: the shape of `doorcode audit --json`.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{Facts, Fix, RULES};

/// The findings of one audit.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub ts: OffsetDateTime,
    /// How many of each severity.
    pub summary: Summary,
    /// The most severe first; among equals in the order of the rules.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The exit status of `doorcode audit`: 0 clean, 1 warnings, 2 something critical.
    pub fn exit_code(&self) -> u8 {
        match self.summary {
            Summary { critical: 1.., .. } => 2,
            Summary { warn: 1.., .. } => 1,
            Summary { .. } => 0,
        }
    }
}

/// How many findings of each severity there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the severities")]
pub struct Summary {
    pub critical: usize,
    pub warn: usize,
    pub info: usize,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know; nothing has to be done.
    Info,
    /// Weaker than it could be.
    Warn,
    /// Somebody gets in, or can be expected to.
    Critical,
}

/// One thing that a rule found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule's id; `doorcode explain` knows it.
    pub check_id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What was seen, and where.
    pub detail: String,
    /// The next command, or the next thing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// Whether `doorcode audit --fix` mends it.
    pub fixable: bool,
    /// How it does.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

/// Holds every rule against the facts.
pub fn audit(facts: &Facts) -> Report {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .flat_map(|rule| (rule.check)(facts).into_iter().map(|hit| hit.found_by(rule)))
        .collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let count = |severity| findings.iter().filter(|one| one.severity == severity).count();
    Report {
        ts: facts.now,
        summary: Summary {
            critical: count(Severity::Critical),
            warn: count(Severity::Warn),
            info: count(Severity::Info),
        },
        findings,
    }
}
