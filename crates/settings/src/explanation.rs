//! What a code means.

/// A code that a person can meet in a log, a status or a finding, explained: `doorcode explain CODE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The code itself.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What has happened, and why it is so.
    pub cause: &'static str,
    /// What to do, with the commands.
    pub remedy: &'static str,
}
