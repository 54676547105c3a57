//! What is wrong right now, from every part, the most telling first.

use doorcode_settings::{AuthMode, Problem};
use doorcode_supervisor::EditorState;

use crate::task::{Core, lock};

impl Core {
    pub(crate) fn problems(&self, editor: &EditorState) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(editor_problem(editor));
        problems.extend(self.settings_problem.clone());
        if self.settings.load().auth.mode == AuthMode::Password {
            problems.extend(lock(&self.password_problem).clone());
        }
        problems.extend(self.certificates.problems.iter().cloned());
        problems.extend(self.sessions_problem.clone());
        problems.extend(self.sessions.trouble());
        problems.extend(self.logs.iter().filter_map(|log| log.trouble()).map(|trouble| {
            Problem::new(
                "log_not_written",
                format!(
                    "the log {} cannot be written ({}); {} lines are lost so far",
                    trouble.path.display(),
                    trouble.error,
                    trouble.lost_lines
                ),
                format!(
                    "df -h {}",
                    trouble.path.parent().unwrap_or(&trouble.path).display()
                ),
            )
        }));
        problems.extend(waiting("editor", &self.waiting_for_editor(), "doorcode restart"));
        problems.extend(waiting(
            "engine",
            &self.waiting_for_engine(),
            "end the engine (Ctrl-C where it runs, or doorcode stop --engine), then: doorcode up",
        ));
        problems
    }
}

fn editor_problem(editor: &EditorState) -> Option<Problem> {
    match editor {
        EditorState::Failed { problem, .. } => Some(problem.clone()),
        EditorState::Backoff { attempt, last, .. } => Some(Problem::new(
            "editor_exited",
            format!("the editor ended by itself ({last}); it is started again (attempt {attempt})"),
            "doorcode logs --editor",
        )),
        _ => None,
    }
}

fn waiting(what: &str, keys: &[String], fix: &str) -> Option<Problem> {
    (!keys.is_empty()).then(|| {
        Problem::new(
            format!("restart_{what}"),
            format!(
                "the new value of {} is in force once the {what} is started again",
                keys.join(", ")
            ),
            fix,
        )
    })
}
