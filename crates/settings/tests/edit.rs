//! Changing one setting in a person's own file.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use doorcode_settings::{Applies, AuthMode, Difference, Problem, Settings, differences, edit};

const OWN: &str = "\
# My settings.

[gateway] # the front door
listen = [
  \"127.0.0.1:8443\", # home
]

[auth]
mode = \"password\"   # until the proxy is there
# The end.
";

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(text: &str) -> (Folder, PathBuf) {
        let folder = Folder(tempfile::tempdir().unwrap());
        let file = folder.0.path().join("settings.toml");
        fs::write(&file, text).unwrap();
        (folder, file)
    }
}

#[test]
fn comments_and_layout_stay() {
    let (_folder, file) = Folder::with(OWN);
    let settings = edit::set(&file, "auth.mode", "none".into()).unwrap();
    assert_eq!(settings.auth.mode, AuthMode::None);
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        OWN.replace("\"password\"", "\"none\"")
    );
    assert_eq!(Settings::load(&file).unwrap(), settings);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn missing_keys_tables_files_and_folders_are_made() {
    let (folder, file) = Folder::with(OWN);
    edit::set(&file, "gateway.hosts", ["a.example"].into_iter().collect()).unwrap();
    let settings = edit::set(&file, "limits.connections", 7.into()).unwrap();
    assert_eq!(
        (settings.limits.connections, settings.gateway.hosts[0].to_string()),
        (7, "a.example".into())
    );
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with(&OWN[..OWN.find("\n[auth]").unwrap()]), "{text}");
    assert!(text.contains("\n[limits]\nconnections = 7\n"), "{text}");

    let new = folder.0.path().join("new/settings.toml");
    edit::set(&new, "auth.mode", "none".into()).unwrap();
    assert_eq!(fs::read_to_string(&new).unwrap(), "[auth]\nmode = \"none\"\n");
    assert_eq!(
        new.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn inline_tables_and_dotted_keys_are_edited_in_place() {
    for (before, after) in [
        (
            "auth = { mode = \"password\" } # x\n",
            "auth = { mode = \"none\" } # x\n",
        ),
        ("auth.mode = \"password\" # x\n", "auth.mode = \"none\" # x\n"),
    ] {
        let (_folder, file) = Folder::with(before);
        edit::set(&file, "auth.mode", "none".into()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), after);
    }
}

#[test]
fn unset_brings_the_default_back_and_leaves_the_rest() {
    let (_folder, file) = Folder::with("[limits] # few\nconnections = 7 # seven\nsign_in_per_minute = 3\n");
    let settings = edit::unset(&file, "limits.connections").unwrap();
    assert_eq!(
        (settings.limits.connections, settings.limits.sign_in_per_minute),
        (4096, 3)
    );
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "[limits] # few\nsign_in_per_minute = 3\n"
    );
    edit::unset(&file, "auth.mode").unwrap();
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "[limits] # few\nsign_in_per_minute = 3\n"
    );
}

#[test]
fn what_would_not_be_valid_is_not_written() {
    let (_folder, file) = Folder::with(OWN);
    for (key, value, code) in [
        ("auth.mode", "nobody", "settings_value"),
        ("auth.mod", "none", "settings_unknown_key"),
        ("mode", "none", "settings_unknown_key"),
        ("auth.mode.x", "none", "settings_unknown_key"),
        ("tls.cert", "/c", "cert_key_missing"),
    ] {
        let error = edit::set(&file, key, value.into()).expect_err(key);
        assert_eq!(Problem::from(&error).code, code, "{key}: {error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), OWN);
    }
    edit::set(&file, "gateway.listen", ["0.0.0.0:8443"].into_iter().collect()).unwrap();
    let error = edit::set(&file, "auth.mode", "none".into()).expect_err("beyond loopback");
    assert_eq!(Problem::from(&error).code, "none_beyond_loopback");
    assert_eq!(Settings::load(&file).unwrap().auth.mode, AuthMode::Password);
}

#[test]
fn a_broken_file_is_not_touched() {
    for broken in ["[auth\n", "[auth]\nmode = \"none\"\nx = 1\n", "auth = 3\n"] {
        let (_folder, file) = Folder::with(broken);
        assert!(edit::set(&file, "auth.mode", "none".into()).is_err(), "{broken}");
        assert_eq!(fs::read_to_string(&file).unwrap(), broken);
    }
}

#[test]
fn a_link_stays_a_link() {
    let (folder, target) = Folder::with(OWN);
    let link = folder.0.path().join("link.toml");
    symlink("settings.toml", &link).unwrap();
    edit::set(&link, "auth.mode", "none".into()).unwrap();
    assert!(link.is_symlink());
    assert!(fs::read_to_string(&target).unwrap().contains("mode = \"none\""));

    fs::remove_file(&target).unwrap();
    edit::set(&link, "auth.mode", "none".into()).unwrap();
    assert!(
        link.is_symlink() && target.is_file(),
        "a dangling link is followed, too"
    );

    let circle = folder.0.path().join("circle.toml");
    symlink("circle.toml", &circle).unwrap();
    assert!(edit::set(&circle, "auth.mode", "none".into()).is_err());
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_leaves_nothing_behind() {
    let path = Path::new("/proc/self/settings.toml");
    let error = edit::set(path, "auth.mode", "none".into()).expect_err("no files can be made there");
    assert_eq!(Problem::from(&error).code, "settings_unwritable");
}

#[test]
fn differences_tell_what_must_be_restarted() {
    let old = Settings::default();
    assert_eq!(differences(&old, &old), []);
    let change = |text: &str| differences(&old, &Settings::parse(text, Path::new("settings.toml")).unwrap());
    let one = |key, applies| vec![Difference { key, applies }];
    assert_eq!(change("[auth]\nmode = \"none\""), one("auth.mode", Applies::Live));
    assert_eq!(
        change("[gateway]\nhosts = [\"a.b\"]"),
        one("gateway.hosts", Applies::Live)
    );
    assert_eq!(
        change("[gateway]\nlisten = [\"[::1]:1\"]"),
        one("gateway.listen", Applies::RestartEngine)
    );
    assert_eq!(
        change("[editor]\nargs = [\"--verbose\"]"),
        one("editor.args", Applies::RestartEditor)
    );
    assert_eq!(
        change("[ports]\nallow = [3000]"),
        one("ports.allow", Applies::RestartEditor)
    );
    let tls = change("[tls]\nmode = \"custom\"\ncert = \"/c\"\nkey = \"/k\"");
    assert_eq!(
        tls.iter().map(|difference| difference.key).collect::<Vec<_>>(),
        ["tls.mode", "tls.cert", "tls.key"]
    );

    let some = Settings::parse("[ports]\nallow = [3000]", Path::new("settings.toml")).unwrap();
    let more = Settings::parse("[ports]\nallow = [3000, 3001]", Path::new("settings.toml")).unwrap();
    assert_eq!(differences(&some, &more), one("ports.allow", Applies::Live));
    assert_eq!(
        differences(&some, &old),
        one("ports.allow", Applies::Live),
        "the gateway refuses at once"
    );
}

#[test]
fn a_check_writes_nothing_and_sees_what_other_keys_say() {
    let (_folder, file) = Folder::with("[gateway]\nlisten = [\"0.0.0.0:8443\"]\n");
    let before = fs::read_to_string(&file).unwrap();
    let error = edit::check(&file, "auth.mode", "none".into()).expect_err("beyond loopback");
    assert_eq!(Problem::from(&error).code, "none_beyond_loopback");
    assert!(
        error.reason().starts_with("auth.mode cannot be"),
        "{}",
        error.reason()
    );
    edit::check(&file, "sessions.idle", "1h".into()).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn what_stands_in_the_file_is_found_valid_or_not() {
    let (_folder, file) =
        Folder::with("auth.mode = \"nonsense\"\nsessions = { idle = \"1h\" }\n[unknown]\nkey = 1\n");
    let written = edit::written(&file).unwrap();
    let found: Vec<_> = written
        .iter()
        .map(|(key, value)| (*key, value.as_str().unwrap()))
        .collect();
    assert_eq!(found, [("auth.mode", "nonsense"), ("sessions.idle", "1h")]);
}

#[test]
fn a_text_is_put_back_only_when_it_is_valid() {
    let (folder, file) = Folder::with(OWN);
    let link = folder.0.path().join("link.toml");
    symlink(&file, &link).unwrap();
    edit::replace(&link, Some("[auth]\nmode = \"none\"\n")).unwrap();
    assert_eq!(edit::text(&file).unwrap().unwrap(), "[auth]\nmode = \"none\"\n");
    edit::replace(&link, Some("[auth]\nmode = \"nobody\"\n")).expect_err("not valid");
    assert_eq!(edit::text(&link).unwrap().unwrap(), "[auth]\nmode = \"none\"\n");
    edit::replace(&link, None).unwrap();
    assert_eq!(edit::text(&file).unwrap(), None);
}
