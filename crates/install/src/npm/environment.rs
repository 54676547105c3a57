//! The environments in which npm and pip neither ask nor do more than they are to.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use crate::{InstallError, environment};

/// npm's settings (docs/content/using-npm/config.md in npm): no questions, no requests that the install does
/// not need, nothing drawn on the terminal; a folder of its own and scripts that run, whatever the person's
/// npmrc says.
const NPM: &[(&str, &str)] = &[
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_update_notifier", "false"),
    ("npm_config_progress", "false"),
    ("npm_config_color", "false"),
    ("npm_config_yes", "true"),
    ("npm_config_global", "false"),
    ("npm_config_ignore_scripts", "false"),
    ("npm_config_dry_run", "false"),
];

/// pip's settings: no questions, and never a source package, because building Node takes hours.
const PIP: &[(&str, &str)] = &[
    ("PIP_NO_INPUT", "1"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_ONLY_BINARY", ":all:"),
    ("PIP_PROGRESS_BAR", "off"),
    ("PIP_USER", "0"),
    ("PIP_REQUIRE_VIRTUALENV", "0"),
];

/// Settings of pip that would put its packages elsewhere.
const PIP_REMOVED: &[&str] = &[
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_DRY_RUN",
    "PIP_NO_BINARY",
];

/// For programs that print plain lines.
const PLAIN: &[(&str, &str)] = &[("TERM", "dumb"), ("NO_COLOR", "1"), ("CI", "true")];

/// Variables for a question to npm, beyond the scrubbed environment.
pub(super) fn for_npm_question() -> Vec<(OsString, OsString)> {
    pairs(NPM).chain(pairs(PLAIN)).collect()
}

/// The whole environment of `npm install`: the Node in `node_folder` comes first, native modules are built
/// with its `headers`.
pub(super) fn for_npm_install(
    node_folder: &Path,
    path_var: Option<&OsStr>,
    headers: &Path,
) -> Result<Vec<(OsString, OsString)>, InstallError> {
    // node-gyp reads the first; the second is what newer versions of npm still pass on (lib/node-gyp.js in
    // node-gyp).
    let nodedir = ["npm_config_nodedir", "npm_package_config_node_gyp_nodedir"];
    let mut ours: Vec<_> = pairs(NPM).chain(pairs(PLAIN)).collect();
    ours.extend(nodedir.map(|name| (name.into(), headers.as_os_str().to_owned())));
    ours.push(("PATH".into(), path_with(node_folder, path_var)?));
    Ok(over_scrubbed(ours, &[]))
}

/// The whole environment of pip.
pub(super) fn for_pip() -> Vec<(OsString, OsString)> {
    over_scrubbed(pairs(PIP).chain(pairs(PLAIN)).collect(), PIP_REMOVED)
}

/// The scrubbed environment with `ours` in place of what has the same name; npm takes its settings in any
/// case (`NPM_CONFIG_AUDIT`).
fn over_scrubbed(ours: Vec<(OsString, OsString)>, removed: &[&str]) -> Vec<(OsString, OsString)> {
    let replaced = |name: &OsStr| {
        ours.iter()
            .map(|(ours, _)| ours.as_os_str())
            .chain(removed.iter().map(OsStr::new))
            .any(|other| same(name, other))
    };
    let kept: Vec<_> = environment::scrubbed()
        .filter(|(name, _)| !replaced(name))
        .collect();
    kept.into_iter().chain(ours).collect()
}

fn same(name: &OsStr, other: &OsStr) -> bool {
    if other.as_encoded_bytes().starts_with(b"npm_config_") {
        name.eq_ignore_ascii_case(other)
    } else {
        name == other
    }
}

fn pairs(list: &'static [(&'static str, &'static str)]) -> impl Iterator<Item = (OsString, OsString)> {
    list.iter().map(|(name, value)| (name.into(), value.into()))
}

/// `path_var` with `folder` in front.
fn path_with(folder: &Path, path_var: Option<&OsStr>) -> Result<OsString, InstallError> {
    let rest = path_var
        .map(std::env::split_paths)
        .into_iter()
        .flatten()
        .filter(|folder| folder.is_absolute());
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(rest)).map_err(|error| InstallError::Io {
        action: "put on PATH the folder",
        path: folder.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidInput, error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_node_comes_first_and_folders_that_are_not_absolute_go() {
        let path = path_with(
            Path::new("/staging/node/bin"),
            Some(OsStr::new("/usr/bin::bin:/bin")),
        )
        .expect("no colon");
        assert_eq!(path, "/staging/node/bin:/usr/bin:/bin");
        let error = path_with(Path::new("/with:colon"), None).expect_err("it cannot be on PATH");
        assert!(error.to_string().contains("/with:colon"), "{error}");
    }

    #[test]
    fn npm_settings_are_replaced_in_any_case_and_others_only_by_their_name() {
        assert!(same(
            OsStr::new("NPM_CONFIG_AUDIT"),
            OsStr::new("npm_config_audit")
        ));
        assert!(!same(OsStr::new("path"), OsStr::new("PATH")));
    }

    #[test]
    fn every_name_stands_once_in_an_environment() {
        let environment =
            for_npm_install(Path::new("/n"), Some(OsStr::new("/bin")), Path::new("/h")).expect("fine");
        let mut names: Vec<_> = environment.iter().map(|(name, _)| name).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
