//! Memory: what is left of it, what the editor takes, and whether the system had to kill for it.

use super::disk::bytes;
use crate::finding::Finding;
use crate::report::{Cause, FixAction};
use crate::subject::{Condition, Editor};

/// With less of it left, the system is about to kill something.
const LOW_SHARE: f64 = 0.05;
/// Unless so much is left: a large machine has room in a small share.
const ENOUGH: u64 = 512 << 20;

/// Reads /proc, which does not block.
pub(crate) fn look(editor: &Editor) -> Finding {
    judge(editor, left())
}

#[derive(Debug, Clone, Copy)]
struct Left {
    available: u64,
    total: u64,
}

fn judge(editor: &Editor, left: Option<Left>) -> Finding {
    let mut seen = Vec::new();
    seen.extend(left.map(|left| format!("{} of {} available", bytes(left.available), bytes(left.total))));
    seen.extend(
        editor
            .rss_bytes
            .map(|rss| format!("the editor takes {}", bytes(rss))),
    );
    let (hosts, held) = editor.lingering;
    if hosts > 0 {
        seen.push(format!("{} of it for {hosts} closed tabs", bytes(held)));
    }
    let down = matches!(editor.condition, Condition::Backoff(_) | Condition::Failed(_));
    let killed = down && (editor.memory_kills > 0 || ran_out(&editor.log_tail));
    let low = left
        .filter(|left| left.available < ENOUGH && (left.available as f64) < left.total as f64 * LOW_SHARE);
    let cause = if killed {
        Some(
            Cause::critical(
                "out_of_memory",
                "the editor ended because the machine, or its limit, had no memory left for it",
                "close programs or editor tabs, or give the machine or the container more memory; then `doorcode restart`",
            )
            .with_action(FixAction::Restart)
            .seen_by(killer(editor)),
        )
    } else {
        low.map(|left| low_memory(left, editor.lingering))
    };
    Finding::pass(seen.join("; ")).and(cause)
}

fn low_memory(left: Left, (hosts, held): (usize, u64)) -> Cause {
    let message = format!(
        "this machine has nearly no memory left: {} of {}",
        bytes(left.available),
        bytes(left.total)
    );
    match hosts {
        0 => Cause::warning(
            "memory_low",
            message,
            "`ps -eo rss,pid,comm --sort=-rss | head` shows the largest programs; close those that are not needed",
        ),
        _ => Cause::warning(
            "memory_low",
            format!(
                "{message}; {} of it are held for {hosts} closed editor tabs",
                bytes(held)
            ),
            "doorcode free-memory",
        )
        .with_action(FixAction::FreeMemory),
    }
}

/// Node says so itself when it reaches its own limit, and is then not killed.
fn ran_out(log: &[String]) -> bool {
    log.iter()
        .any(|line| line.contains("heap out of memory") || line.contains("Out of memory"))
}

fn killer(editor: &Editor) -> String {
    if editor.memory_kills > 0 {
        return format!(
            "the kernel has killed {} processes for memory since it last ran",
            editor.memory_kills
        );
    }
    let line = editor
        .log_tail
        .iter()
        .rev()
        .find(|line| ran_out(std::slice::from_ref(line)));
    line.map_or_else(String::new, |line| format!("its log says: {}", line.trim()))
}

/// Of the machine, or of the control group that this process is in, whichever is less.
#[cfg(target_os = "linux")]
fn left() -> Option<Left> {
    let table = std::fs::read_to_string("/proc/meminfo").ok()?;
    let field = |name: &str| {
        let line = table.lines().find(|line| line.starts_with(name))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    };
    let machine = Left {
        available: field("MemAvailable:")?,
        total: field("MemTotal:")?,
    };
    Some(match group() {
        Some(group) if group.available < machine.available => group,
        _ => machine,
    })
}

/// cgroup v2, "Memory Interface Files" in the kernel's documentation. Pages of files count as used there, though they can
/// be had back, so they are taken off.
#[cfg(target_os = "linux")]
fn group() -> Option<Left> {
    let path = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = path.lines().find_map(|line| line.strip_prefix("0::"))?;
    let folder = std::path::Path::new("/sys/fs/cgroup").join(path.trim_start_matches('/'));
    let number = |name: &str| -> Option<u64> {
        std::fs::read_to_string(folder.join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    let total = number("memory.max")?;
    let stat = std::fs::read_to_string(folder.join("memory.stat")).ok()?;
    let files = stat.lines().filter_map(|line| {
        let (name, bytes) = line.split_once(' ')?;
        matches!(name, "inactive_file" | "active_file").then(|| bytes.parse::<u64>().ok())?
    });
    let used = number("memory.current")?.saturating_sub(files.sum());
    Some(Left {
        available: total.saturating_sub(used),
        total,
    })
}

#[cfg(not(target_os = "linux"))]
fn left() -> Option<Left> {
    None
}

#[cfg(test)]
mod tests {
    use doorcode_settings::Problem;

    use super::*;

    fn editor(condition: Condition) -> Editor {
        Editor {
            condition,
            pid: None,
            socket: "/nowhere".into(),
            log_tail: Vec::new(),
            memory_kills: 0,
            rss_bytes: None,
            lingering: (0, 0),
        }
    }

    fn code(editor: &Editor, available: u64) -> Option<String> {
        let left = Left {
            available,
            total: 8 << 30,
        };
        let finding = judge(editor, Some(left));
        finding.causes.first().map(|cause| cause.code.clone())
    }

    #[test]
    fn a_kill_counts_only_while_the_editor_is_down() {
        let ended = || Condition::Backoff(Problem::new("editor_exited", "it ended", ""));
        let mut editor = editor(ended());
        assert_eq!(code(&editor, 4 << 30), None, "it ended for another reason");
        editor.memory_kills = 1;
        assert_eq!(code(&editor, 4 << 30).as_deref(), Some("out_of_memory"));
        editor.condition = Condition::Running;
        assert_eq!(code(&editor, 4 << 30), None, "it runs again");
    }

    #[test]
    fn nodes_own_limit_is_seen_in_its_log() {
        let mut editor = editor(Condition::Failed(Problem::new(
            "editor_gave_up",
            "again and again",
            "",
        )));
        editor.log_tail = vec!["FATAL ERROR: Reached heap limit - JavaScript heap out of memory".into()];
        assert_eq!(code(&editor, 4 << 30).as_deref(), Some("out_of_memory"));
    }

    #[test]
    fn low_memory_offers_to_free_what_closed_tabs_hold() {
        let mut editor = editor(Condition::Running);
        assert_eq!(code(&editor, ENOUGH), None);
        assert_eq!(code(&editor, 100 << 20).as_deref(), Some("memory_low"));
        editor.lingering = (3, 700 << 20);
        let left = Left {
            available: 100 << 20,
            total: 8 << 30,
        };
        let cause = judge(&editor, Some(left)).causes.remove(0);
        assert_eq!(cause.action, Some(FixAction::FreeMemory));
        assert_eq!(cause.fix, "doorcode free-memory");
    }
}
