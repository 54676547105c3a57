//! What the window can do where no engine runs.

use std::fs;
use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use doorcode_settings::HostName;
use serde_json::{Value as Json, json};
use tauri::{Listener, Manager};

use super::Desk;
use crate::commands::Work;

/// What is written is told within this time on the slowest machine.
const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn the_first_snapshot_is_there_before_any_engine() {
    let desk = Desk::new("");
    let snapshot = desk.ask("snapshot", json!({}));
    assert_eq!(snapshot["engine"], "absent");
    assert_eq!(snapshot["version"], env!("CARGO_PKG_VERSION"));
    let about = desk.ask("about", json!({}));
    let settings = desk.paths.settings_file.display().to_string();
    assert_eq!(about["paths"]["settings"], settings);
}

#[test]
fn arguments_are_checked_before_anything_is_done() {
    let desk = Desk::new("");
    let missing = desk.paths.data_dir.join("no-such-folder");
    for (command, arguments, code) in [
        ("open_editor", json!({ "folder": missing }), "folder_missing"),
        ("qr", json!({ "text": "https://example.com/" }), "address_foreign"),
        ("revoke_session", json!({ "id": "nobody" }), "session_unknown"),
        (
            "unset_setting",
            json!({ "name": "editor.nonsense" }),
            "settings_unknown_key",
        ),
        (
            "set_setting",
            json!({ "name": "limits.connections", "value": {} }),
            "settings_value",
        ),
        ("undo_settings", json!({}), "undo_nothing"),
        (
            "check_health",
            json!({ "url": "http://code.example.com" }),
            "url_invalid",
        ),
        (
            "check_health",
            json!({ "url": "https://me:secret@code.example.com/" }),
            "url_invalid",
        ),
        ("check_health", json!({ "url": "https:///" }), "url_invalid"),
        ("check_health", json!({}), "not_running"),
        ("health", json!({}), "not_running"),
        ("connections", json!({}), "not_running"),
        ("free_memory", json!({}), "not_running"),
        ("events_open", json!({}), "not_running"),
        (
            "set_auth",
            json!({ "mode": "trusted-proxy" }),
            "trusted_proxy_incomplete",
        ),
        (
            "remove_certificate",
            json!({ "host": "nowhere.test" }),
            "certificate_missing",
        ),
        (
            "export_certificate",
            json!({ "host": "nowhere.test" }),
            "certificate_missing",
        ),
        (
            "trust_install",
            json!({ "host": "localhost", "stores": [] }),
            "stores_none",
        ),
        (
            "trust_remove",
            json!({ "host": "localhost", "stores": ["nonsense"] }),
            "store_unknown",
        ),
        ("trust_answer", json!({ "approve": true }), "trust_not_asked"),
        ("trust_answer", json!({ "secret": "x" }), "trust_not_asked"),
    ] {
        assert_eq!(
            desk.refusal(command, arguments.clone()),
            code,
            "{command} {arguments}"
        );
    }
    // What is no host, mode or step never reaches a command.
    for (command, arguments) in [
        ("open_editor", json!({ "host": "not a host" })),
        ("issue_certificate", json!({ "host": "../../etc/passwd" })),
        ("set_auth", json!({ "mode": "anything" })),
        (
            "set_welcome_step",
            json!({ "step": "folder", "state": "perhaps" }),
        ),
    ] {
        let refusal = desk.call(command, arguments).expect_err(command);
        let text = refusal.as_str().unwrap_or_default();
        assert!(text.starts_with("invalid args"), "{command}: {refusal}");
    }
    let untouched = fs::read_to_string(&desk.paths.settings_file).expect("readable");
    assert_eq!(untouched, "");
}

#[test]
fn a_setting_is_checked_set_and_put_back() {
    let desk = Desk::new("# mine\n[sessions]\nidle = \"2d\"\n");
    let before = fs::read_to_string(&desk.paths.settings_file).expect("readable");
    let wrong = desk.ask(
        "check_setting",
        json!({ "name": "sessions.idle", "value": "soon" }),
    );
    assert!(wrong["code"].is_string(), "{wrong}");
    // Longer than sessions.absolute: each is fine and both are not.
    let across = desk.ask(
        "check_setting",
        json!({ "name": "sessions.idle", "value": "300d" }),
    );
    assert!(across["code"].is_string(), "{across}");
    let fine = json!({ "name": "sessions.idle", "value": "5d" });
    assert!(desk.ask("check_setting", fine.clone()).is_null());
    assert_eq!(
        before,
        fs::read_to_string(&desk.paths.settings_file).expect("readable"),
        "a check writes nothing"
    );

    desk.ask("set_setting", fine);
    let view = desk.ask("settings", json!({}));
    let key = |view: &serde_json::Value| {
        let keys = view["keys"].as_array().expect("a list").clone();
        keys.into_iter()
            .find(|key| key["name"] == "sessions.idle")
            .expect("it is a key")
    };
    assert_eq!(key(&view)["value"], "5d");
    assert_eq!(key(&view)["is_set"], true);
    assert_eq!(view["can_undo"], true);
    desk.ask("undo_settings", json!({}));
    let after = fs::read_to_string(&desk.paths.settings_file).expect("readable");
    assert_eq!(after, before);
}

#[test]
fn the_password_toggle_is_written_to_the_settings() {
    let desk = Desk::new("");
    desk.ask("set_auth", json!({ "mode": "none" }));
    let settings = fs::read_to_string(&desk.paths.settings_file).expect("readable");
    assert!(settings.contains("mode = \"none\""), "{settings}");
    // Beyond loopback it needs a consent that this window does not give by itself.
    let listen = json!({ "name": "gateway.listen", "value": ["0.0.0.0:8443"] });
    assert!(desk.call("set_setting", listen).is_err());
}

#[test]
fn what_sign_in_by_proxy_still_needs_is_told_until_nothing_is_missing() {
    let desk = Desk::new("");
    let missing = |desk: &Desk| -> Vec<String> {
        let missing = desk.ask("missing_for_proxy", json!({}));
        let missing = missing.as_array().expect("a list").iter();
        missing
            .map(|one| one["key"].as_str().expect("a key").to_owned())
            .collect()
    };
    assert!(missing(&desk).contains(&"auth.trusted_proxy.public_url".to_owned()));
    let proof = desk.ask("make_proxy_secret", json!({}));
    let file = proof["secret_file"].as_str().expect("a file");
    let secret = fs::read_to_string(file).expect("made");
    assert!(
        secret.len() >= 32 && !proof.to_string().contains(secret.trim()),
        "{proof}"
    );
    for (name, value) in [
        ("public_url", json!("https://code.example.com")),
        ("proxies", json!(["10.0.0.1"])),
        ("allow_users", json!(["you@example.com"])),
        ("user_header", json!("x-forwarded-user")),
        ("proof", proof),
    ] {
        let name = format!("auth.trusted_proxy.{name}");
        desk.ask("set_setting", json!({ "name": name, "value": value }));
    }
    assert_eq!(missing(&desk), Vec::<String>::new());
    desk.ask("set_auth", json!({ "mode": "trusted-proxy" }));
    let settings = fs::read_to_string(&desk.paths.settings_file).expect("readable");
    assert!(settings.contains("mode = \"trusted-proxy\""), "{settings}");
}

#[test]
fn a_code_is_explained_or_said_to_be_unknown() {
    let desk = Desk::new("");
    let known = desk.ask("explain", json!({ "code": "trusted_proxy_untrusted_source" }));
    for part in ["title", "cause", "remedy"] {
        assert!(
            known[part].as_str().is_some_and(|text| !text.is_empty()),
            "{known}"
        );
    }
    assert!(desk.ask("explain", json!({ "code": "nonsense" })).is_null());
}

#[test]
fn certificates_are_issued_listed_and_not_renewed_too_early() {
    let desk = Desk::new("[gateway]\nhosts = [\"localhost\", \"my.dev.local\"]\n");
    assert_eq!(desk.ask("certificates", json!({})), json!([]));
    desk.ask("issue_certificate", json!({ "host": "localhost" }));
    desk.ask("issue_certificate", json!({ "host": "old.dev.local" }));
    let host: HostName = "my.dev.local".parse().expect("a host");
    let file = desk
        .paths
        .certs_dir()
        .join(host.file_stem())
        .with_extension("crt");
    fs::write(&file, "not a certificate").expect("written");

    let listed = desk.ask("certificates", json!({}));
    let listed = listed.as_array().expect("a list");
    let seen: Vec<_> = listed
        .iter()
        .map(|one| {
            (
                one["host"].as_str(),
                one["configured"].as_bool(),
                one["problem"].is_null(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some("localhost"), Some(true), true),
            (Some("my.dev.local"), Some(true), false),
            (Some("old.dev.local"), Some(false), true),
        ]
    );
    assert!(listed[0]["fingerprint"].is_string() && listed[0]["root_fingerprint"].is_string());
    assert_eq!(listed[0]["names"][0], "localhost");
    assert!(listed[1]["fingerprint"].is_null());

    let renew = |force: bool| json!({ "host": "localhost", "force": force });
    assert_eq!(
        desk.refusal("renew_certificate", renew(false)),
        "certificate_not_due"
    );
    desk.ask("renew_certificate", renew(true));
    let renewed = desk.ask("certificates", json!({}));
    assert_ne!(renewed[0]["fingerprint"], listed[0]["fingerprint"]);
}

#[test]
fn the_first_run_is_resumed_where_it_was_left() {
    let desk = Desk::new("");
    let fresh = desk.ask("welcome", json!({}));
    assert_eq!(fresh["done"], false);
    assert_eq!(fresh["steps"]["trust"], "todo");
    desk.ask("set_welcome_step", json!({ "step": "folder", "state": "done" }));
    desk.ask("set_welcome_step", json!({ "step": "trust", "state": "skipped" }));
    let later = desk.ask("welcome", json!({}));
    assert_eq!(later["steps"]["folder"], "done");
    assert_eq!(later["steps"]["trust"], "skipped");
    assert_eq!(desk.ask("finish_welcome", json!({}))["done"], true);
}

#[test]
fn a_code_server_that_is_not_there_is_told_with_the_reason() {
    let desk = Desk::new("[editor]\nprogram = \"/nowhere/code-server\"\n");
    let found = desk.ask("find_editor", json!({}));
    assert!(found["found"].is_null(), "{found}");
    assert!(found["problem"]["code"].is_string(), "{found}");
    assert_eq!(found["installing"], false);
    // With nothing under way there is nothing to call off.
    desk.ask("cancel_install", json!({}));
}

#[test]
fn a_custom_certificate_is_not_ours_to_trust() {
    let desk = Desk::new("[tls]\nmode = \"custom\"\ncert = \"/nowhere/c.pem\"\nkey = \"/nowhere/k.pem\"\n");
    let install = json!({ "host": "localhost", "stores": ["system"] });
    assert_eq!(desk.refusal("trust_install", install), "tls_custom");
    assert_eq!(
        desk.refusal("trust_report", json!({ "verify": false })),
        "tls_custom"
    );
    let listed = desk.ask("certificates", json!({}));
    assert_eq!(listed[0]["self_signed"], false);
    assert!(listed[0]["problem"]["code"].is_string());
}

#[test]
fn a_log_is_read_back_and_then_followed_until_it_is_closed() {
    let desk = Desk::new("");
    let path = desk.paths.editor_log();
    let mut file = fs::File::create(&path).expect("made");
    writeln!(file, "one\n\u{1b}[31mtwo\u{1b}[0m").expect("written");
    let (told, heard) = mpsc::channel();
    desk.window.listen("log", move |event| {
        let _ = told.send(event.payload().to_owned()); // The test may be over.
    });

    let records = desk.ask("log_open", json!({ "which": "editor", "lines": 10 }));
    let texts = |records: &Json| -> Vec<String> {
        let records = records.as_array().expect("a list");
        let text = |record: &Json| record["text"].as_str().expect("a text").to_owned();
        records.iter().map(text).collect()
    };
    assert_eq!(texts(&records), ["one", "two"]);

    writeln!(file, "three").expect("written");
    let lines = heard
        .recv_timeout(LIMIT)
        .expect("a line that was written is told");
    let lines: Json = serde_json::from_str(&lines).expect("JSON");
    assert_eq!(lines["which"], "editor");
    assert_eq!(texts(&lines["records"]), ["three"]);

    desk.ask("log_close", json!({}));
    writeln!(file, "four").expect("written");
    // Another log that is opened afterwards is told; what was closed is not.
    fs::write(desk.paths.access_log(), "").expect("made");
    desk.ask("log_open", json!({ "which": "access", "lines": 10 }));
    fs::write(desk.paths.access_log(), "five\n").expect("written");
    let next = heard.recv_timeout(LIMIT).expect("a line of the other log");
    assert!(next.contains("five") && !next.contains("four"), "{next}");
}

#[test]
fn the_window_s_process_stays_for_work_that_has_begun() {
    let desk = Desk::new("");
    let work = desk.app.state::<Work>().inner().clone();
    let is_done = || {
        let soon = async { tokio::time::timeout(Duration::from_millis(50), work.done()).await };
        tauri::async_runtime::block_on(soon).is_ok()
    };
    assert!(is_done());
    let begun = work.begin();
    assert!(!is_done());
    drop(begun);
    assert!(is_done());
}
