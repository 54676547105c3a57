//! The editor's command line and configuration file.

use std::ffi::{OsStr, OsString};

use crate::launch::Launch;

/// code-server's configuration file, which it would otherwise write itself: readable by everybody, with a password in it.
/// The command line says all the rest; `cert: true` is the one thing it could not take back.
pub(crate) const CONFIG: &str = "\
# Written by Doorcode at each start: changes here are lost. See editor.args in settings.toml.
auth: none
cert: false
";

/// How long code-server keeps a window whose browser has gone silent, with its terminals, in seconds: its own default, in
/// so many words. Less would save the memory of tabs that closed abruptly, and cost the terminals of a laptop that slept
/// over lunch.
const RECONNECTION_GRACE_SECONDS: &str = "10800";

/// The program and its arguments. Of two the last one counts (`parse` in code-server's out/node/cli.js): first what a
/// person may replace, then their own, then what they may not. The settings refuse those that would open another door.
pub(crate) fn command(launch: &Launch) -> (OsString, Vec<OsString>) {
    let (program, mut args) = launch.code_server.command();
    let mut add = |arg: &dyn AsRef<OsStr>| args.push(arg.as_ref().to_owned());
    add(&"--reconnection-grace-time");
    add(&RECONNECTION_GRACE_SECONDS);
    for arg in &launch.args {
        add(arg);
    }
    add(&"--auth");
    add(&"none");
    add(&"--socket");
    add(&launch.socket);
    add(&"--socket-mode");
    add(&"600");
    add(&"--config");
    add(&launch.config);
    add(&"--user-data-dir");
    add(&launch.user_data_dir);
    add(&"--extensions-dir");
    add(&launch.extensions_dir);
    add(&"--disable-telemetry");
    add(&"--disable-update-check");
    // Without it `/` opens the folder opened last, even when the settings name another one (out/node/routes/vscode.js).
    add(&"--ignore-last-opened");
    if launch.disable_proxy {
        add(&"--disable-proxy");
    }
    add(&launch.folder);
    (program.into(), args)
}
