//! Whether code-server answers `/healthz`, the one address that does not count as use, and opens a WebSocket there.

use std::path::Path;
use std::time::{Duration, Instant};

use http::StatusCode;

use super::editor_websocket;
use crate::dial::Failed;
use crate::finding::Finding;
use crate::over_socket::{Answered, Asked};
use crate::report::{Cause, FixAction};

/// An editor that works answers within milliseconds.
const LIMIT: Duration = Duration::from_millis(1_300);
/// One that is busy gets longer.
const BUSY_LIMIT: Duration = Duration::from_secs(12);
/// Processor time, in clock ticks of 10 ms, by which one that is busy is told from one that hangs.
const BUSY_TICKS: u64 = 5;

const IN_USE: &str = "/healthz answers; the editor was used within the last minute";
const UNUSED: &str = "/healthz answers; nobody has used the editor within the last minute";

/// What it answers, and whether it opens a WebSocket, which says something only where it answers. Blocking, for
/// [`BUSY_LIMIT`] at most and a little.
pub(crate) fn look(socket: &Path, pid: Option<u32>) -> (Finding, Finding) {
    let began = Instant::now();
    let before = pid.and_then(ticks);
    let mut answers = ask(socket, LIMIT);
    let silent = answers.page.is_err() || answers.websocket.is_err();
    if silent && began.elapsed() >= LIMIT && worked_since(before, pid) {
        answers = ask(socket, BUSY_LIMIT);
    }
    let websocket = editor_websocket::judge(&answers.websocket);
    (judge(answers.page).taking(began), websocket.taking(began))
}

struct Answers {
    page: Result<Answered, Failed>,
    websocket: Result<Answered, Failed>,
}

/// Asks both before it waits for either, and first for the one that is answered last: so one sleep is enough.
fn ask(socket: &Path, limit: Duration) -> Answers {
    let page = Asked::ask(socket, "/healthz", "connection: close\r\n");
    let websocket = Asked::ask(socket, "/healthz", editor_websocket::HEADERS);
    let websocket = websocket.and_then(|asked| asked.answer(limit));
    let page = page.and_then(|asked| asked.answer(limit));
    Answers { page, websocket }
}

fn judge(answer: Result<Answered, Failed>) -> Finding {
    match answer {
        // {"status":"alive"|"expired","lastHeartbeat":…} (code-server's src/node/routes/health.ts).
        Ok(answer) if answer.status == StatusCode::OK => {
            Finding::pass(match answer.text.contains("\"alive\"") {
                true => IN_USE,
                false => UNUSED,
            })
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
    finding.evidence == IN_USE
}

fn worked_since(before: Option<u64>, pid: Option<u32>) -> bool {
    let after = pid.and_then(ticks);
    after
        .zip(before)
        .is_some_and(|(after, before)| after.saturating_sub(before) >= BUSY_TICKS)
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
