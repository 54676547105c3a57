//! Settings files on disk: none, old ones, and such as cannot be trusted.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use doorcode_settings::{AuthMode, HostName, Problem, Settings};

#[test]
fn defaults_need_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::load(&folder.path().join("none/settings.toml")).unwrap();
    assert_eq!(settings, Settings::default());
    assert_eq!(
        settings.editor.folder,
        directories::BaseDirs::new().unwrap().home_dir()
    );
    assert_eq!(settings.gateway.listen, ["127.0.0.1:8443".parse().unwrap()]);
    assert_eq!(settings.gateway.hosts, ["localhost".parse::<HostName>().unwrap()]);
    assert_eq!(settings.auth.mode, AuthMode::Password);
    assert_eq!(settings.sessions.idle, Duration::from_secs(7 * 86_400));
    assert_eq!(settings.sessions.absolute, Duration::from_secs(30 * 86_400));
    assert_eq!(
        (settings.limits.connections, settings.limits.sign_in_per_minute),
        (4096, 10)
    );
}

/// Each file in `released` is what `doorcode settings show` of that version printed, with every key changed.
#[test]
fn every_settings_file_ever_released_still_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released");
    let mut read = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let settings = Settings::parse(&text, &path).unwrap_or_else(|error| panic!("{error}"));
        let unchanged = doorcode_settings::differences(&Settings::default(), &settings);
        assert!(
            unchanged.len() >= 15,
            "{}: a key was read and forgotten",
            path.display()
        );
        read += 1;
    }
    assert!(read > 0);
}

#[test]
fn a_file_that_others_can_write_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    fs::write(&path, "[auth]\nmode = \"none\"").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    assert!(Settings::load(&path).is_ok(), "a group is often a person's own");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let error = Settings::load(&path).expect_err("writable by everybody");
    assert!(error.to_string().contains("666"), "{error}");
    assert_eq!(Problem::from(&error).code, "settings_unsafe");
}

#[test]
fn what_cannot_be_read_is_no_reason_for_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let error = Settings::load(folder.path()).expect_err("a folder");
    assert_eq!(Problem::from(&error).code, "settings_unreadable");
    let path = folder.path().join("settings.toml");
    fs::write(&path, b"[auth]\n# gr\xfc\xdfe\n").unwrap();
    assert!(
        Settings::load(&path)
            .expect_err("Latin-1")
            .to_string()
            .contains("settings.toml:2:5: "),
        "names the place"
    );
    fs::write(&path, vec![b'\n'; 2 << 20]).unwrap();
    assert!(
        Settings::load(&path)
            .expect_err("2 MiB")
            .to_string()
            .contains("larger")
    );
    assert_eq!(
        Settings::load(Path::new("/dev/null")).unwrap(),
        Settings::default()
    );
}
