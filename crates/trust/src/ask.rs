//! What a person is shown and asked while a store is changed.

use std::fmt;

use zeroize::Zeroizing;

use crate::report::StoreReport;

/// The person at the terminal or the window. Called from the thread that works; it may take its time to answer.
pub trait Ask: Send + Sync {
    /// Shows a command that is about to run with root's rights; `false` leaves everything as it is.
    fn command(&self, command: &CommandLine) -> bool;

    /// Asks for a password that a program wants, with that program's own prompt; `None` calls the work off.
    fn secret(&self, prompt: &str) -> Option<Secret>;

    /// Shows a line that a command has printed, without control characters.
    fn output(&self, line: &str);

    /// Tells that a store has had its turn.
    fn progress(&self, _report: &StoreReport) {}
}

/// A command as it will run: program first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(pub Vec<String>);

impl fmt::Display for CommandLine {
    /// As one would type it into a POSIX shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&quoted(word))?;
        }
        Ok(())
    }
}

/// A password; wiped when dropped, and never shown by `Debug`.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes what a person typed, without the end of the line.
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// The password itself, for the one program that asked.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A word for a POSIX shell: bare where that is safe, in single quotes otherwise.
fn quoted(word: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(bare) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let words = ["sudo", "sh", "-c", "rm -f \"$1\" && echo it's", "", "/a/b.crt"];
        let command = CommandLine(words.map(str::to_owned).to_vec());
        assert_eq!(
            command.to_string(),
            r#"sudo sh -c 'rm -f "$1" && echo it'\''s' '' /a/b.crt"#
        );
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert!(!format!("{:?}", Secret::new("hunter2".to_owned())).contains("hunter2"));
    }
}
