//! Arguments of code-server that a person may add, and those that would open a second door.

use toml_edit::Value;

use crate::values::{self, Wrong};

/// Further arguments for code-server.
///
/// Some take passwords and tokens, and what is refused is quoted in logs and reports: the error names an option without its
/// value, and of everything else only the kind.
pub(crate) fn editor_args(value: &Value) -> Result<Vec<String>, Wrong> {
    let kind_of = |value: &Value| format!("of the kind {}", value.type_name());
    let arg = |arg: &Value| editor_arg(arg).map_err(|wrong| wrong.called(kind_of(arg)));
    values::list(value, arg).map_err(|wrong| wrong.called(kind_of(value)))
}

/// Names are those of code-server 4.139.1, `src/node/cli.ts`. It reads `--name=value` like `--name value`.
fn editor_arg(value: &Value) -> Result<String, Wrong> {
    let arg = values::text(value)?;
    let refused = |name: &str, reason: String| Err(Wrong::because(value, reason).called(name.to_owned()));
    if arg == "--" {
        return refused(
            arg,
            "what follows it would be taken for folders; use editor.folder".to_owned(),
        );
    }
    let name = arg.split('=').next().unwrap_or(arg);
    match OWNED.iter().find(|(owned, _)| *owned == name) {
        Some((owned, reason)) => refused(owned, format!("it {reason}")),
        None => Ok(arg.to_owned()),
    }
}

const DOOR: &str = "is Doorcode's: the editor must be reached through the gateway only";
const SIGN_IN: &str = "is Doorcode's: people sign in at the gateway; see auth.mode";
const CERTIFICATE: &str = "is Doorcode's: the gateway encrypts; see tls.mode";
const FILES: &str = "is Doorcode's: it keeps the editor's files in its own data folder";
const PORTS: &str = "is Doorcode's: see ports.allow";
const NO_EDITOR: &str = "makes code-server do something else than serve the editor; run it by hand";
const EXITS: &str = "ends the editor, which Doorcode would start again";

const OWNED: &[(&str, &str)] = &[
    ("--auth", SIGN_IN),
    ("--password", SIGN_IN),
    ("--hashed-password", SIGN_IN),
    ("--github-auth", SIGN_IN),
    ("--cookie-suffix", SIGN_IN),
    ("--skip-auth-preflight", SIGN_IN),
    ("--bind-addr", DOOR),
    ("--host", DOOR),
    ("--port", DOOR),
    ("--socket", DOOR),
    ("--socket-fd", DOOR),
    ("--socket-mode", DOOR),
    ("--session-socket", DOOR),
    ("--trusted-origins", DOOR),
    ("--link", DOOR),
    ("--config", FILES),
    ("--user-data-dir", FILES),
    ("--extensions-dir", FILES),
    ("--cert", CERTIFICATE),
    ("--cert-host", CERTIFICATE),
    ("--cert-key", CERTIFICATE),
    ("--disable-proxy", PORTS),
    ("--proxy-domain", PORTS),
    ("--abs-proxy-base-path", PORTS),
    ("--idle-timeout-seconds", EXITS),
    ("--help", NO_EDITOR),
    ("-h", NO_EDITOR),
    ("--version", NO_EDITOR),
    ("-v", NO_EDITOR),
    ("--list-extensions", NO_EDITOR),
    ("--locate-extension", NO_EDITOR),
    ("--install-extension", NO_EDITOR),
    ("--uninstall-extension", NO_EDITOR),
    ("--new-window", NO_EDITOR),
    ("-n", NO_EDITOR),
    ("--reuse-window", NO_EDITOR),
    ("-r", NO_EDITOR),
    ("--open", NO_EDITOR),
];
