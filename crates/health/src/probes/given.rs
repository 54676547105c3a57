//! What others have found out already: settings, keyring, code-server, ports.

use doorcode_settings::Problem;

use crate::finding::Finding;
use crate::report::{Cause, FixAction};
use crate::subject::{Keyring, Subject};

/// A settings file that is not in force, while the last good one is.
pub(crate) fn settings(subject: &Subject) -> Finding {
    match &subject.settings_problem {
        None => Finding::pass("the settings file is in force"),
        Some(problem) => {
            let cause = match subject.door {
                Some(_) => Cause::warning(&problem.code, &*problem.message, &*problem.fix),
                // Without an engine nothing starts with them.
                None => critical(problem),
            };
            Finding::wrong(&*problem.message, cause.with_action(FixAction::OpenSettings))
        }
    }
}

/// A password that cannot be read.
pub(crate) fn keyring(subject: &Subject) -> Finding {
    match &subject.keyring {
        Keyring::NotNeeded => Finding::skipped("nobody signs in with a password"),
        Keyring::Works => Finding::pass("the password can be read"),
        Keyring::Broken(problem) => Finding::wrong(&*problem.message, critical(problem)),
    }
}

/// No code-server to start.
pub(crate) fn code_server(found: &Result<String, Problem>) -> Finding {
    match found {
        Ok(found) => Finding::pass(found),
        Err(problem) => Finding::wrong(&*problem.message, critical(problem)),
    }
}

/// An address that somebody else holds.
pub(crate) fn port(problems: &[Problem]) -> Finding {
    match problems {
        [] => Finding::pass("every address can be listened on"),
        [problem, ..] => Finding::wrong(&*problem.message, critical(problem)),
    }
}

pub(crate) fn critical(problem: &Problem) -> Cause {
    Cause::critical(&problem.code, &*problem.message, &*problem.fix)
}
