//! What is wrong right now, from every part, the most telling first.

use doorcode_gateway::SignInAttack;
use doorcode_settings::{AuthMode, Problem, Program};
use doorcode_supervisor::{EditorState, ExitReason};

use crate::launch::Launched;
use crate::task::{Core, lock};

impl Core {
    /// Everything that is wrong, and the codes of what keeps people from working, which comes first.
    pub(crate) fn problems(&self, editor: &EditorState) -> (Vec<Problem>, Vec<String>) {
        let mut problems = Vec::new();
        let launched = self.launched.load();
        problems.extend(editor_problem(editor, &launched));
        problems.extend(self.settings_problem.clone());
        let password_problem = match self.settings.load().auth.mode {
            AuthMode::Password => lock(&self.password_problem).clone(),
            AuthMode::None | AuthMode::TrustedProxy => None,
        };
        problems.extend(password_problem.clone());
        problems.extend(
            self.gateway
                .sign_in_attack()
                .map(|attack| sign_in_attack(&attack)),
        );
        problems.extend(self.certificates.problems());
        problems.extend(self.sessions_problem.clone());
        problems.extend(self.sessions.trouble());
        problems.extend(self.devices_problem.clone());
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
                    "`df -h '{0}'` shows whether the disk is full, `ls -ld '{0}'` whose the folder is",
                    trouble.path.parent().unwrap_or(&trouble.path).display()
                ),
            )
        }));
        problems.extend(waiting("editor", &self.waiting_for_editor(), "doorcode restart"));
        problems.extend(waiting(
            "engine",
            &self.waiting_for_engine(),
            "end the engine: Ctrl-C where it runs, or `doorcode stop --engine`; then `doorcode up`",
        ));
        let found = self.health.problems(&problems).into_iter();
        // What the keyring says now is told above; the last report may be about what it said before.
        problems.extend(found.filter(|problem| !problem.code.starts_with("keyring_")));
        let mut critical = self.health.critical();
        // Known before the diagnosis has looked at it.
        critical.extend(password_problem.map(|problem| problem.code));
        critical.extend(editor_problem(editor, &launched).map(|problem| problem.code));
        let broken = broken_first(&mut problems, &critical);
        (problems, broken)
    }
}

/// Puts the problems with a `critical` code in front, otherwise in their order; gives their codes.
fn broken_first(problems: &mut [Problem], critical: &[String]) -> Vec<String> {
    problems.sort_by_key(|problem| !critical.contains(&problem.code));
    let broken = problems
        .iter()
        .take_while(|problem| critical.contains(&problem.code));
    broken.map(|problem| problem.code.clone()).collect()
}

fn editor_problem(editor: &EditorState, launched: &Launched) -> Option<Problem> {
    match editor {
        EditorState::Failed { problem, .. } => Some(editor_failed(problem, launched)),
        EditorState::Backoff { attempt, last, .. } => Some(editor_exited(*attempt, last, launched)),
        _ => None,
    }
}

/// An editor that ended by itself and is started again.
pub(crate) fn editor_exited(attempt: u32, last: &ExitReason, launched: &Launched) -> Problem {
    let message = format!("the editor ended by itself ({last}); it is started again (attempt {attempt})");
    with_program(&Problem::new("editor_exited", message, ""), launched)
}

/// An editor that is not started again. Where it is the program's doing, the program is named.
pub(crate) fn editor_failed(problem: &Problem, launched: &Launched) -> Problem {
    match &*problem.code {
        "editor_gave_up" | "editor_not_ready" | "editor_not_started" => with_program(problem, launched),
        _ => problem.clone(),
    }
}

/// The same, with the program that it is about, where that comes from, and what can be done about it.
fn with_program(problem: &Problem, launched: &Launched) -> Problem {
    let log = "`doorcode logs --editor` shows all that it wrote";
    let (program, fix) = match (&launched.settings.editor.program, &launched.program) {
        (Program::Path(path), _) => {
            let path = path.display();
            (
                format!(". The program is {path}, which settings.toml names: [editor] program = \"{path}\""),
                format!(
                    "{log}. If that is the program you mean, mend what it complains of. If not, correct it under [editor], or write \
                     `program = \"auto\"` there, which takes the code-server on PATH or the one of `doorcode install`: `doorcode \
                     settings edit`. Then `doorcode restart`"
                ),
            )
        }
        (Program::Auto, found) => (
            found
                .as_ref()
                .map(|found| format!(". The program is {}", found.display()))
                .unwrap_or_default(),
            format!(
                "{log}; mend that, or bring a fresh code-server: `doorcode install`. Then `doorcode restart`"
            ),
        ),
    };
    Problem::new(&*problem.code, format!("{}{program}", problem.message), fix)
}

fn sign_in_attack(attack: &SignInAttack) -> Problem {
    let SignInAttack {
        wrong,
        turned_away,
        addresses,
        from,
    } = attack;
    let named = from.iter().map(address).collect::<Vec<_>>().join(", ");
    let others = match addresses.saturating_sub(from.len()) {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    Problem::new(
        "sign_in_attack",
        format!(
            "somebody may be guessing the password: {wrong} wrong and {turned_away} turned away in the last 10 minutes, \
             from {addresses} {} ({named}{others})",
            if *addresses == 1 { "address" } else { "addresses" }
        ),
        "`doorcode logs --access` shows each attempt, `doorcode sessions list` who is signed in. A password that could be guessed: \
         `doorcode password reset`",
    )
}

/// As the limiter counts them.
fn address(address: &std::net::IpAddr) -> String {
    match address {
        ip if ip.is_loopback() => "this machine".to_owned(),
        std::net::IpAddr::V6(network) => format!("{network}/64"),
        std::net::IpAddr::V4(ip) => ip.to_string(),
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use doorcode_settings::Settings;

    use super::*;

    #[test]
    fn what_keeps_people_out_comes_before_what_can_wait() {
        let mut problems =
            ["log_not_written", "certificate_expired", "disk_low"].map(|code| Problem::new(code, "", ""));
        let critical = ["certificate_expired", "tls_failed"].map(str::to_owned);
        assert_eq!(broken_first(&mut problems, &critical), ["certificate_expired"]);
        let order = problems.map(|problem| problem.code);
        assert_eq!(order, ["certificate_expired", "log_not_written", "disk_low"]);
    }

    #[test]
    fn a_program_that_ended_is_named_with_where_it_comes_from() {
        let launched = |program: Program, found: Option<&str>| {
            let mut settings = Settings::default();
            settings.editor.program = program;
            Launched {
                settings: Arc::new(settings),
                program: found.map(PathBuf::from),
            }
        };
        let last = ExitReason::Exited { status: 3 };
        let set = launched(Program::Path("/x/y".into()), Some("/x/y"));
        let gave_up = Problem::new("editor_gave_up", "the editor ended 5 times", "");
        for problem in [editor_exited(2, &last, &set), editor_failed(&gave_up, &set)] {
            assert!(
                problem.message.contains("[editor] program = \"/x/y\""),
                "{problem}"
            );
            assert!(problem.fix.contains("`program = \"auto\"`"), "{problem}");
            assert!(problem.fix.ends_with("`doorcode restart`"), "{problem}");
        }
        let found = editor_exited(2, &last, &launched(Program::Auto, Some("/usr/bin/code-server")));
        assert!(
            found.message.ends_with("The program is /usr/bin/code-server"),
            "{found}"
        );
        assert!(found.fix.contains("`doorcode install`"), "{found}");
        // What is not the program's doing has a next step of its own.
        let folder = Problem::new("folder_missing", "no folder", "mkdir");
        assert_eq!(editor_failed(&folder, &set), folder);
    }

    #[test]
    fn an_attack_is_said_with_its_numbers_and_places() {
        let problem = sign_in_attack(&SignInAttack {
            wrong: 31,
            turned_away: 7,
            addresses: 4,
            from: ["127.0.0.1", "2001:db8::", "10.0.0.9"]
                .map(|ip| ip.parse().expect("an address"))
                .to_vec(),
        });
        assert_eq!(
            problem.message,
            "somebody may be guessing the password: 31 wrong and 7 turned away in the last 10 minutes, from 4 addresses \
             (this machine, 2001:db8::/64, 10.0.0.9 and 1 more)"
        );
    }
}
