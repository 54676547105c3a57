//! What people and programs are told: the shape of `doorcode doctor --json`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Every probe and what follows from them, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Report {
    /// True when there is no cause at all, not even a warning.
    pub healthy: bool,
    /// When it was put together.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: OffsetDateTime,
    /// In the order of the chains, each from its first link to its last.
    pub probes: Vec<Probe>,
    /// What is wrong, the one to mend first first.
    pub causes: Vec<Cause>,
}

impl Report {
    /// The exit status of `doorcode doctor`: 0 healthy, 1 warnings, 2 broken.
    pub fn exit_code(&self) -> u8 {
        match self.causes.iter().map(|cause| cause.severity).max() {
            None => 0,
            Some(Severity::Warning) => 1,
            Some(Severity::Critical) => 2,
        }
    }
}

/// One link of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Probe {
    /// A stable name in kebab-case, such as `editor-answer`.
    pub id: String,
    /// The chain it belongs to.
    pub chain: Chain,
    /// What people call it.
    pub title: String,
    /// How it went.
    pub status: ProbeStatus,
    /// How long it took, in milliseconds.
    pub millis: f64,
    /// What was seen.
    pub evidence: String,
}

/// A row of links, each of which needs the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// What everything stands on.
    Machine,
    /// code-server.
    Editor,
    /// The gateway.
    Door,
    /// Whether this machine's browsers believe the door's certificate.
    Trust,
    /// The address on the network, from outside in.
    Public,
}

impl Chain {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Chain::Machine => "This machine",
            Chain::Editor => "The editor",
            Chain::Door => "The door",
            Chain::Trust => "Trust",
            Chain::Public => "The public address",
        }
    }
}

/// How a probe went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ProbeStatus {
    /// As it should.
    Pass,
    /// It works, and something should be done all the same.
    Warn,
    /// It does not work.
    Fail,
    /// A link before it does not hold, so it says nothing.
    NotReached,
    /// It does not apply here, or was not asked.
    Skipped,
}

impl ProbeStatus {
    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            ProbeStatus::Pass => "ok",
            ProbeStatus::Warn => "warning",
            ProbeStatus::Fail => "broken",
            ProbeStatus::NotReached => "not reached",
            ProbeStatus::Skipped => "skipped",
        }
    }
}

/// Why people cannot work, or soon will not, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Cause {
    /// A stable name in snake_case, such as `host_not_preserved`; `doorcode explain` knows it.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What it was seen by.
    pub evidence: String,
    /// A command; or words, in which commands and lines to paste stand between backticks.
    pub fix: String,
    /// What the window can do about it with one button.
    pub action: Option<FixAction>,
}

impl Cause {
    /// Something that keeps people out.
    pub fn critical(code: &str, message: impl Into<String>, fix: impl Into<String>) -> Cause {
        Cause {
            code: code.to_owned(),
            severity: Severity::Critical,
            message: message.into(),
            evidence: String::new(),
            fix: fix.into(),
            action: None,
        }
    }

    /// Something that should be seen to.
    pub fn warning(code: &str, message: impl Into<String>, fix: impl Into<String>) -> Cause {
        Cause {
            severity: Severity::Warning,
            ..Cause::critical(code, message, fix)
        }
    }

    /// The same, with the button that mends it.
    #[must_use]
    pub fn with_action(self, action: FixAction) -> Cause {
        Cause {
            action: Some(action),
            ..self
        }
    }

    /// The same, with what it was seen by, where that is not the whole evidence of its probe.
    #[must_use]
    pub fn seen_by(self, evidence: impl Into<String>) -> Cause {
        Cause {
            evidence: evidence.into(),
            ..self
        }
    }
}

/// How bad a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// People can work; see to it.
    Warning,
    /// People cannot work.
    Critical,
}

/// What a button of the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FixAction {
    Start,
    Restart,
    FreeMemory,
    TrustInstall,
    RenewCertificate,
    OpenSettings,
    OpenLogs,
    OpenSignIn,
}
