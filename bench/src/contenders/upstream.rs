//! What stands behind a proxy: the stub, or a real code-server; on a unix socket, without TLS or a sign-in of its own.

use std::path::{Path, PathBuf};

use crate::error::BenchError;
use crate::process::Process;
use crate::site::Site;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Upstream {
    Stub,
    Editor,
}

impl Upstream {
    /// For the names of folders.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stub => "stub",
            Self::Editor => "editor",
        }
    }

    /// Starts one on `socket`, with `home` as its home.
    pub(crate) fn launch(self, site: &Site, home: &Path, socket: &Path) -> Result<Process, BenchError> {
        let (program, first) = self.program(site)?;
        let mut command = site.command(&program, home);
        command
            .args(first)
            .args(code_server_arguments(home))
            .arg("--socket")
            .arg(socket);
        Process::start("the upstream", command, home.join("upstream.log"))
    }

    /// The program that takes code-server's flags, and what it needs to be told first.
    pub(crate) fn program(self, site: &Site) -> Result<(PathBuf, Vec<PathBuf>), BenchError> {
        match self {
            Self::Stub => Ok((site.bench.clone(), vec![PathBuf::from("stub")])),
            Self::Editor => code_server(site),
        }
    }
}

/// The program that runs code-server, and its first arguments.
pub(crate) fn code_server(site: &Site) -> Result<(PathBuf, Vec<PathBuf>), BenchError> {
    site.code_server
        .clone()
        .ok_or_else(|| BenchError::Unexpected("this needs --code-server".to_owned()))
}

/// The flags of a code-server that asks for no password, keeps to `home` and calls nobody.
pub(crate) fn code_server_arguments(home: &Path) -> Vec<String> {
    let below = |name: &str| home.join(name).display().to_string();
    [
        "--auth".to_owned(),
        "none".to_owned(),
        "--config".to_owned(),
        below("config.yaml"),
        "--user-data-dir".to_owned(),
        below("user-data"),
        "--extensions-dir".to_owned(),
        below("extensions"),
        "--disable-telemetry".to_owned(),
        "--disable-update-check".to_owned(),
    ]
    .into()
}

/// A line of shell that runs `program` with `first` and then what the shell was given.
pub(crate) fn shell(program: &Path, first: &[PathBuf]) -> String {
    let words: Vec<String> = std::iter::once(program)
        .chain(first.iter().map(PathBuf::as_path))
        .map(quoted)
        .collect();
    format!("exec {} \"$@\"", words.join(" "))
}

/// In single quotes, within which only the quote itself means something to a shell.
fn quoted(word: &Path) -> String {
    format!("'{}'", word.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_quotes_and_spaces_stays_one_word() {
        let line = shell(Path::new("/a b/it's"), &[PathBuf::from("stub")]);
        assert_eq!(line, r#"exec '/a b/it'\''s' 'stub' "$@""#);
    }
}
