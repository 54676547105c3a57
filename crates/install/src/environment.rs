//! The environment of the programs that are asked for their version or that build an install.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Names that are removed: each bends code-server, Node or Python, or is a secret that is none of their
/// business.
const REMOVED: &[&str] = &[
    "PORT",
    "PASSWORD",
    "HASHED_PASSWORD",
    "GITHUB_TOKEN",
    "NODE_OPTIONS",
    "NODE_CHANNEL_FD",
    "NODE_CHANNEL_SERIALIZATION_MODE",
    "NODE_UNIQUE_ID",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "ELECTRON_RUN_AS_NODE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
];

/// Beginnings of names that are removed. `CODE_SERVER_PARENT_PID` and `VSCODE_IPC_HOOK_CLI` change what
/// code-server does at its very start (out/node/entry.js).
const REMOVED_PREFIXES: &[&str] = &["CODE_SERVER_", "VSCODE_", "DOORCODE_"];

/// This process's environment without those.
pub(crate) fn scrubbed() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| !is_removed(name))
}

fn is_removed(name: &OsStr) -> bool {
    REMOVED.iter().any(|removed| name == *removed)
        || REMOVED_PREFIXES
            .iter()
            .any(|prefix| name.as_bytes().starts_with(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bends_the_programs_goes_and_the_rest_stays() {
        for name in [
            "PORT",
            "PASSWORD",
            "CODE_SERVER_HOST",
            "CODE_SERVER_PARENT_PID",
            "VSCODE_IPC_HOOK_CLI",
            "NODE_OPTIONS",
        ] {
            assert!(is_removed(OsStr::new(name)), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "PORTS",
            "https_proxy",
            "NODE_EXTRA_CA_CERTS",
            "npm_config_registry",
            "PIP_INDEX_URL",
        ] {
            assert!(!is_removed(OsStr::new(name)), "{name}");
        }
    }
}
