//! What is written for the programs that are asked is this person's alone, also where the umask takes nothing away.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::{Door, Home};

/// Set in the test that runs again without a umask.
const MARK: &str = "DOORCODE_TEST_WITHOUT_UMASK";

#[test]
fn nobody_else_can_look_into_what_a_proof_writes() {
    if !without_umask("umask::nobody_else_can_look_into_what_a_proof_writes") {
        return;
    }
    let mut home = Home::new();
    let plain = home.path("plain");
    fs::write(&plain, "").expect("written");
    let mode = fs::metadata(&plain).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o666, "there is no umask");
    home.firefox_profile(".mozilla/firefox", "default");
    let root = home.root("localhost");
    let door = Door::open(&home.certs, "localhost");
    // Each writes down the modes of what it was given.
    let scripts = [
        (
            "chromium",
            "for word; do case $word in --user-data-dir=*) stat -c %a \"${word#*=}\" >\"$HOME/chromium\";; esac; done",
        ),
        (
            "firefox",
            "while [ $# -gt 0 ] && [ \"$1\" != --profile ]; do shift; done\n\
             [ $# = 0 ] || stat -c %a \"$2\" \"$2\"/*.db \"$2/pkcs11.txt\" \"$2/user.js\" >\"$HOME/firefox\"",
        ),
        (
            "p11-kit",
            "printf '    token: Own\\n        model: p11-kit-trust\\n'",
        ),
        (
            "trust",
            "for word; do :; done; stat -c %a \"$(dirname \"$word\")\" >\"$HOME/trust\"",
        ),
    ];
    for (name, script) in scripts {
        home.script(name, &format!("#!/bin/sh\n{script}\n"));
    }
    home.verify(&root, "", &door.url());
    let saw = |name: &str| fs::read_to_string(home.path(name)).expect("it was started");
    assert_eq!(saw("chromium"), "700\n");
    assert_eq!(saw("firefox"), "700\n600\n600\n600\n600\n");
    assert_eq!(saw("trust"), "700\n");
}

/// Runs this test again in a process whose umask is 0; there it is true.
fn without_umask(name: &str) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let output = Command::new("sh")
        .args(["-c", "umask 0; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().expect("a test has a path"))
        .args(["--exact", name, "--nocapture"])
        .env(MARK, "1")
        .output()
        .expect("there is a shell");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    false
}
