//! The audit against real files, a real environment and a real door: each thing that is broken is found, and nothing else.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
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
    let first = found
        .iter()
        .find(|(id, _)| id == expected[0])
        .expect("it is in there");
    assert!(first.1.contains(word), "{first:?}");
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("there").permissions().mode() & 0o7777
}

#[test]
fn a_sound_home_is_clean_and_looking_changes_nothing() {
    let door = door();
    assert_eq!(door.run(&["cert", "issue", "localhost"]).code, 0);
    let (report, code) = audit(&door, &[]);
    assert_eq!(ids(&report), SOUND.map(str::to_owned).into(), "{report:#}");
    assert_eq!(code, 0);
    assert_eq!(
        report["summary"],
        serde_json::json!({"critical": 0, "warn": 0, "info": 1})
    );
    assert!(
        report["ts"].as_str().is_some_and(|ts| ts.ends_with('Z')),
        "{report:#}"
    );

    let empty = Door::with_editor(Path::new("/nonexistent/code-server"));
    let (report, code) = audit(&empty, &[]);
    assert_eq!((ids(&report), code), (BTreeSet::new(), 0), "{report:#}");
    assert!(!empty.data("").exists(), "an audit made a folder");
}

#[test]
fn each_mode_that_is_too_wide_is_found_and_tightened() {
    let door = door();
    assert_eq!(door.run(&["cert", "issue", "localhost"]).code, 0);
    let key = door.data("certs/localhost.key");
    for (path, wide, kept, id) in [
        (key.clone(), 0o644, 0o600, "permissions.key_readable"),
        (
            door.data("password.argon2id"),
            0o640,
            0o600,
            "permissions.secret_readable",
        ),
        (
            door.data("certs/localhost.crt"),
            0o666,
            0o600,
            "permissions.file_writable",
        ),
        (
            door.data("certs/localhost.crt"),
            0o604,
            0o600,
            "permissions.file_readable",
        ),
        (door.data("certs"), 0o755, 0o700, "permissions.folder_open"),
        (door.data("certs"), 0o770, 0o700, "permissions.folder_writable"),
        (door.data(""), 0o711, 0o700, "permissions.folder_open"),
        (door.settings_file(), 0o646, 0o644, "permissions.file_writable"),
    ] {
        set(&path, wide);
        let (report, code) = audit(&door, &[]);
        found(&report, &[id], &format!("{}: mode {wide:04o}", trimmed(&path)));
        assert_eq!(mode(&path), wide, "looking changed it");
        let critical = report["summary"]["critical"].as_u64().expect("a number");
        assert_eq!(code, if critical > 0 { 2 } else { 1 }, "{report:#}");

        let (told, code) = run(&door, &["--fix"]);
        let line = format!("{}: mode {wide:04o} is now {kept:04o}", trimmed(&path));
        assert!(told.contains(&line), "{told}");
        assert_eq!((mode(&path), code), (kept, 0), "{told}");
        let (again, _) = run(&door, &["--fix"]);
        assert!(again.starts_with("Nothing to fix"), "{again}");
    }
}

/// As people write a folder, without a slash behind it.
fn trimmed(path: &Path) -> String {
    path.display().to_string().trim_end_matches('/').to_owned()
}

#[test]
fn a_link_in_a_files_place_is_found_and_what_it_leads_to_is_left_alone() {
    let door = door();
    assert_eq!(door.run(&["cert", "issue", "localhost"]).code, 0);
    let target = door.path("precious");
    let key = door.data("certs/localhost.key");
    fs::rename(&key, &target).expect("moved");
    set(&target, 0o644);
    symlink(&target, &key).expect("linked");
    let (report, code) = audit(&door, &["--fix"]);
    found(&report, &["permissions.symbolic_link"], "localhost.key: a link");
    assert_eq!((code, mode(&target)), (2, 0o644), "{report:#}");

    let folder = door.path("elsewhere");
    fs::rename(door.data("certs"), &folder).expect("moved");
    set(&folder, 0o755);
    symlink(&folder, door.data("certs")).expect("linked");
    let (report, code) = audit(&door, &["--fix"]);
    assert!(ids(&report).contains("permissions.symbolic_link"), "{report:#}");
    assert_eq!((code, mode(&folder)), (2, 0o755), "{report:#}");
    assert_eq!(mode(&target), 0o644);
}

#[test]
fn what_others_can_replace_from_above_is_found_and_left_to_the_person() {
    let door = door();
    let above = door.home().to_owned();
    set(&above, 0o777);
    let (report, _) = audit(&door, &["--fix"]);
    found(
        &report,
        &["permissions.above_writable"],
        &format!("{}: mode 0777", above.display()),
    );
    assert_eq!(mode(&above), 0o777, "a folder that is not Doorcode's");
    set(&above, 0o1777);
    assert_eq!(ids(&audit(&door, &[]).0), SOUND.map(str::to_owned).into());

    let script = door.path("code-server");
    fs::write(&script, "#!/bin/sh\necho 4.145.0\n").expect("written");
    set(&script, 0o757);
    door.write_settings_file(&format!("[editor]\nprogram = {script:?}\n"));
    found(
        &audit(&door, &[]).0,
        &["permissions.program_writable"],
        "mode 0757",
    );
}

#[test]
fn each_weak_setting_is_found() {
    let door = door();
    for (settings, ids, word) in [
        (
            "[auth]\nmode = \"none\"\nnone_beyond_loopback = true\n[gateway]\nlisten = [\"0.0.0.0:8443\"]\n",
            &["exposure.open_to_network", "exposure.beyond_loopback"][..],
            "0.0.0.0:8443",
        ),
        (
            "[auth]\nmode = \"none\"\n",
            &["exposure.open_to_this_machine"],
            "none",
        ),
        ("[ports]\nallow = [3000]\n", &["exposure.ports_shown"], "3000"),
        (
            "[limits]\nsign_in_per_minute = 100\n",
            &["auth.many_attempts"],
            "100",
        ),
        (
            "[sessions]\nidle = \"7d\"\nabsolute = \"200d\"\n",
            &["sessions.long_lived"],
            "200",
        ),
        (
            "[gateway]\nhosts = [\"a.nip.io\"]\n",
            &["origin.strangers_beside"],
            "nip.io",
        ),
        (
            "[editor]\nargs = [\"--disable-workspace-trust\"]\n",
            &["editor.workspace_trust_off"],
            "trust",
        ),
        ("[gateway]\nhosts = 3\n", &["settings.refused"], "gateway.hosts"),
        (
            "[tls]\nmode = \"custom\"\ncert = \"/nonexistent/c.pem\"\nkey = \"/nonexistent/k.pem\"\n",
            &["tls.certificate_unusable"],
            "/nonexistent/c.pem",
        ),
    ] {
        door.write_settings_file(settings);
        let (report, code) = audit(&door, &[]);
        let own: Vec<_> = findings(&report);
        let found: BTreeSet<&str> = { own.iter() }
            .map(|(id, _)| id.as_str())
            // Whether this machine has a public address is none of the test's business.
            .filter(|id| ![SOUND[0], "exposure.public_address"].contains(id))
            .collect();
        assert_eq!(found, ids.iter().copied().collect(), "{settings}: {report:#}");
        let first = own.iter().find(|(id, _)| id == ids[0]).expect("just seen");
        assert!(first.1.contains(word), "{first:?}");
        assert!(code > 0, "{report:#}");
    }
}

#[test]
fn a_proxy_is_always_reported_and_each_weakness_of_it() {
    let door = door();
    let secret = door.path("secret");
    fs::write(&secret, "x".repeat(32)).expect("written");
    set(&secret, 0o600);
    let sound = format!(
        "preset = \"caddy\"\npublic_url = \"https://code.example.com\"\nproxies = [\"127.0.0.1\"]\nallow_users = [\"you@example.com\"]\n\
         proof = {{ header = \"x-doorcode-proof\", secret_file = {secret:?} }}\n"
    );
    let with = |change: &dyn Fn(&str) -> String, listen: &str| {
        let mut table = String::new();
        for line in sound.lines() {
            table.push_str(&change(line));
            table.push('\n');
        }
        door.write_settings_file(&format!(
            "[gateway]\nlisten = [{listen:?}]\nhosts = [\"code.example.com\"]\n[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\n{table}"
        ));
    };
    let replaced = |key: &'static str, value: &'static str| {
        move |line: &str| match line.starts_with(key) {
            true => format!("{key} = {value}"),
            false => line.to_owned(),
        }
    };
    let here = "127.0.0.1:8443";
    let found = |expected: &[&str]| {
        let (report, code) = audit(&door, &[]);
        assert_eq!(
            ids(&report),
            expected.iter().map(|id| (*id).to_owned()).collect(),
            "{report:#}"
        );
        code
    };
    with(&str::to_owned, here);
    assert_eq!(found(&["trusted_proxy.in_use"]), 0);
    with(&replaced("allow_users", "[\"*\"]"), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.everyone"]), 1);
    with(&replaced("proof", "\"address-only\""), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.address_only"]), 2);
    with(&replaced("proxies", "[\"10.0.0.0/8\"]"), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.broad_range"]), 1);
    with(&replaced("proxies", "[\"203.0.113.7\"]"), here);
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.public_range"]), 1);
    with(&replaced("preset", "\"authentik\""), here);
    assert_eq!(
        found(&["trusted_proxy.in_use", "trusted_proxy.assertion_unverified"]),
        1
    );
    with(&replaced("proxies", "[]"), here);
    assert_eq!(found(&["trusted_proxy.incomplete"]), 2);
    with(&replaced("allow_users", "[]"), here);
    assert_eq!(found(&["trusted_proxy.incomplete"]), 2);
    with(&str::to_owned, "192.168.0.1:8443");
    assert_eq!(
        found(&[
            "trusted_proxy.in_use",
            "trusted_proxy.direct_path",
            "exposure.beyond_loopback"
        ]),
        1
    );
    with(&str::to_owned, here);
    fs::write(&secret, "short").expect("written");
    assert_eq!(found(&["trusted_proxy.in_use", "trusted_proxy.secret_short"]), 2);
    fs::write(&secret, "x".repeat(32)).expect("written");
    set(&secret, 0o644);
    assert_eq!(found(&["trusted_proxy.in_use", "permissions.secret_readable"]), 2);
    let output = door.run(&["audit", "--fix"]);
    assert_eq!(
        (mode(&secret), output.code),
        (0o644, 2),
        "it may be the proxy's too: {output:?}"
    );
}

#[test]
fn keys_that_cannot_be_had_are_found() {
    let door = door();
    // A port that was free a moment ago: whoever has it now has no keys.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let keys = format!("https://{}/keys", closed.expect("a free port"));
    let settings = |keys: &str| {
        door.write_settings_file(&format!(
            "[gateway]\nhosts = [\"code.example.com\"]\n[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\npreset = \"pomerium\"\n\
             public_url = \"https://code.example.com\"\nproxies = [\"127.0.0.1\"]\nallow_users = [\"you@example.com\"]\n\
             [auth.trusted_proxy.assertion]\n{keys}\n"
        ));
    };
    settings(&format!("jwks_url = {keys:?}"));
    let (report, _) = audit(&door, &[]);
    assert!(
        ids(&report).contains("trusted_proxy.keys_unreachable"),
        "{report:#}"
    );

    let file = door.path("keys.json");
    fs::write(&file, "{\"keys\": [{\"kty\": \"EC\"}]}").expect("written");
    settings(&format!("jwks_file = {file:?}"));
    let (report, code) = audit(&door, &[]);
    assert_eq!(
        (ids(&report), code),
        (["trusted_proxy.in_use".to_owned()].into(), 0),
        "{report:#}"
    );
    set(&file, 0o666);
    let (report, code) = audit(&door, &[]);
    assert!(ids(&report).contains("permissions.file_writable"), "{report:#}");
    assert_eq!(code, 2);
}
