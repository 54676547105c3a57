//! The audit against real files, a real environment and a real door: each thing that is broken is found, and nothing else.

mod certificates;
mod files;
mod keys;
mod live;
mod settings;

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use doorcode_tests::Door;
use serde_json::Value;

/// An editor that is never started.
fn door() -> Door {
    let door = Door::with_editor(Path::new("/nonexistent/code-server"));
    door.set_password();
    door
}

/// What this machine may have set, and cargo has for its tests.
const SET_HERE: [&str; 8] = [
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "PORT",
    "SSLKEYLOGFILE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];

/// `doorcode` with `args`, in an environment in which nothing is to be found.
fn command(door: &Door, args: &[&str]) -> Command {
    let mut command = door.command(args);
    SET_HERE.iter().for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// `audit` with `args`: what it prints and how it ended.
fn run(door: &Door, args: &[&str]) -> (String, i32) {
    finished(&mut command(door, &[&["audit"], args].concat()))
}

fn finished(command: &mut Command) -> (String, i32) {
    let output = command.output().expect("doorcode starts");
    let text = String::from_utf8(output.stdout).expect("text");
    (text, output.status.code().expect("it ends by itself"))
}

/// `audit --json` with `args`: what it says and how it ended.
fn audit(door: &Door, args: &[&str]) -> (Value, i32) {
    let output = run(door, &[&["--json"], args].concat());
    parsed(output)
}

fn parsed(output: (String, i32)) -> (Value, i32) {
    let report = serde_json::from_str(&output.0).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (report, output.1)
}

fn findings(report: &Value) -> Vec<(String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("an array").iter();
    findings
        .map(|finding| (text(finding, "checkId"), text(finding, "detail")))
        .collect()
}

fn ids(report: &Value) -> BTreeSet<String> {
    findings(report).into_iter().map(|(id, _)| id).collect()
}

/// What is found in a sound home of a test: the hash is in a file, because tests use no keyring.
const SOUND: [&str; 1] = ["auth.hash_in_file"];

/// Asserts that just these are found beyond what a sound home has, and that `word` is in what is said of the first.
#[track_caller]
fn found(report: &Value, expected: &[&str], word: &str) {
    let found = findings(report);
    let new: BTreeSet<&str> = { found.iter() }
        .map(|(id, _)| id.as_str())
        .filter(|id| !SOUND.contains(id))
        .collect();
    assert_eq!(new, expected.iter().copied().collect(), "{report:#}");
    if let Some(expected) = expected.first() {
        let first = found.iter().find(|(id, _)| id == expected);
        let (_, detail) = first.expect("it is in there");
        assert!(detail.contains(word), "{detail}");
    }
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("there").permissions().mode() & 0o7777
}
