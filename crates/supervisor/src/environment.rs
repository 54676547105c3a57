//! The environment the editor gets: the person's own, because terminals inherit it, without what would bend the editor
//! or tell it things that are none of its business.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The variable that marks an editor of ours and all it starts; its value is different at each start and no secret.
pub(crate) const RUN_VARIABLE: &str = "DOORCODE_RUN";

/// Names that are removed.
const REMOVED: &[&str] = &[
    // Each silently overrides the address, whatever the command line says.
    "PORT",
    // code-server's own passwords. Ours is the only door, and they would stay readable in /proc/<pid>/environ.
    "PASSWORD",
    "HASHED_PASSWORD",
    // code-server takes it for its own sign-in at GitHub and hands it to the page in the browser.
    "GITHUB_TOKEN",
    // Turns port proxying off behind the settings' back.
    "CS_DISABLE_PROXY",
    // Meant for the program that set it: loads code into, or changes the flags of, every Node below.
    "NODE_OPTIONS",
    // Extensions are downloaded by the editor: certificates are checked.
    "NODE_TLS_REJECT_UNAUTHORIZED",
    // A pipe to the process that started us, which Node would take for its own and fail on.
    "NODE_CHANNEL_FD",
    "NODE_CHANNEL_SERIALIZATION_MODE",
    "NODE_UNIQUE_ID",
    // Set inside Electron applications; changes what their programs do.
    "ELECTRON_RUN_AS_NODE",
    // systemd's messages to and from the engine: an editor must not report for it or take its sockets.
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
];

/// Beginnings of names that are removed.
const REMOVED_PREFIXES: &[&str] = &[
    // HOST overrides the address, PARENT_PID and SESSION_SOCKET break the start, CONFIG and the rest change settings.
    "CODE_SERVER_",
    // Set in every terminal of a VS Code: IPC_HOOK_CLI makes code-server talk to that one instead of starting.
    "VSCODE_",
    // Ours: what an engine was told is not for the editor.
    "DOORCODE_",
];

/// `variables` without those that must not reach the editor.
pub(crate) fn scrubbed(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.filter(|(name, _)| !is_removed(name))
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

    fn names_left(names: &[&str]) -> Vec<String> {
        let variables = names
            .iter()
            .map(|name| (OsString::from(name), OsString::from("x")));
        scrubbed(variables)
            .map(|(name, _)| name.into_string().expect("given as text"))
            .collect()
    }

    #[test]
    fn what_bends_the_editor_is_removed() {
        let bending = [
            "PORT",
            "CODE_SERVER_HOST",
            "CODE_SERVER_PARENT_PID",
            "CODE_SERVER_CONFIG",
            "VSCODE_IPC_HOOK_CLI",
            "VSCODE_PROXY_URI",
            "NODE_OPTIONS",
            "PASSWORD",
            "HASHED_PASSWORD",
            "GITHUB_TOKEN",
            "ELECTRON_RUN_AS_NODE",
            "DOORCODE_KEYRING",
            "NOTIFY_SOCKET",
        ];
        assert_eq!(names_left(&bending), [] as [&str; 0]);
    }

    #[test]
    fn what_terminals_need_is_kept() {
        let kept = [
            "PATH",
            "HOME",
            "LANG",
            "SSH_AUTH_SOCK",
            "EXPORT",
            "PORTS",
            "MY_PASSWORD",
            "NODE_EXTRA_CA_CERTS",
        ];
        assert_eq!(names_left(&kept), kept);
    }
}
