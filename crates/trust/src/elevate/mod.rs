//! One command with root's rights, which the person has seen before it runs.

mod terminal;

use std::io::Write;

use crate::ask::{Ask, CommandLine};
use crate::error::TrustError;
use crate::places::Places;

/// What root is to do.
pub(crate) struct Work {
    /// For `sh -c`.
    pub(crate) script: String,
    /// Its standard input.
    pub(crate) input: String,
    /// The same to be typed by hand, where there is no way to root's rights from here.
    pub(crate) by_hand: String,
}

/// Shows the command, and runs it by pkexec where there is a graphical session, by sudo otherwise, or as it is for root. What
/// these ask is passed on to the person.
///
/// # Errors
/// [`TrustError::CalledOff`] with nothing done; [`TrustError::NoRights`]; the command's own failure.
pub(crate) fn run(places: &Places, work: &Work, ask: &dyn Ask) -> Result<(), TrustError> {
    match way(places) {
        Some(way) => run_by(way, places, work, ask),
        None => Err(TrustError::NoRights {
            command: CommandLine(script(work).to_vec()),
            by_hand: work.by_hand.clone(),
        }),
    }
}

fn script(work: &Work) -> [String; 3] {
    ["sh", "-c", &work.script].map(str::to_owned)
}

fn run_by(way: Way, places: &Places, work: &Work, ask: &dyn Ask) -> Result<(), TrustError> {
    let command = CommandLine(way.words().into_iter().chain(script(work)).collect());
    if !ask.command(&command) {
        return Err(TrustError::CalledOff);
    }
    let failed = |source| TrustError::File {
        path: std::env::temp_dir(),
        source,
    };
    // 0600, and opened before root's rights begin: nobody can put another in its place.
    let mut input = tempfile::NamedTempFile::new().map_err(failed)?;
    input.write_all(work.input.as_bytes()).map_err(failed)?;
    let ended = terminal::run(places, &command, input.path(), ask)?;
    if ended.success {
        return Ok(());
    }
    if way == Way::Pkexec && ended.code == PKEXEC_DISMISSED {
        return Err(TrustError::CalledOff);
    }
    Err(TrustError::Command {
        command,
        output: ended.output,
    })
}

/// The dialog was dismissed, or the person may not (pkexec(1)).
const PKEXEC_DISMISSED: u32 = 126;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    AlreadyRoot,
    Pkexec,
    Sudo,
}

impl Way {
    fn words(self) -> Vec<String> {
        match self {
            Way::AlreadyRoot => Vec::new(),
            Way::Pkexec => vec!["pkexec".to_owned()],
            Way::Sudo => vec!["sudo".to_owned()],
        }
    }
}

fn way(places: &Places) -> Option<Way> {
    if nix::unistd::geteuid().is_root() {
        return Some(Way::AlreadyRoot);
    }
    if places.graphical() && places.program("pkexec").is_some() {
        return Some(Way::Pkexec);
    }
    places.program("sudo").map(|_| Way::Sudo)
}

#[cfg(test)]
mod tests;
