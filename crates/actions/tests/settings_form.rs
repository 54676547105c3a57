//! The form on a person's own file.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use doorcode_actions::settings_form::{self, FieldKind, KeyView};
use doorcode_settings::{KEYS, Paths};
use serde_json::{Value, json};

const OWN: &str = "\
# Mine.
[editor]
folder = \"~/code\" # where the work is

[auth]
mode = \"password\"
";

struct Home {
    _dir: tempfile::TempDir,
    paths: Paths,
}

impl Home {
    fn with(settings: Option<&str>) -> Home {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let paths = Paths {
            settings_file: at("settings.toml"),
            data_dir: at("data"),
            state_dir: at("state"),
            runtime_dir: at("run"),
        };
        if let Some(text) = settings {
            fs::write(&paths.settings_file, text).unwrap();
        }
        Home { _dir: dir, paths }
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.paths.settings_file).unwrap()
    }

    fn key(&self, name: &str) -> KeyView {
        let view = settings_form::view(&self.paths);
        view.keys.into_iter().find(|key| key.name == name).unwrap()
    }

    fn can_undo(&self) -> bool {
        settings_form::view(&self.paths).can_undo
    }
}

#[test]
fn every_key_is_in_the_form_with_its_value_as_written_or_its_default() {
    let home = Home::with(Some(OWN));
    let view = settings_form::view(&home.paths);
    assert_eq!(view.keys.len(), KEYS.len());
    assert!(view.exists && view.problem.is_none() && !view.can_undo);

    let folder = home.key("editor.folder");
    assert_eq!(
        (folder.value, folder.is_set, folder.kind),
        (json!("~/code"), true, FieldKind::Path)
    );
    let listen = home.key("gateway.listen");
    assert_eq!(
        (listen.value.clone(), listen.is_set),
        (json!(["127.0.0.1:8443"]), false)
    );
    assert_eq!(listen.value, listen.default);
    let mode = home.key("auth.mode");
    assert_eq!(
        (mode.kind, mode.choices),
        (FieldKind::Choice, &["password", "none", "trusted-proxy"][..])
    );
    assert_eq!(home.key("tls.cert").value, Value::Null);
    assert_eq!(home.key("limits.connections").value, json!(4096));
    assert_eq!(home.key("notifications.crash").value, json!(true));
}

#[test]
fn a_broken_file_shows_what_it_says_and_what_is_wrong() {
    let home = Home::with(Some("[auth]\nmode = \"nobody\"\n[limits]\nconnections = 7\n"));
    let view = settings_form::view(&home.paths);
    assert_eq!(view.problem.unwrap().code, "settings_value");
    assert_eq!(home.key("auth.mode").value, json!("nobody"));
    assert_eq!(home.key("limits.connections").value, json!(7));
}

#[test]
fn a_value_is_checked_with_the_rest_of_the_file() {
    let home = Home::with(Some("[gateway]\nlisten = [\"0.0.0.0:8443\"]\n"));
    let refused = |name: &str, value: Value| settings_form::check(&home.paths, name, &value).unwrap_err();
    assert_eq!(refused("auth.mode", json!("none")).code, "none_beyond_loopback");
    assert_eq!(refused("sessions.absolute", json!("1d")).code, "settings_value");
    assert_eq!(refused("limits.connections", json!(1.5)).code, "settings_value");
    assert_eq!(refused("limits.connections", json!(null)).code, "settings_value");
    assert_eq!(refused("gateway.hosts", json!([{}])).code, "settings_value");
    assert_eq!(refused("gateway.nonsense", json!(1)).code, "settings_unknown_key");
    let problem = refused("gateway.hosts", json!(["not a host"]));
    assert!(
        problem.message.starts_with("gateway.hosts cannot be"),
        "{}",
        problem.message
    );
    settings_form::check(&home.paths, "gateway.hosts", &json!(["a.example", "10.0.0.1"])).unwrap();
    settings_form::check(&home.paths, "ports.allow", &json!([3000])).unwrap();
    assert!(!home.text().contains("hosts"), "a check writes nothing");
}

#[test]
fn a_mistake_elsewhere_in_the_file_is_named_with_its_place() {
    let home = Home::with(Some("[limits]\nconnections = 0\n"));
    let problem = settings_form::check(&home.paths, "auth.mode", &json!("none")).unwrap_err();
    assert!(
        problem.message.contains("settings.toml:2:"),
        "{}",
        problem.message
    );
}

#[test]
fn changes_keep_comments_and_are_undone_one_by_one_to_the_byte() {
    let home = Home::with(Some(OWN));
    settings_form::set(&home.paths, "auth.mode", &json!("none")).unwrap();
    let first = home.text();
    assert_eq!(first, OWN.replace("\"password\"", "\"none\""));
    settings_form::set(&home.paths, "ports.allow", &json!([3000, 8080])).unwrap();
    settings_form::unset(&home.paths, "editor.folder").unwrap();
    assert!(!home.key("editor.folder").is_set);

    let kept = home.paths.state_dir.join("settings-undo.json");
    assert_eq!(fs::metadata(kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(home.can_undo());
    settings_form::undo(&home.paths).unwrap();
    settings_form::undo(&home.paths).unwrap();
    assert_eq!(home.text(), first);
    settings_form::undo(&home.paths).unwrap();
    assert_eq!(home.text(), OWN);
    assert!(!home.can_undo());
    assert_eq!(settings_form::undo(&home.paths).unwrap_err().code, "undo_nothing");
}

#[test]
fn undoing_the_first_change_of_all_removes_the_file_again() {
    let home = Home::with(None);
    settings_form::set(&home.paths, "limits.connections", &json!(9)).unwrap();
    assert!(home.paths.settings_file.exists());
    settings_form::undo(&home.paths).unwrap();
    assert!(!home.paths.settings_file.exists());
}

#[test]
fn what_somebody_else_changed_is_not_undone() {
    let home = Home::with(Some(OWN));
    settings_form::set(&home.paths, "auth.mode", &json!("none")).unwrap();
    let theirs = format!("{}# theirs\n", home.text());
    fs::write(&home.paths.settings_file, &theirs).unwrap();
    assert!(!home.can_undo());
    assert_eq!(
        settings_form::undo(&home.paths).unwrap_err().code,
        "undo_file_changed"
    );
    assert_eq!(home.text(), theirs);

    // A further change of ours can be undone, to their text and no further.
    settings_form::set(&home.paths, "auth.mode", &json!("password")).unwrap();
    settings_form::undo(&home.paths).unwrap();
    assert_eq!(home.text(), theirs);
    assert_eq!(settings_form::undo(&home.paths).unwrap_err().code, "undo_nothing");
}

#[test]
fn a_refused_change_leaves_the_file_and_nothing_to_undo() {
    let home = Home::with(Some(OWN));
    settings_form::set(&home.paths, "auth.mode", &json!("nobody")).unwrap_err();
    settings_form::set(&home.paths, "auth.mode", &json!("password")).unwrap();
    assert_eq!(home.text(), OWN);
    assert!(!home.can_undo(), "setting what is set is no change");
}

#[test]
fn a_word_or_a_table_can_be_set_as_either() {
    let home = Home::with(None);
    let proof = home.key("auth.trusted_proxy.proof");
    assert_eq!((proof.kind, proof.value), (FieldKind::WordOrTable, Value::Null));
    assert!(proof.choices.contains(&"address-only"));
    for value in [
        json!("mtls"),
        json!({ "header": "x-doorcode-proof", "secret_file": "/secret" }),
    ] {
        settings_form::set(&home.paths, "auth.trusted_proxy.proof", &value).expect("taken");
        assert_eq!(home.key("auth.trusted_proxy.proof").value, value);
    }
    let half = json!({ "header": "x-doorcode-proof" });
    let problem = settings_form::set(&home.paths, "auth.trusted_proxy.proof", &half).expect_err("half of it");
    assert!(
        problem.message.contains("secret_file is missing"),
        "{}",
        problem.message
    );
}

#[test]
fn several_keys_are_set_and_undone_as_one() {
    let home = Home::with(Some(OWN));
    let keys = [
        ("auth.trusted_proxy.preset", json!("caddy")),
        ("auth.trusted_proxy.allow_users", json!(["you@example.com"])),
    ];
    settings_form::set_all(&home.paths, &keys).expect("taken");
    let wrong = [
        ("auth.trusted_proxy.preset", json!("traefik")),
        ("auth.trusted_proxy.proxies", json!(["0.0.0.0/0"])),
    ];
    settings_form::set_all(&home.paths, &wrong).expect_err("one of them is not taken");
    assert_eq!(
        home.key("auth.trusted_proxy.preset").value,
        json!("caddy"),
        "nor is the other"
    );
    settings_form::undo(&home.paths).expect("one step");
    assert!(
        !home.key("auth.trusted_proxy.preset").is_set && !home.key("auth.trusted_proxy.allow_users").is_set
    );
}
