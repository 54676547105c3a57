//! What is wrong right now, from every part, the most telling first.

use doorcode_gateway::SignInAttack;
use doorcode_settings::{AuthMode, Problem};
use doorcode_supervisor::{EditorState, ExitReason};

use crate::task::{Core, lock};

impl Core {
    /// Everything that is wrong, and the codes of what keeps people from working, which comes first.
    pub(crate) fn problems(&self, editor: &EditorState) -> (Vec<Problem>, Vec<String>) {
        let mut problems = Vec::new();
        problems.extend(editor_problem(editor));
        problems.extend(self.settings_problem.clone());
        if self.settings.load().auth.mode == AuthMode::Password {
            problems.extend(lock(&self.password_problem).clone());
        }
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
        let found = self.health.problems(&problems);
        problems.extend(found);
        let mut critical = self.health.critical();
        // Known before the diagnosis has looked at it.
        critical.extend(editor_problem(editor).map(|problem| problem.code));
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

fn editor_problem(editor: &EditorState) -> Option<Problem> {
    match editor {
        EditorState::Failed { problem, .. } => Some(problem.clone()),
        EditorState::Backoff { attempt, last, .. } => Some(editor_exited(*attempt, last)),
        _ => None,
    }
}

pub(crate) fn editor_exited(attempt: u32, last: &ExitReason) -> Problem {
    Problem::new(
        "editor_exited",
        format!("the editor ended by itself ({last}); it is started again (attempt {attempt})"),
        "doorcode logs --editor",
    )
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
        "doorcode logs --access shows each attempt; who is signed in: doorcode sessions list",
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
