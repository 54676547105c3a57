//! From a path to a code-server that has answered.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::code_server::command;
use crate::probe::{Question, ask, command_line};
use crate::rejected::Reason;
use crate::shape::{Shape, recognise};
use crate::version::printed;
use crate::{CodeServer, MINIMUM_VERSION, Origin, Version, node, path_search};

/// Recognises what `path` is, chooses the Node for it if it needs one (its own, the one beside the command,
/// those of `path_var`), and asks for its version.
///
/// # Errors
/// Why it cannot be used.
pub(crate) fn examine(path: &Path, origin: Origin, path_var: Option<&OsStr>) -> Result<CodeServer, Reason> {
    let (node, entry) = match recognise(path)? {
        Shape::Executable(file) => (None, file),
        Shape::Module {
            root,
            entry,
            own_node,
            nearby_node,
        } => {
            let needed = node::required(&root)?;
            let node = match own_node {
                Some(own) => own,
                None => {
                    let mut candidates = path_search::all("node", path_var);
                    if path_search::is_executable(&nearby_node) {
                        candidates.insert(0, nearby_node);
                    }
                    node::choose(&candidates, &needed)?
                }
            };
            (Some(node), entry)
        }
    };
    let version = version_of(command(node.as_deref(), &entry))?;
    if version < MINIMUM_VERSION {
        return Err(Reason::TooOld { version });
    }
    Ok(CodeServer {
        node,
        entry,
        version,
        origin,
    })
}

/// What `--version` prints, with an empty configuration file of our own: code-server would otherwise write
/// `~/.config/code-server/config.yaml`, with a password in it, only to say its version.
fn version_of((program, mut args): (PathBuf, Vec<OsString>)) -> Result<Version, Reason> {
    let broken = |command: String, what: String| Reason::Broken {
        command,
        what,
        output: String::new(),
    };
    let config = tempfile::Builder::new()
        .prefix("doorcode-")
        .suffix(".yaml")
        .tempfile();
    let config = config.map_err(|error| {
        broken(
            program.display().to_string(),
            format!("no temporary file for its configuration: {error}"),
        )
    })?;
    // As a person would ask: the empty file is gone when they read this.
    let command = command_line(program.as_os_str(), &[&*args, &["--version".into()]].concat());
    args.extend([
        "--config".into(),
        config.path().as_os_str().to_owned(),
        "--version".into(),
    ]);
    let question = Question::new(&program, args);
    match ask(&question, || false) {
        Ok(answer) => printed(&answer.stdout).ok_or_else(|| Reason::NoVersion {
            command,
            output: answer.everything(),
        }),
        Err(why) => Err(Reason::unanswered(command, why)),
    }
}
