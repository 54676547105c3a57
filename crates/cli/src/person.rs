//! The person at the terminal: questions with a yes or no, and passwords that other programs ask for.

use std::io::{self, IsTerminal, Write};

use anstream::{eprint, eprintln};
use doorcode_settings::Problem;
use doorcode_trust::{Ask, CommandLine, Secret, StoreReport};

use crate::failure::Failure;
use crate::output::{self, DIM};

/// Asks on the terminal; where there is none, only `yes` is an answer. `with_yes` is the command that has it.
pub(crate) fn confirm(question: &str, yes: bool, with_yes: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let message = format!("{question} There is no terminal to answer on, so nothing was changed");
        return Err(Problem::new("confirmation_needed", message, with_yes).into());
    }
    match agrees(question) {
        true => Ok(()),
        false => Err(Problem::new("not_confirmed", "nothing was changed", "").into()),
    }
}

/// Asks on the terminal, which is there.
pub(crate) fn agrees(question: &str) -> bool {
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stderr()
        .flush()
        .and_then(|()| io::stdin().read_line(&mut answer));
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Whoever started this command, while trust stores are changed.
pub(crate) struct Person {
    /// They have said yes to everything already.
    pub(crate) yes: bool,
    /// Tell them of each store as it has had its turn.
    pub(crate) wants_progress: bool,
}

impl Ask for Person {
    fn command(&self, command: &CommandLine) -> bool {
        eprintln!("This needs root's rights. The command:\n\n    {command}\n");
        if self.yes {
            return true;
        }
        if !io::stdin().is_terminal() {
            eprintln!("There is no terminal to answer on, so it does not run. With --yes it does.");
            return false;
        }
        agrees("Run it?")
    }

    /// From the terminal itself, unseen, whatever standard input is.
    fn secret(&self, prompt: &str) -> Option<Secret> {
        let prompt = match prompt.trim_end() {
            prompt if prompt.ends_with(':') => format!("{prompt} "),
            prompt => format!("{prompt}: "),
        };
        let typed = rpassword::prompt_password(prompt).ok()?;
        (!typed.is_empty()).then(|| Secret::new(typed))
    }

    fn output(&self, line: &str) {
        eprintln!("{DIM}  {line}{DIM:#}");
    }

    fn progress(&self, report: &StoreReport) {
        if self.wants_progress {
            output::store(report);
        }
    }
}
