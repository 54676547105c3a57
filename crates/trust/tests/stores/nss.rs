//! NSS databases of both families, changed and read by the real certutil.

use std::fs;

use crate::support::{
    Home, NO_DOOR, Person, certutil, code, contents, foreign_root, list, new_database, one, states,
};
use doorcode_trust::{Root, Selection, State, stores};

#[test]
fn the_root_alone_goes_in_and_comes_out_again() {
    let home = Home::new();
    let dir = home.path(".pki/nssdb");
    new_database(&dir);
    foreign_root(&dir, "Somebody else", "C,,");
    let before = list(&dir);
    let root = home.root("localhost");

    let report = home.install(&root, "chromium", NO_DOOR, &Person::silent());
    let store = one(&report);
    assert_eq!(
        (store.state, code(store)),
        (State::Unknown, "trust_host_unreachable")
    );
    assert_eq!(store.detail, "the root is in it", "and yet not proven");
    assert_eq!(one(&home.report(&root, "chromium")).state, State::Trusted);
    let line = format!("{} CP,,", root.nickname);
    let added: Vec<String> = list(&dir)
        .into_iter()
        .filter(|entry| !before.contains(entry))
        .collect();
    let [added] = &added[..] else { panic!("{added:?}") };
    assert!(added.starts_with(&line), "{added}");
    assert_eq!(added.matches("BEGIN CERTIFICATE").count(), 1, "{added}");
    assert_eq!(
        added
            .replace("\r\n", "\n")
            .split_once("-----BEGIN")
            .map(|(_, pem)| pem.trim_end()),
        root.pem.split_once("-----BEGIN").map(|(_, pem)| pem.trim_end())
    );

    let report = home.remove(&root, "chromium", &Person::silent());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, ""),
        "{report:#?}"
    );
    assert_eq!(list(&dir), before);
}

#[test]
fn looking_changes_nothing_and_makes_nothing() {
    let home = Home::new();
    let dir = home.firefox_profile(".mozilla/firefox", "default");
    let root = home.root("localhost");
    let before = contents(&home.places.home);
    let report = home.report(&root, "");
    assert!(
        report.stores.iter().all(|store| store.state == State::NotTrusted),
        "{report:#?}"
    );
    assert_eq!(contents(&home.places.home), before);
    assert!(dir.exists() && !home.path(".pki").exists() && !home.path(".local").exists());
}

#[test]
fn a_second_installation_changes_nothing() {
    let home = Home::new();
    let dir = home.path(".pki/nssdb");
    new_database(&dir);
    let root = home.root("localhost");
    home.install(&root, "chromium", NO_DOOR, &Person::silent());
    let before = contents(&dir);
    home.install(&root, "chromium", NO_DOOR, &Person::silent());
    assert_eq!(contents(&dir), before);
}

#[test]
fn a_root_without_trust_is_trusted_again_and_one_under_another_name_is_found() {
    let home = Home::new();
    let dir = home.path(".pki/nssdb");
    new_database(&dir);
    let root = home.root("localhost");
    let file = home.dir.path().join("root.crt");
    fs::write(&file, &root.pem).expect("written");
    let file = file.to_str().expect("text");
    certutil(
        &dir,
        &[
            "-A",
            "-n",
            "Doorcode by hand",
            "-t",
            ",,",
            "-i",
            file,
            "-f",
            "/dev/null",
        ],
    );
    let report = home.report(&root, "chromium");
    assert_eq!(one(&report).state, State::NotTrusted);
    assert!(one(&report).detail.contains("not marked"), "{report:#?}");

    home.install(&root, "chromium", NO_DOOR, &Person::silent());
    assert_eq!(one(&home.report(&root, "chromium")).state, State::Trusted);
    assert_eq!(list(&dir).len(), 1, "{:?}", list(&dir));
    home.remove(&root, "chromium", &Person::silent());
    assert!(list(&dir).is_empty());
}

#[test]
fn every_profile_in_every_place_is_a_store() {
    let home = Home::new();
    let mut expected = Vec::new();
    for (ground, name) in [
        (".mozilla/firefox", "default-esr"),
        (".mozilla/firefox", "work"),
        (".config/mozilla/firefox", "default-release"),
        ("snap/firefox/common/.mozilla/firefox", "default"),
        (".var/app/org.mozilla.firefox/.mozilla/firefox", "work"),
        (".librewolf", "default"),
    ] {
        expected.push(home.firefox_profile(ground, name));
    }
    // One that Firefox has made and no list names.
    let unlisted = home.path(".mozilla/firefox/12345678.found");
    new_database(&unlisted);
    expected.push(unlisted);
    let root = home.root("localhost");

    home.install(&root, "firefox", NO_DOOR, &Person::silent());
    for dir in &expected {
        assert!(
            list(dir)[0].starts_with(&format!("{} CP,,", root.nickname)),
            "{}",
            dir.display()
        );
    }
    let report = home.report(&root, "firefox");
    let mut ids: Vec<String> = states(&report).into_iter().map(|(id, _)| id).collect();
    ids.sort();
    let names = [
        "abcdefgh.default",
        "abcdefgh.default-2",
        "abcdefgh.default-esr",
        "abcdefgh.default-release",
    ];
    let others = ["12345678.found", "abcdefgh.work", "abcdefgh.work-2"];
    let mut wanted: Vec<String> = names
        .iter()
        .chain(&others)
        .map(|name| format!("firefox:{name}"))
        .collect();
    wanted.sort();
    assert_eq!(ids, wanted);

    home.remove(&root, "firefox:abcdefgh.work", &Person::silent());
    let left = expected.iter().filter(|dir| !list(dir).is_empty()).count();
    assert_eq!(left, expected.len() - 1);
    home.remove(&root, "firefox", &Person::silent());
    assert!(expected.iter().all(|dir| list(dir).is_empty()));
}

#[test]
fn chromium_looks_into_the_old_place_if_there_is_one_and_else_into_the_new() {
    for (made, expected) in [
        (&[][..], ".local/share/pki/nssdb"),
        (&[".local/share/pki/nssdb"][..], ".local/share/pki/nssdb"),
        (&[".pki/nssdb"][..], ".pki/nssdb"),
        (&[".pki/nssdb", ".local/share/pki/nssdb"][..], ".pki/nssdb"),
        (&[".pki"][..], ".local/share/pki/nssdb"),
    ] {
        let home = Home::new();
        for place in made {
            fs::create_dir_all(home.path(place)).expect("a folder");
        }
        let root = home.root("localhost");
        home.install(&root, "chromium", NO_DOOR, &Person::silent());
        assert_eq!(list(&home.path(expected)).len(), 1, "{made:?}");
        for other in [".pki/nssdb", ".local/share/pki/nssdb"] {
            let used = home.path(other).join("cert9.db").exists();
            assert_eq!(used, other == expected, "{made:?}: {other}");
            assert_eq!(
                home.path(other).exists(),
                made.contains(&other) || used,
                "{made:?}: {other}"
            );
        }
    }
}

#[test]
fn an_older_chromium_that_knows_only_the_old_place_is_given_that() {
    let mut home = Home::new();
    home.script("chromium", "#!/bin/sh\necho Chromium 145.0.7632.10\n");
    let root = home.root("localhost");
    home.install(&root, "chromium", NO_DOOR, &Person::silent());
    assert_eq!(list(&home.path(".pki/nssdb")).len(), 1);
}

#[test]
fn sandboxed_browsers_have_databases_of_their_own() {
    let home = Home::new();
    for base in [
        "snap/chromium/current",
        ".var/app/com.google.Chrome",
        ".var/app/org.chromium.Chromium",
    ] {
        fs::create_dir_all(home.path(base)).expect("a folder");
    }
    let databases = [
        "snap/chromium/current/.pki/nssdb",
        ".var/app/com.google.Chrome/data/pki/nssdb",
    ];
    for dir in databases {
        new_database(&home.path(dir));
    }
    let root = home.root("localhost");
    home.install(&root, "chromium", NO_DOOR, &Person::silent());
    for dir in databases {
        assert_eq!(list(&home.path(dir)).len(), 1, "{dir}");
    }
    let ids: Vec<String> = states(&home.report(&root, "chromium"))
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(
        ids,
        ["chromium", "chromium:snap.chromium", "chromium:com.google.Chrome"]
    );
    // Never used and not installed: nothing is made for it.
    assert_eq!(
        fs::read_dir(home.path(".var/app/org.chromium.Chromium"))
            .expect("there")
            .count(),
        0
    );
}

#[test]
fn roots_of_former_certificates_are_left_over_and_can_be_taken_out() {
    let home = Home::new();
    new_database(&home.path(".pki/nssdb"));
    let old = home.root("my.dev.local");
    home.install(&old, "chromium", NO_DOOR, &Person::silent());
    home.certs.issue(&old.host).expect("issued again");
    let new = Root::of(&home.certs, &old.host).expect("its root");
    assert_ne!(new.nickname, old.nickname);
    home.install(&new, "chromium", NO_DOOR, &Person::silent());
    assert_eq!(
        list(&home.path(".pki/nssdb")).len(),
        2,
        "both have names of their own"
    );

    let report = home.report(&new, "chromium");
    let [leftover] = &report.leftovers[..] else {
        panic!("{report:#?}")
    };
    assert_eq!(
        (&leftover.host, &leftover.fingerprint),
        (&old.host, &old.fingerprint)
    );

    let nobody = Person::silent();
    let known = [new.clone()];
    let in_use = doorcode_trust::remove_leftover(&home.places, &known, &leftover.id, &new.nickname, &nobody);
    assert_eq!(in_use.expect_err("a current host has it").code, "leftover_in_use");
    doorcode_trust::remove_leftover(&home.places, &known, &leftover.id, &leftover.nickname, &nobody)
        .expect("taken out");
    let left = list(&home.path(".pki/nssdb"));
    assert!(left.len() == 1 && left[0].starts_with(&new.nickname), "{left:?}");
}

#[test]
fn a_firefox_that_never_ran_says_so() {
    let home = Home::new();
    let root = home.root("localhost");
    let report = home.install(&root, "firefox", NO_DOOR, &Person::silent());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, "trust_browser_never_started")
    );
    assert!(fs::read_dir(&home.places.home).expect("a home").next().is_none());
}

#[test]
fn without_browsers_and_databases_there_is_nothing_to_do() {
    let home = Home::with_programs(&["certutil"]);
    let found = stores(&home.places)
        .iter()
        .filter(|store| store.id().to_string() != "system")
        .count();
    assert_eq!(found, 0);
    assert!(Selection::parse(&["netscape"]).is_err());
}
