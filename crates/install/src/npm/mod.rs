//! A code-server from the npm registry, built here.

mod environment;
mod meter;
mod node_build;
mod registry;
mod tools;
mod workshop;

use std::fs;
use std::path::Path;

use crate::install_error::Trouble;
use crate::progress::{Phase, Run};
use crate::staging::Staging;
use crate::terminal::Tool;
use crate::{InstallError, Version, shape};

use self::meter::Meter;
use self::workshop::Workshop;

/// About what `app/` grows to, in bytes: 4.139.1 with its compiled modules.
const EXPECTED_APP: u64 = 621_000_000;

/// Builds this version in the staging tree: `node/` (the binary and its licence),
/// `app/node_modules/code-server`, and `install.log`.
///
/// # Errors
/// [`InstallError`].
pub(crate) fn build(staging: &Staging, version: Version, run: &Run) -> Result<(), InstallError> {
    run.report(Phase::Checking, 0, None, None);
    let path_var = std::env::var_os("PATH");
    let tools = tools::check(path_var.as_deref(), run)?;
    let major = registry::node_major(&tools.npm, version, run)?;

    let tree = staging.tree();
    let mut workshop = Workshop::new(run, &tree.join("install.log"))?;
    let headers = node_build::bring(staging, major, &tools.python, path_var.as_deref(), &mut workshop)?;

    let app = tree.join("app");
    fs::create_dir(&app).trouble("create", &app)?;
    let manifest = app.join("package.json");
    fs::write(&manifest, package_json(version)).trouble("write", &manifest)?;
    let node_folder = tree.join("node/bin");
    let npm_install = Tool {
        program: &tools.npm,
        args: vec!["install".into()],
        folder: &app,
        environment: environment::for_npm_install(&node_folder, path_var.as_deref(), &headers)?,
    };
    workshop.execute(Phase::Building, &npm_install, Meter::new(&app, EXPECTED_APP))?;
    scripts_ran(&tree)
}

/// The folder's own package: one dependency, and the install scripts that npm is to run (its `allowScripts`,
/// since npm 11).
fn package_json(version: Version) -> String {
    let manifest = serde_json::json!({
        "private": true,
        "dependencies": { "code-server": version.to_string() },
        "allowScripts": { "code-server": true, "argon2": true },
    });
    format!("{manifest:#}\n")
}

/// code-server's postinstall script brings the editor's own packages; an npm that is set to run no scripts
/// succeeds without it, and so does `--version`.
fn scripts_ran(tree: &Path) -> Result<(), InstallError> {
    let missing = shape::package_in(tree).join("lib/vscode/node_modules");
    if missing.is_dir() {
        Ok(())
    } else {
        Err(InstallError::ScriptsNotRun { missing })
    }
}
