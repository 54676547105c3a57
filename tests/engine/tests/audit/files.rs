//! Modes, links and owners.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use doorcode_tests::Door;

use crate::{SOUND, audit, door, found, ids, mode, run, set};

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
    found(&report, &["permissions.folder_link"], "certs: a link");
    assert_eq!((code, mode(&folder)), (1, 0o755), "{report:#}");
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
