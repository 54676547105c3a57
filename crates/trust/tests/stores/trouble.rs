//! Databases that cannot be written to, that ask for a password, or that somebody else is at; certutil gone or failing; and what
//! is not ours.

use std::fs;

use crate::support::{
    Door, Home, NO_DOOR, Person, certutil, code, contents, foreign_root, list, new_database, one,
};
use doorcode_tests::in_namespace;
use doorcode_trust::State;

#[test]
fn a_read_only_database_is_left_alone_and_named() {
    if !in_namespace("trouble::a_read_only_database_is_left_alone_and_named") {
        return;
    }
    let home = Home::new();
    let dir = home.firefox_profile(".mozilla/firefox", "default");
    let root = home.root("localhost");
    let bind = |options: &str| {
        let done = std::process::Command::new("mount")
            .args(["-o", options])
            .args([&dir, &dir])
            .status();
        assert!(done.expect("mount is installed").success());
    };
    bind("bind");
    bind("remount,bind,ro");
    let before = contents(&dir);
    let report = home.install(&root, "firefox", NO_DOOR, &Person::silent());
    let store = one(&report);
    assert_eq!(
        (store.state, code(store)),
        (State::NotTrusted, "trust_store_read_only")
    );
    let problem = store.problem.as_ref().expect("a problem");
    assert!(problem.message.contains(dir.to_str().expect("text")), "{problem}");
    assert_eq!(contents(&dir), before);
}

#[test]
fn a_primary_password_is_asked_for_until_it_is_right() {
    let home = Home::new();
    let dir = home.firefox_profile(".mozilla/firefox", "default");
    protect(&home, &dir, "a long secret: with a colon");
    let root = home.root("localhost");

    let refusing = Person::silent();
    let report = home.install(&root, "firefox", NO_DOOR, &refusing);
    assert_eq!(code(one(&report)), "trust_called_off", "{report:#?}");
    assert_eq!(
        refusing.seen().prompts,
        ["Primary password of Firefox (default): "]
    );
    assert!(list(&dir).is_empty(), "nothing is left behind");

    let wrong = Person::who_gives(&["one", "two", "three", "four"]);
    let report = home.install(&root, "firefox", NO_DOOR, &wrong);
    assert_eq!(code(one(&report)), "trust_password_wrong", "{report:#?}");
    assert_eq!(wrong.seen().prompts.len(), 3);
    assert!(list(&dir).is_empty(), "nothing is left behind");

    let right = Person::who_gives(&["one", "a long secret: with a colon"]);
    let door = Door::open(&home.certs, "localhost");
    let report = home.install(&root, "firefox", &door.url(), &right);
    assert_eq!(right.seen().prompts.len(), 2);
    // Firefox itself takes it without being told the password.
    assert_eq!(one(&report).state, State::Trusted, "{report:#?}");

    let report = home.remove(&root, "firefox", &Person::silent());
    assert_eq!(code(one(&report)), "", "{report:#?}");
    assert!(list(&dir).is_empty());
}

fn protect(home: &Home, dir: &std::path::Path, password: &str) {
    let file = home.dir.path().join("password");
    fs::write(&file, format!("{password}\n")).expect("written");
    let empty = home.dir.path().join("empty");
    fs::write(&empty, "\n").expect("written");
    let (file, empty) = (file.to_str().expect("text"), empty.to_str().expect("text"));
    certutil(dir, &["-W", "-f", empty, "-@", file]);
}

#[test]
fn without_certutil_the_package_is_named_and_nothing_is_made() {
    let home = Home::with_programs(&["chromium"]);
    let root = home.root("localhost");
    let report = home.install(&root, "chromium", NO_DOOR, &Person::silent());
    let store = one(&report);
    assert_eq!(code(store), "trust_tool_missing", "{report:#?}");
    let fix = &store.problem.as_ref().expect("a problem").fix;
    assert!(fix.contains("nss"), "{fix}");
    assert!(fs::read_dir(&home.places.home).expect("a home").next().is_none());
}

#[test]
fn a_failing_certutil_is_quoted_and_leaves_nothing_behind() {
    let mut home = Home::new();
    let real = std::process::Command::new("sh")
        .args(["-c", "command -v certutil"])
        .output()
        .expect("a shell");
    let real = String::from_utf8(real.stdout).expect("text");
    // As a full disk would: the certificate is in before the failure.
    let script = format!(
        "#!/bin/sh\n{0} \"$@\" || exit\ncase \" $* \" in *' -A '*) echo disk full >&2; exit 5;; esac\n",
        real.trim()
    );
    home.script("certutil", &script);
    let root = home.root("localhost");
    let report = home.install(&root, "chromium", NO_DOOR, &Person::silent());
    let problem = one(&report).problem.clone().expect("a problem");
    assert_eq!(problem.code, "trust_command_failed");
    assert!(
        problem.message.contains("certutil -A -d sql:") && problem.message.contains("disk full"),
        "{problem}"
    );
    assert!(
        !home.path(".local").exists(),
        "the folders that were made are gone again"
    );

    new_database(&home.path(".pki/nssdb"));
    home.install(&root, "chromium", NO_DOOR, &Person::silent());
    assert!(list(&home.path(".pki/nssdb")).is_empty());
}

#[test]
fn what_only_looks_like_ours_is_never_touched() {
    let home = Home::new();
    let dir = home.path(".pki/nssdb");
    new_database(&dir);
    let root = home.root("localhost");
    // Named as ours would be, by somebody else: no constraints, so it could vouch for anything.
    foreign_root(&dir, &root.nickname, "C,,");
    let before = list(&dir);
    let report = home.report(&root, "chromium");
    assert_eq!(one(&report).state, State::NotTrusted);
    assert!(report.leftovers.is_empty(), "{report:#?}");
    home.remove(&root, "chromium", &Person::silent());
    assert_eq!(list(&dir), before);
    let id = "chromium".parse().expect("a store");
    let refused = doorcode_trust::remove_leftover(&home.places, &[], &id, &root.nickname, &Person::silent());
    assert_eq!(refused.expect_err("not ours").code, "leftover_missing");
    assert_eq!(list(&dir), before);
}

#[test]
fn two_at_once_do_not_get_into_each_others_way() {
    let home = Home::new();
    let roots = ["localhost", "my.dev.local", "10.1.2.3", "::1"].map(|host| home.root(host));
    let reports: Vec<_> = std::thread::scope(|scope| {
        let each = roots.each_ref().map(|root| {
            let home = &home;
            scope.spawn(move || home.install(root, "chromium", NO_DOOR, &Person::silent()))
        });
        each.map(|one| one.join().expect("a report")).into()
    });
    let mut found: Vec<String> = list(&home.path(".local/share/pki/nssdb"))
        .iter()
        .map(|entry| entry.split(" CP,,").next().expect("a nickname").to_owned())
        .collect();
    let mut expected: Vec<String> = roots.iter().map(|root| root.nickname.clone()).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{reports:#?}");
    assert!(expected.iter().all(|nickname| !nickname.contains(':')));
}
