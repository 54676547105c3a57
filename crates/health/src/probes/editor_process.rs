//! Whether code-server runs at all.

use super::given::critical;
use crate::finding::Finding;
use crate::report::{Cause, FixAction, ProbeStatus};
use crate::subject::{Condition, Editor};

/// Lines of its log that are shown as evidence.
const LINES: usize = 3;

pub(crate) fn look(editor: &Editor) -> Finding {
    match &editor.condition {
        Condition::Running => Finding::pass(match editor.pid {
            Some(pid) => format!("process {pid}"),
            None => "it runs".to_owned(),
        }),
        // Nothing is wrong, and nothing behind it can answer yet.
        Condition::Starting => Finding::skipped("it is being started, which takes some seconds"),
        Condition::Stopping => Finding::skipped("it is being stopped"),
        Condition::NoEngine => Finding::wrong(
            "nothing of Doorcode runs for this user",
            Cause::critical(
                "engine_not_running",
                "Doorcode does not run, so there is neither a door nor an editor",
                "doorcode up",
            )
            .with_action(FixAction::Start),
        ),
        Condition::Stopped => Finding::wrong(
            "somebody stopped it (`doorcode stop`, or the window)",
            Cause::warning(
                "editor_stopped",
                "the editor is stopped; the door stays open and says so",
                "doorcode start",
            )
            .with_action(FixAction::Start),
        )
        .broken(),
        Condition::Backoff(problem) => {
            let cause = critical(problem).with_action(FixAction::OpenLogs);
            Finding::wrong(last_words(&problem.message, &editor.log_tail), cause)
        }
        Condition::Failed(problem) => {
            let cause = critical(problem).with_action(FixAction::Restart);
            Finding::wrong(last_words(&problem.message, &editor.log_tail), cause)
        }
    }
}

impl Finding {
    /// A warning behind which nothing can be reached.
    fn broken(self) -> Finding {
        Finding {
            status: ProbeStatus::Fail,
            ..self
        }
    }
}

fn last_words(message: &str, log: &[String]) -> String {
    let mut last: Vec<&str> = Vec::new();
    // An editor that is started again and again says the same each time.
    for line in log.iter().rev().map(|line| line.trim()) {
        let known = last.iter().any(|known| untimed(known) == untimed(line));
        if !line.is_empty() && !known && last.len() < LINES {
            last.push(line);
        }
    }
    last.reverse();
    match last.as_slice() {
        [] => format!("{message}; it wrote nothing"),
        [line] => format!("its last line: {line}"),
        lines => format!("its last lines: {}", lines.join(" | ")),
    }
}

/// A line without the time in brackets that code-server begins it with.
fn untimed(line: &str) -> &str {
    let rest = line.strip_prefix('[').and_then(|line| line.split_once("] "));
    rest.map_or(line, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use doorcode_settings::Problem;

    use super::*;

    #[test]
    fn one_that_ended_shows_its_last_lines() {
        let lines = ["one", "two", "three", "", "four"].map(str::to_owned);
        assert_eq!(
            last_words("it ended", &lines),
            "its last lines: two | three | four"
        );
        assert_eq!(last_words("it ended", &[]), "it ended; it wrote nothing");
    }

    #[test]
    fn what_each_start_says_again_is_shown_once() {
        let same = ["a part is missing"; 3].map(str::to_owned);
        assert_eq!(last_words("it ended", &same), "its last line: a part is missing");
        let starts = [
            "[2026-01-01T00:00:01.000Z] info  starts",
            "[2026-01-01T00:00:01.500Z] error a part is missing",
            "[2026-01-01T00:00:02.000Z] info  starts",
            "[2026-01-01T00:00:02.500Z] error a part is missing",
        ];
        assert_eq!(
            last_words("it ended", &starts.map(str::to_owned)),
            "its last lines: [2026-01-01T00:00:02.000Z] info  starts | \
             [2026-01-01T00:00:02.500Z] error a part is missing"
        );
    }

    #[test]
    fn one_that_a_person_stopped_is_a_warning_and_what_lies_behind_is_not_reached() {
        let mut editor = Editor {
            condition: Condition::Stopped,
            pid: None,
            socket: "/nowhere".into(),
            log_tail: Vec::new(),
            memory_kills: 0,
            rss_bytes: None,
            lingering: (0, 0),
        };
        let finding = look(&editor);
        assert_eq!(finding.status, ProbeStatus::Fail);
        assert_eq!(finding.causes[0].severity, crate::report::Severity::Warning);
        editor.condition =
            Condition::Failed(Problem::new("editor_gave_up", "five times", "doorcode restart"));
        assert_eq!(look(&editor).causes[0].code, "editor_gave_up");
        editor.condition = Condition::Starting;
        assert!(look(&editor).causes.is_empty(), "a start is no fault");
    }
}
