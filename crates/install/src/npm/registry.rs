//! What the npm registry says about a version.

use std::path::Path;
use std::time::Duration;

use super::environment;
use crate::node::Majors;
use crate::probe::{Question, Unanswered, ask, ending};
use crate::progress::Run;
use crate::rejected::shown;
use crate::{InstallError, Version};

/// How long the registry may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The major version of Node that this version of code-server is built for (`engines.node` of its
/// package.json).
///
/// # Errors
/// [`InstallError::VersionUnknown`], [`InstallError::NodeUnknown`], or that npm could not be asked.
pub(super) fn node_major(npm: &Path, version: Version, run: &Run) -> Result<u32, InstallError> {
    let package = format!("code-server@{version}");
    let question = Question {
        variables: environment::for_npm_question(),
        limit: LIMIT,
        ..Question::new(npm, ["view", &package, "engines.node", "--json"])
    };
    let failed = |what: String, output: &str| InstallError::Command {
        command: question.command_line(),
        what,
        output: shown(output),
    };
    let answer = match ask(&question, || run.cancel.is_cancelled()) {
        Ok(answer) => answer.stdout,
        Err(Unanswered::Stopped) => return Err(InstallError::Cancelled),
        Err(Unanswered::Failed { answer, .. }) if not_found(&answer.stdout) => {
            return Err(InstallError::VersionUnknown { version });
        }
        Err(Unanswered::Failed { status, answer }) => return Err(failed(ending(status), &answer.stderr)),
        Err(other) => return Err(failed(other.to_string(), "")),
    };
    let range = serde_json::from_str::<String>(answer.trim()).ok();
    let major = range.and_then(|range| Majors::parse(&range).newest());
    major.ok_or_else(|| InstallError::NodeUnknown {
        version,
        answer: answer.trim().chars().take(200).collect(),
    })
}

/// npm's answer in JSON when there is no such version.
fn not_found(stdout: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(stdout).is_ok_and(|answer| answer["error"]["code"] == "E404")
}
