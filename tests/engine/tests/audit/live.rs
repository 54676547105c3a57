//! The running engine: its environment, and attacks on its door.

use std::collections::BTreeSet;
use std::fs;

use doorcode_tests::{Door, curl};
use serde_json::Value;

use crate::certificates::Pair;
use crate::{SOUND, audit, command, door, findings, ids, set};

/// The engine with the real code-server behind the door, in an environment in which nothing is to be found but `variables`.
fn up(door: &mut Door, variables: &[(&str, &str)]) {
    let mut command = command(door, &["up"]);
    command.envs(variables.iter().copied());
    door.start(&mut command);
    door.wait_for_state("running");
}

/// What is said of the attacks, without the rest.
fn attacks(report: &Value) -> Vec<(String, String)> {
    let mut findings = findings(report);
    findings.retain(|(id, _)| id.starts_with("attack."));
    findings
}

#[test]
fn the_engines_own_environment_is_looked_at_and_no_value_is_told() {
    let mut door = Door::new();
    let keys = door.path("keys.log");
    up(
        &mut door,
        &[
            ("NODE_OPTIONS", "--trace-warnings"),
            ("SSLKEYLOGFILE", keys.to_str().expect("a path in UTF-8")),
            ("PASSWORD", "SENTINEL"),
            ("NODE_TLS_REJECT_UNAUTHORIZED", "1"),
            ("PORT", "80"),
        ],
    );
    let (report, code) = audit(&door, &[]);
    let found: BTreeSet<String> = { ids(&report).into_iter() }
        .filter(|id| id.starts_with("environment."))
        .collect();
    let expected = [
        "environment.node_options",
        "environment.tls_keys_written",
        "environment.password",
        "environment.bends_code_server",
    ];
    assert_eq!(found, expected.map(str::to_owned).into(), "{report:#}");
    assert_eq!(code, 1, "{report:#}");
    let text = report.to_string();
    assert!(text.contains(&format!("process {}", door.pid())), "{text}");
    assert!(
        !text.contains("SENTINEL") && !text.contains("trace-warnings"),
        "{text}"
    );
}

#[test]
fn the_versions_of_what_runs_are_looked_up() {
    let mut door = Door::new();
    up(&mut door, &[]);
    let (report, _) = audit(&door, &[]);
    let found = findings(&report);
    let version = door.status()["editor"]["version"].as_str().map(str::to_owned);
    // 4.139.1, in which these are open and kept off by the door.
    let said = format!("code-server {}: CVE-2026-111497", version.expect("it runs"));
    assert!(
        found
            .iter()
            .any(|(id, detail)| id == "versions.code_server_held_off" && detail.starts_with(&said)),
        "{report:#}"
    );
    let others: Vec<&str> = { found.iter() }
        .map(|(id, _)| id.as_str())
        .filter(|id| !id.starts_with("versions.") && !SOUND.contains(id))
        .collect();
    assert_eq!(
        others,
        [] as [&str; 0],
        "a running engine keeps its files in order: {report:#}"
    );
    assert!(!ids(&report).contains("versions.code_server"), "{report:#}");
}

#[test]
fn attacks_on_a_door_with_a_password_are_refused_and_leave_nobody_signed_in() {
    let mut door = door_with_editor();
    up(&mut door, &[]);
    // The attack on the Origin is worth something only if the same request from here gets through.
    let own = format!("Origin: https://localhost:{}", door.port());
    let cookie = door.sign_in();
    let opened = curl(
        &door,
        &[
            "--http1.1",
            "--max-time",
            "2",
            "--cookie",
            &cookie,
            "--header",
            &own,
            "--header",
            "Connection: Upgrade",
            "--header",
            "Upgrade: websocket",
            "--header",
            "Sec-WebSocket-Version: 13",
            "--header",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            &door.url("/healthz"),
        ],
    );
    assert_eq!(opened.status, 101, "{opened:?}");
    assert_eq!(door.run(&["sessions", "revoke", "--all"]).code, 0);

    let (report, code) = audit(&door, &["--deep"]);
    let found = attacks(&report);
    assert!(found.iter().all(|(id, _)| id == "attack.refused"), "{report:#}");
    let said: String = found.iter().map(|(_, detail)| format!("{detail}\n")).collect();
    for attack in [
        "nobody but you can connect, and it listens on no port",
        "a TLS handshake → the certificate on disk",
        "a TLS 1.0 handshake → a TLS alert",
        "a TLS 1.1 handshake → a TLS alert",
        "GET / without encryption → 301 to https://localhost:",
        "GET / with forged identity headers → 302 to /.doorcode/sign-in",
        "GET / with identity headers spelled with _ → 302 to /.doorcode/sign-in",
        "GET / with identity headers spelled with dots → 302 to /.doorcode/sign-in",
        "GET / with an unsigned statement → 302 to /.doorcode/sign-in",
        "a WebSocket to /healthz without a sign-in → 401",
        "a WebSocket to /proxy/3000/ without a sign-in → 401",
        "GET / with Upgrade: h2c → 400",
        "HTTP/2 without encryption → the connection was closed",
        "a WebSocket of another site's page, signed in → 403",
        "a WebSocket of a page without an origin → 403",
        "GET / for another host, signed in → 421",
    ] {
        assert!(said.contains(attack), "{attack} is not in {said}");
    }
    assert!(code < 2, "{report:#}");
    let sessions = door.run(&["sessions", "list"]);
    assert_eq!(sessions.stdout, "Nobody is signed in.\n");
}

#[test]
fn a_door_without_a_sign_in_still_refuses_foreign_pages() {
    let mut door = door_with_editor();
    door.write_settings("[auth]\nmode = \"none\"\n");
    up(&mut door, &[]);
    let (report, _) = audit(&door, &["--deep"]);
    let found = attacks(&report);
    assert!(found.iter().all(|(id, _)| id == "attack.refused"), "{report:#}");
    let said: String = found.iter().map(|(_, detail)| format!("{detail}\n")).collect();
    for attack in [
        "a WebSocket of another site's page → 403",
        "GET / for another host → 421",
    ] {
        assert!(said.contains(attack), "{attack} is not in {said}");
    }
    assert!(
        !said.contains("forged"),
        "nobody is named where nobody signs in: {said}"
    );
}

#[test]
fn without_an_engine_nothing_is_attacked_and_that_is_said() {
    let door = door();
    let (report, code) = audit(&door, &["--deep"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(ids(&report).contains("attack.not_tried"), "{report:#}");
}

#[test]
fn a_certificate_that_is_not_the_one_on_disk_is_found_out() {
    let (mut door, other) = (door_with_editor(), door());
    up(&mut door, &[]);
    assert_eq!(other.run(&["cert", "issue", "localhost"]).code, 0);
    let key = door.data("certs/localhost.key");
    // The engine goes on with what it has, because others could read the key.
    set(&key, 0o644);
    fs::copy(
        other.data("certs/localhost.crt"),
        door.data("certs/localhost.crt"),
    )
    .expect("copied");
    let (report, code) = audit(&door, &["--deep"]);
    assert!(ids(&report).contains("attack.certificate"), "{report:#}");
    assert_eq!(code, 2);
}

#[test]
fn a_certificate_of_ones_own_is_known_again_whoever_vouches_for_it() {
    let mut door = door_with_editor();
    let pair = Pair::new(&door);
    pair.issue("-sha256", "100");
    door.write_settings(&format!(
        "[tls]\nmode = \"custom\"\ncert = {:?}\nkey = {:?}\n",
        pair.cert(),
        pair.key()
    ));
    up(&mut door, &[]);
    let attacks = attacks(&audit(&door, &["--deep"]).0);
    assert!(
        attacks.iter().all(|(id, _)| id == "attack.refused"),
        "{attacks:?}"
    );
    assert!(
        attacks
            .iter()
            .any(|(_, detail)| detail.contains("the certificate on disk")),
        "{attacks:?}"
    );
}

#[test]
fn an_editor_whose_socket_everybody_can_open_is_found_out() {
    let mut door = door_with_editor();
    up(&mut door, &[]);
    let socket = door.path("run/doorcode/editor/editor.sock");
    let above: Vec<_> = socket
        .ancestors()
        .skip(1)
        .filter(|folder| folder.starts_with(door.home()))
        .collect();
    set(&socket, 0o666);
    let mut audit = command(&door, &["audit", "--deep", "--json"]);
    // After `command`, which makes its folders private.
    for folder in &above {
        set(folder, 0o711);
    }
    let (report, code) = crate::parsed(crate::finished(&mut audit));
    let found = attacks(&report);
    assert!(
        found
            .iter()
            .any(|(id, detail)| id == "attack.direct_editor" && detail.contains("every user can connect")),
        "{report:#}"
    );
    assert_eq!(code, 2);
}

/// In trusted-proxy mode, over plain http from loopback.
fn behind_a_proxy(proof: &str) -> Door {
    let mut door = door_with_editor();
    let secret = door.path("secret");
    fs::write(&secret, "x".repeat(43)).expect("written");
    set(&secret, 0o600);
    let proof = proof.replace("SECRET", secret.to_str().expect("a path in UTF-8"));
    door.write_settings(&format!(
        "hosts = [\"code.example.com\"]\n[tls]\nmode = \"off\"\n[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\npreset = \"caddy\"\n\
         public_url = \"https://code.example.com\"\nproxies = [\"127.0.0.1\"]\nallow_users = [\"you@example.com\"]\nproof = {proof}\n"
    ));
    up(&mut door, &[]);
    door
}

#[test]
fn whoever_names_a_user_gets_through_where_an_address_is_all_that_counts() {
    let door = behind_a_proxy("\"address-only\"");
    let (report, code) = audit(&door, &["--deep"]);
    let found = attacks(&report);
    let through: BTreeSet<&str> = { found.iter() }
        .map(|(id, _)| id.as_str())
        .filter(|id| *id != "attack.refused")
        .collect();
    assert_eq!(through, ["attack.forged_identity"].into(), "{report:#}");
    assert_eq!(code, 2);
}

#[test]
fn nobody_passes_for_a_proxy_that_adds_a_secret() {
    let door = behind_a_proxy("{ header = \"x-doorcode-proof\", secret_file = \"SECRET\" }");
    let (report, code) = audit(&door, &["--deep"]);
    let found = attacks(&report);
    assert!(
        !found.is_empty() && found.iter().all(|(id, _)| id == "attack.refused"),
        "{report:#}"
    );
    let said = &found.last().expect("not empty").1;
    assert!(said.contains("GET / with forged identity headers → 4"), "{said}");
    assert!(code < 2, "{report:#}");
}

fn door_with_editor() -> Door {
    let door = Door::new();
    door.set_password();
    door
}
