//! Which versions were measured.

use std::process::Command;

use crate::contenders::Column;
use crate::site::Site;

/// A column and what its program says about itself.
pub(crate) type Version = (Column, String);

/// In the table's order, of whatever is here.
pub(crate) fn collect(site: &Site) -> Vec<Version> {
    let mut versions = Vec::new();
    let mut ask = |column, command: Option<Command>| {
        if let Some(line) = command.and_then(first_line) {
            versions.push((column, line));
        }
    };
    ask(
        Column::CodeServer,
        site.code_server.as_ref().map(|(program, first)| {
            let mut command = Command::new(program);
            command.args(first).arg("--version");
            command
        }),
    );
    ask(
        Column::Nginx,
        site.nginx.as_ref().map(|program| with(program, "-v")),
    );
    ask(
        Column::Caddy,
        site.caddy.as_ref().map(|program| with(program, "version")),
    );
    ask(
        Column::Doorcode,
        site.doorcode.as_ref().map(|program| with(program, "--version")),
    );
    versions
}

fn with(program: &std::path::Path, argument: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(argument);
    command
}

/// nginx says it on stderr, after a prefix that says what it is.
fn first_line(mut command: Command) -> Option<String> {
    let output = command.output().ok()?;
    let said = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().next()?.trim();
    Some(line.strip_prefix("nginx version: ").unwrap_or(line).to_owned())
}
