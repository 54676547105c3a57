//! What a path to code-server stands for.

use std::fs;
use std::path::{Path, PathBuf};

use crate::path_search::is_executable;
use crate::rejected::Reason;

/// The JavaScript that starts code-server, inside its package.
const ENTRY: &str = "out/node/entry.js";

/// The package, inside an install from npm.
const PACKAGE: &str = "app/node_modules/code-server";

/// The two ways to run a code-server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An executable that knows how to start itself.
    Executable(PathBuf),
    /// JavaScript.
    Module {
        /// The folder of the package.
        root: PathBuf,
        /// Its `out/node/entry.js`.
        entry: PathBuf,
        /// The Node that came with it.
        own_node: Option<PathBuf>,
        /// Where another Node may stand that was meant for it.
        nearby_node: PathBuf,
    },
}

/// Recognises, with links followed: an `out/node/entry.js` (npm's command is a link to it); the
/// `bin/code-server` of a standalone release (`lib/node` and `out/node/entry.js` beside it, which that script
/// runs); any other executable.
///
/// # Errors
/// Why the path is none of these.
pub(crate) fn recognise(path: &Path) -> Result<Shape, Reason> {
    let file = fs::canonicalize(path).map_err(Reason::Unreadable)?;
    if !file.is_file() {
        return Err(Reason::NotAFile);
    }
    if file.extension().is_some_and(|extension| extension == "js") {
        let root = folder_above(&file, Path::new(ENTRY))
            .ok_or_else(|| Reason::NotCodeServer("it has another name".to_owned()))?;
        return Ok(module(root, path));
    }
    if !is_executable(&file) {
        return Err(Reason::NotExecutable);
    }
    let release = folder_above(&file, Path::new("bin/code-server"))
        .filter(|root| root.join(ENTRY).is_file() && is_executable(&root.join("lib/node")));
    Ok(match release {
        Some(root) => module(root, path),
        None => Shape::Executable(file),
    })
}

/// Where the program is inside an install of ours.
pub(crate) fn program_in(install: &Path) -> PathBuf {
    let from_npm = package_in(install).join(ENTRY);
    if from_npm.is_file() {
        from_npm
    } else {
        install.join("bin/code-server")
    }
}

/// Where the package is inside an install from npm.
pub(crate) fn package_in(install: &Path) -> PathBuf {
    install.join(PACKAGE)
}

/// Where the Node of an install from npm is.
pub(crate) fn node_in(install: &Path) -> PathBuf {
    install.join("node/bin/node")
}

fn module(root: &Path, named: &Path) -> Shape {
    let release_node = root.join("lib/node");
    let npm_node = folder_above(root, Path::new(PACKAGE)).map(node_in);
    let own_node = [Some(release_node), npm_node]
        .into_iter()
        .flatten()
        .find(|node| is_executable(node));
    Shape::Module {
        root: root.to_owned(),
        entry: root.join(ENTRY),
        own_node,
        nearby_node: named.with_file_name("node"),
    }
}

/// `/a/b/c/d` above `c/d` is `/a/b`.
fn folder_above<'a>(path: &'a Path, end: &Path) -> Option<&'a Path> {
    if !path.ends_with(end) {
        return None;
    }
    path.ancestors().nth(end.components().count())
}
