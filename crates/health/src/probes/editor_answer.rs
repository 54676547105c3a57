//! Whether code-server answers `/healthz`, the one address that does not count as use.

use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use crate::dial::{Ask, ask_socket};
use crate::finding::Finding;
use crate::report::{Cause, FixAction};

/// An editor that works answers within milliseconds.
const LIMIT: Duration = Duration::from_millis(1_800);
/// One that is busy gets longer.
const BUSY_LIMIT: Duration = Duration::from_secs(12);
/// Processor time, in clock ticks of 10 ms, by which one that is busy is told from one that hangs.
const BUSY_TICKS: u64 = 5;

pub(crate) async fn look(socket: &Path, pid: Option<u32>) -> Finding {
    let began = Instant::now();
    let before = pid.and_then(ticks);
    let question = Ask {
        host: "localhost",
        path: "/healthz",
        websocket: None,
    };
    let mut answer = ask_socket(socket, LIMIT, &question).await;
    let after = pid.and_then(ticks);
    let worked = after
        .zip(before)
        .is_some_and(|(after, before)| after.saturating_sub(before) >= BUSY_TICKS);
    if answer.is_err() && began.elapsed() >= LIMIT && worked {
        answer = ask_socket(socket, BUSY_LIMIT, &question).await;
    }
    match answer {
        Ok(answer) if answer.status == StatusCode::OK => {
            Finding::pass(format!("/healthz: {}", answer.text.trim()))
        }
        Ok(answer) => Finding::wrong(
            format!("/healthz answered {}", answer.status),
            silent(format!("the editor answers with an error ({})", answer.status)),
        ),
        Err(error) => Finding::wrong(
            format!("/healthz: {error}"),
            silent("the editor runs, but does not answer".to_owned()),
        ),
    }
}

/// Whether somebody has used the editor in the last minute, by what `/healthz` said.
pub(crate) fn in_use(finding: &Finding) -> bool {
    finding.evidence.contains("\"alive\"")
}

fn silent(message: String) -> Cause {
    Cause::critical("editor_not_answering", message, "doorcode restart").with_action(FixAction::Restart)
}

/// Processor time that the editor's parent and its server have used so far (proc(5), fields 14 and 15 of stat).
#[cfg(target_os = "linux")]
fn ticks(pid: u32) -> Option<u64> {
    let used = |pid: u32| -> Option<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name, in parentheses, may contain anything.
        let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_whitespace();
        let user: u64 = fields.nth(11)?.parse().ok()?;
        Some(user + fields.next()?.parse::<u64>().ok()?)
    };
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let of_children = children
        .split_whitespace()
        .filter_map(|child| used(child.parse().ok()?));
    Some(used(pid)? + of_children.sum::<u64>())
}

#[cfg(not(target_os = "linux"))]
fn ticks(_: u32) -> Option<u64> {
    None
}
