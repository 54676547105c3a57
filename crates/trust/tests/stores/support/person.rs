//! A person whose answers are known before, and who remembers what was shown.

use std::collections::VecDeque;
use std::sync::Mutex;

use doorcode_trust::{Ask, CommandLine, Secret, StoreReport};

#[derive(Default)]
pub(crate) struct Person {
    approves: bool,
    secrets: Mutex<VecDeque<String>>,
    seen: Mutex<Seen>,
}

/// What a person was shown.
#[derive(Default, Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) commands: Vec<String>,
    pub(crate) prompts: Vec<String>,
    pub(crate) lines: Vec<String>,
    pub(crate) finished: Vec<String>,
}

impl Person {
    /// Refuses commands, and gives no password.
    pub(crate) fn silent() -> Person {
        Person::default()
    }

    /// Lets commands run, and gives these passwords one after the other.
    pub(crate) fn who_gives(secrets: &[&str]) -> Person {
        Person {
            approves: true,
            secrets: Mutex::new(secrets.iter().map(|secret| (*secret).to_owned()).collect()),
            seen: Mutex::default(),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().expect("no test panics with it").clone()
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().expect("no test panics with it"));
    }
}

impl Ask for Person {
    fn command(&self, command: &CommandLine) -> bool {
        self.note(|seen| seen.commands.push(command.to_string()));
        self.approves
    }

    fn secret(&self, prompt: &str) -> Option<Secret> {
        self.note(|seen| seen.prompts.push(prompt.to_owned()));
        let next = self.secrets.lock().expect("no test panics with it").pop_front();
        next.map(Secret::new)
    }

    fn output(&self, line: &str) {
        self.note(|seen| seen.lines.push(line.to_owned()));
    }

    fn progress(&self, report: &StoreReport) {
        self.note(|seen| seen.finished.push(report.id.to_string()));
    }
}
