//! The next step as it is written: words, and between backticks what is typed or pasted as it stands. A step that is one
//! command has no backticks.

/// A run of a next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What is read.
    Words(&'a str),
    /// A command, or lines of a configuration.
    Verbatim(&'a str),
}

/// The runs of `fix`, in order. The window finds them by the same rules (`ui/src/lib/fix.ts`).
pub fn pieces(fix: &str) -> Vec<Piece<'_>> {
    if is_command(fix) {
        return vec![Piece::Verbatim(fix)];
    }
    let runs = fix.split('`').enumerate();
    let runs = runs.filter(|(_, text)| !text.is_empty());
    runs.map(|(position, text)| match position % 2 {
        0 => Piece::Words(text),
        _ => Piece::Verbatim(text),
    })
    .collect()
}

/// `fix`, and after it `command`, unless it says so already.
pub(crate) fn then(fix: &str, command: &str) -> String {
    let marked = format!("`{command}`");
    if fix == command || fix.contains(&marked) {
        return fix.to_owned();
    }
    match is_command(fix) {
        true => format!("`{fix}`, then {marked}"),
        false => format!("{fix}; then {marked}"),
    }
}

/// Programs that a next step may begin with when all of it is a command.
const PROGRAMS: [&str; 21] = [
    "doorcode",
    "sudo",
    "apt",
    "apt-get",
    "dnf",
    "pacman",
    "zypper",
    "brew",
    "df",
    "ls",
    "ss",
    "lsof",
    "ps",
    "ulimit",
    "chmod",
    "mkdir",
    "journalctl",
    "systemctl",
    "timedatectl",
    "certutil",
    "date",
];

fn is_command(fix: &str) -> bool {
    let program = fix.split(' ').next().unwrap_or_default();
    // What words have and commands have not.
    let words = ["`", "; ", ": ", ", "];
    PROGRAMS.contains(&program) && !words.iter().any(|mark| fix.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_words() {
        use Piece::{Verbatim as V, Words as W};
        let table: [(&str, &[Piece<'_>]); 5] = [
            ("doorcode up", &[V("doorcode up")]),
            (
                "end it: `kill 12`, then `doorcode up`",
                &[W("end it: "), V("kill 12"), W(", then "), V("doorcode up")],
            ),
            ("`date` shows the clock", &[V("date"), W(" shows the clock")]),
            (
                "doorcode logs shows it; start again",
                &[W("doorcode logs shows it; start again")],
            ),
            ("", &[]),
        ];
        for (fix, expected) in table {
            assert_eq!(pieces(fix), expected, "{fix}");
        }
    }

    #[test]
    fn what_comes_after_is_said_once() {
        let up = |fix| then(fix, "doorcode up");
        assert_eq!(up("doorcode install"), "`doorcode install`, then `doorcode up`");
        assert_eq!(up("make room"), "make room; then `doorcode up`");
        for said in ["doorcode up", "`kill 12`, then `doorcode up`"] {
            assert_eq!(up(said), said);
        }
    }
}
