//! What has to be on the machine before code-server's native modules can be compiled.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::probe::{Question, Unanswered, ask};
use crate::progress::Run;
use crate::{InstallError, path_search};

/// The tools that are run by name.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) npm: PathBuf,
    pub(super) python: PathBuf,
}

/// Programs, with the Debian package that has them.
const PROGRAMS: &[(&str, &str)] = &[("npm", "npm"), ("python3", "python3"), ("make", "make")];

/// Any of these compiles C++.
const COMPILERS: &[&str] = &["g++", "c++", "clang++"];

/// Libraries by their pkg-config name, with the Debian package that has their headers. macOS has these in its
/// frameworks.
const LIBRARIES: &[(&str, &str)] = if cfg!(target_os = "macos") {
    &[]
} else {
    &[
        ("krb5", "libkrb5-dev"),
        ("x11", "libx11-dev"),
        ("xkbfile", "libxkbfile-dev"),
        ("libsecret-1", "libsecret-1-dev"),
    ]
};

/// Checks them all, so that one command can bring what is missing.
///
/// # Errors
/// [`InstallError::ToolsMissing`]; [`InstallError::Cancelled`].
pub(super) fn check(path_var: Option<&OsStr>, run: &Run) -> Result<Tools, InstallError> {
    let find = |name: &str| path_search::first(name, path_var);
    let mut missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(name, _)| find(name).is_none())
        .map(|tool| tool.1)
        .collect();
    if !COMPILERS.iter().any(|name| find(name).is_some()) {
        missing.push("g++");
    }
    let python = find("python3");
    let venv = "import venv, ensurepip";
    if !python
        .as_deref()
        .map_or(Ok(false), |python| succeeds(python, &["-c", venv], run))?
    {
        missing.push("python3-venv");
    }
    missing.extend(missing_libraries(find("pkg-config").as_deref(), run)?);
    match (find("npm"), python) {
        (Some(npm), Some(python)) if missing.is_empty() => Ok(Tools { npm, python }),
        _ => Err(InstallError::ToolsMissing {
            fix: fix(&missing, find("apt-get").is_some()),
            missing,
        }),
    }
}

/// Without pkg-config nobody knows: then all of them are named, which does no harm.
fn missing_libraries(pkg_config: Option<&Path>, run: &Run) -> Result<Vec<&'static str>, InstallError> {
    if LIBRARIES.is_empty() {
        return Ok(Vec::new());
    }
    let Some(pkg_config) = pkg_config else {
        return Ok(std::iter::once("pkg-config")
            .chain(LIBRARIES.iter().map(|library| library.1))
            .collect());
    };
    let mut missing = Vec::new();
    for (name, package) in LIBRARIES {
        if !succeeds(pkg_config, &["--exists", name], run)? {
            missing.push(*package);
        }
    }
    Ok(missing)
}

fn succeeds(program: &Path, args: &[&str], run: &Run) -> Result<bool, InstallError> {
    match ask(&Question::new(program, args), || run.cancel.is_cancelled()) {
        Ok(_) => Ok(true),
        Err(Unanswered::Stopped) => Err(InstallError::Cancelled),
        Err(_) => Ok(false),
    }
}

/// The command that brings these Debian packages, or what comes nearest to it elsewhere.
fn fix(packages: &[&str], has_apt: bool) -> String {
    let packages = packages.join(" ");
    if has_apt {
        let sudo = if nix::unistd::geteuid().is_root() {
            ""
        } else {
            "sudo "
        };
        format!("{sudo}apt-get install -y {packages}")
    } else if cfg!(target_os = "macos") {
        "xcode-select --install; brew install node python3".to_owned()
    } else {
        format!("install these with the system's package manager (named here as Debian does): {packages}")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use tokio::sync::mpsc::unbounded_channel;
    use tokio_util::sync::CancellationToken;

    use super::*;

    fn run() -> Run {
        Run {
            cancel: CancellationToken::new(),
            progress: unbounded_channel().0,
        }
    }

    /// A folder with programs that succeed only when one of `known` is among their arguments, or always.
    fn programs(names: &[&str], known: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in names {
            let cases: String = known
                .iter()
                .map(|word| format!("[ \"$2\" = {word} ] && exit 0\n"))
                .collect();
            let verdict = if *name == "pkg-config" {
                format!("{cases}exit 1\n")
            } else {
                "exit 0\n".to_owned()
            };
            let file = folder.path().join(name);
            fs::write(&file, format!("#!/bin/sh\n{verdict}")).expect("written");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("made executable");
        }
        folder
    }

    fn missing_in(folder: &tempfile::TempDir) -> (Vec<&'static str>, String) {
        match check(Some(folder.path().as_os_str()), &run()) {
            Err(InstallError::ToolsMissing { missing, fix }) => (missing, fix),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn on_a_bare_machine_everything_is_named_at_once() {
        let (missing, fix) = missing_in(&programs(&["apt-get"], &[]));
        let libraries = [
            "pkg-config",
            "libkrb5-dev",
            "libx11-dev",
            "libxkbfile-dev",
            "libsecret-1-dev",
        ];
        assert_eq!(
            missing,
            [&["npm", "python3", "make", "g++", "python3-venv"][..], &libraries].concat()
        );
        assert!(
            fix.contains("apt-get install -y npm python3 make g++ python3-venv pkg-config libkrb5-dev"),
            "{fix}"
        );
    }

    #[test]
    fn only_what_is_missing_is_named() {
        let folder = programs(
            &["npm", "python3", "make", "clang++", "pkg-config", "apt-get"],
            &["krb5", "x11", "xkbfile"],
        );
        let (missing, fix) = missing_in(&folder);
        assert_eq!(missing, ["libsecret-1-dev"]);
        assert!(fix.ends_with("apt-get install -y libsecret-1-dev"), "{fix}");
    }

    #[test]
    fn without_apt_the_packages_are_still_named() {
        let (_, fix) = missing_in(&programs(
            &["npm", "python3", "make", "g++", "pkg-config"],
            &["krb5"],
        ));
        assert!(
            fix.contains("libx11-dev libxkbfile-dev libsecret-1-dev") && !fix.contains("apt-get"),
            "{fix}"
        );
    }

    #[test]
    fn with_everything_there_the_tools_are_found() {
        let names = ["npm", "python3", "make", "c++", "pkg-config"];
        let folder = programs(&names, &["krb5", "x11", "xkbfile", "libsecret-1"]);
        let tools = check(Some(folder.path().as_os_str()), &run()).expect("all there");
        assert_eq!(
            (tools.npm, tools.python),
            (folder.path().join("npm"), folder.path().join("python3"))
        );
    }
}
