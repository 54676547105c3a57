//! Everything that can go wrong with a trust store, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use doorcode_settings::Problem;
use thiserror::Error;

use crate::ask::CommandLine;
use crate::packages::Package;

/// Why a store could not be read, changed or proven.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the fields are the command, file or store concerned and what the message says about it"
)]
pub enum TrustError {
    /// A program that does the work is not installed.
    #[error("{tool} is needed for this and is not installed")]
    ToolMissing { tool: &'static str, package: Package },
    /// A program could not be started.
    #[error("`{command}` could not be started: {source}")]
    Start { command: CommandLine, source: io::Error },
    /// A program took too long and was ended.
    #[error("`{command}` was ended, because it took longer than {} s{output}", limit.as_secs())]
    TimedOut {
        command: CommandLine,
        limit: Duration,
        output: Output,
    },
    /// A program failed.
    #[error("`{command}` failed{output}")]
    Command { command: CommandLine, output: Output },
    /// A store that this person cannot write to.
    #[error("{} cannot be written to: {source}", path.display())]
    ReadOnly { path: PathBuf, source: io::Error },
    /// A file of a store, or one that is needed for the work.
    #[error("{} cannot be used: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// Another program holds the store.
    #[error("{} is being changed by another program", path.display())]
    Busy { path: PathBuf },
    /// The primary password was wrong three times.
    #[error("the primary password of {title} was not right; nothing was changed")]
    WrongPassword { title: String },
    /// The person did not want the command to run, or gave no password.
    #[error("it was called off; nothing was changed")]
    CalledOff,
    /// Neither pkexec nor sudo is there to get root's rights with.
    #[error("`{command}` needs root's rights, and there is neither pkexec nor sudo to get them with")]
    NoRights { command: CommandLine, by_hand: String },
    /// A browser that has made no profile yet.
    #[error("{title} has never been started, so it has no profile to put the root into")]
    NeverStarted { title: String },
    /// Everything went well, and yet the root is not there.
    #[error("the root was put into {place}, and is not there")]
    NotTaken { place: String },
    /// Everything went well, and yet the root is still there.
    #[error("{nickname} was taken out of {place}, and is still there")]
    Stays { nickname: String, place: String },
    /// The address to be proven is not one.
    #[error("`{url}` is no https address of a host")]
    Address { url: String },
    /// Nothing answers there.
    #[error("{url} cannot be reached: {source}")]
    Unreachable { url: String, source: io::Error },
    /// What answers there is not what the root vouches for.
    #[error("{url} does not serve the certificate of this root: {detail}")]
    OtherCertificate { url: String, detail: String },
    /// The browser did neither open the page nor refuse it.
    #[error("{browser} did not get as far as the page: {detail}")]
    Inconclusive { browser: String, detail: String },
}

/// What a program printed, for an error: on lines of their own, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output(pub(crate) String);

/// How many of the last lines an error keeps.
const KEPT_LINES: usize = 12;

impl Output {
    /// The last lines of `text`.
    pub(crate) fn tail(text: &str) -> Output {
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let kept = &lines[lines.len().saturating_sub(KEPT_LINES)..];
        Output(kept.iter().flat_map(|line| ["\n  ", line]).collect())
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&TrustError> for Problem {
    fn from(error: &TrustError) -> Problem {
        error.problem("doorcode trust install")
    }
}

impl TrustError {
    /// What people are told; `again` is the command that tries once more what has failed.
    pub(crate) fn problem(&self, again: &str) -> Problem {
        Problem::new(code(self), self.to_string(), fix(self, again))
    }
}

fn code(error: &TrustError) -> &'static str {
    match error {
        TrustError::ToolMissing { .. } => "trust_tool_missing",
        TrustError::Start { .. } | TrustError::Command { .. } => "trust_command_failed",
        TrustError::TimedOut { .. } => "trust_command_slow",
        TrustError::ReadOnly { .. } => "trust_store_read_only",
        TrustError::File { .. } => "trust_store_unreadable",
        TrustError::Busy { .. } => "trust_store_busy",
        TrustError::WrongPassword { .. } => "trust_password_wrong",
        TrustError::CalledOff => "trust_called_off",
        TrustError::NoRights { .. } => "trust_needs_root",
        TrustError::NeverStarted { .. } => "trust_browser_never_started",
        TrustError::NotTaken { .. } => "trust_not_taken",
        TrustError::Stays { .. } => "trust_stays",
        TrustError::Address { .. } => "trust_address",
        TrustError::Unreachable { .. } => "trust_host_unreachable",
        TrustError::OtherCertificate { .. } => "trust_other_certificate",
        TrustError::Inconclusive { .. } => "trust_inconclusive",
    }
}

fn fix(error: &TrustError, again: &str) -> String {
    match error {
        TrustError::ToolMissing { package, .. } => package.install_command(),
        TrustError::Start { .. } | TrustError::Command { .. } | TrustError::TimedOut { .. } => {
            format!("repair what it says, then: {again}")
        }
        TrustError::ReadOnly { path, .. } | TrustError::File { path, .. } => {
            format!("look at it with `ls -ld '{}'`, then: {again}", path.display())
        }
        TrustError::Busy { .. } => format!("close that browser, then: {again}"),
        TrustError::WrongPassword { .. } => {
            format!("it is the one that the browser asks for before it shows saved passwords; {again}")
        }
        TrustError::CalledOff => format!("{again}, when you are ready"),
        TrustError::NoRights { by_hand, .. } => by_hand.clone(),
        TrustError::NeverStarted { .. } => {
            "start it once and close it, then: doorcode trust install".to_owned()
        }
        TrustError::NotTaken { .. } => "doorcode trust verify".to_owned(),
        TrustError::Stays { .. } => {
            format!(
                "take it out of the program's own list, or of wherever else that place has it from, then: {again}"
            )
        }
        TrustError::Address { .. } => "doorcode status shows the addresses of the door".to_owned(),
        TrustError::Unreachable { .. } => "doorcode status, and if nothing runs: doorcode up".to_owned(),
        TrustError::OtherCertificate { .. } => "doorcode cert list, then doorcode restart".to_owned(),
        TrustError::Inconclusive { .. } => {
            "doorcode trust verify, or open the page in that browser".to_owned()
        }
    }
}
