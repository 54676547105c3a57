//! Which code-server to run.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use doorcode_settings::{Problem, Program};
use thiserror::Error;
use tracing::warn;

use crate::examine::examine;
use crate::{CodeServer, Origin, Rejected, path_search, store};

/// The code-server to run. With [`Program::Path`] it is that one or none. With [`Program::Auto`] it is the
/// first that works: each `code-server` on `path_var`, then the current install in `install_dir`; one that is
/// passed over is logged as a warning.
///
/// Blocking: every candidate is run with `--version`, for 10 s at most.
///
/// # Errors
/// Every candidate with the reason why it cannot be used.
pub fn find(
    program: &Program,
    install_dir: &Path,
    path_var: Option<&OsStr>,
) -> Result<CodeServer, FindError> {
    if let Program::Path(path) = program {
        return examine(path, Origin::Setting, path_var).map_err(|reason| {
            FindError::Setting(Rejected {
                path: path.clone(),
                origin: Origin::Setting,
                reason,
            })
        });
    }
    let mut tried = Vec::new();
    for (path, origin) in candidates(install_dir, path_var) {
        match examine(&path, origin, path_var) {
            Ok(code_server) => {
                for passed_over in &tried {
                    warn!(reason = %passed_over, used = %code_server.entry.display(), "a code-server was passed over");
                }
                return Ok(code_server);
            }
            Err(reason) => tried.push(Rejected { path, origin, reason }),
        }
    }
    if tried.is_empty() {
        return Err(FindError::NotFound {
            install_dir: install_dir.to_owned(),
        });
    }
    Err(FindError::NoneUsable(tried))
}

/// Those on `PATH` in its order, each file once, and the current install.
fn candidates(install_dir: &Path, path_var: Option<&OsStr>) -> Vec<(PathBuf, Origin)> {
    let mut seen = HashSet::new();
    let on_path = path_search::all("code-server", path_var);
    let mut candidates: Vec<_> = { on_path.into_iter() }
        .filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())))
        .map(|path| (path, Origin::Path))
        .collect();
    candidates.extend(store::current_program(install_dir).map(|path| (path, Origin::Installed)));
    candidates
}

/// Why there is no code-server to run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FindError {
    /// The one that the settings name cannot be used.
    #[error("the code-server that editor.program names cannot be used: {0}")]
    Setting(Rejected),
    /// There are some, none can be used.
    #[error("no code-server can be used: {}", list(.0))]
    NoneUsable(Vec<Rejected>),
    /// There is none.
    #[error("there is no code-server on PATH and none in {}", install_dir.display())]
    NotFound {
        /// Where our own install would be.
        install_dir: PathBuf,
    },
}

fn list(tried: &[Rejected]) -> String {
    tried
        .iter()
        .map(Rejected::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

impl From<&FindError> for Problem {
    fn from(error: &FindError) -> Self {
        let (code, fix) = match error {
            FindError::Setting(rejected) => (rejected.reason.code(), CORRECT),
            FindError::NoneUsable(tried) => match tried.as_slice() {
                [only] => (only.reason.code(), "doorcode install"),
                _ => ("code_server_not_usable", "doorcode install"),
            },
            FindError::NotFound { .. } => ("code_server_missing", "doorcode install"),
        };
        Problem::new(code, error.to_string(), fix)
    }
}

/// A wrong path is put right in the settings; with "auto" our own install is used.
const CORRECT: &str = "correct the line `program = …` under [editor] with `doorcode settings edit`; or write `program = \"auto\"` there, and run \
                       `doorcode install`";
