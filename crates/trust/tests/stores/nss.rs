//! NSS databases of both families, changed and read by the real certutil.

use std::fs;

use crate::support::{
    Door, Home, NO_DOOR, Person, certutil, code, contents, foreign_root, list, new_database, one, states,
};
use doorcode_tests::in_namespace;
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
    assert_eq!(code(one(&report)), "trust_host_unreachable", "{report:#?}");
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
fn a_read_only_database_is_left_alone_and_named() {
    if !in_namespace("nss::a_read_only_database_is_left_alone_and_named") {
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
fn two_at_once_do_not_get_into_each_others_way() {
    let home = Home::new();
    let roots = ["localhost", "my.dev.local", "10.1.2.3", "::1"].map(|host| home.root(host));
    std::thread::scope(|scope| {
        for root in &roots {
            scope.spawn(|| home.install(root, "chromium", NO_DOOR, &Person::silent()));
        }
    });
    let mut found: Vec<String> = list(&home.path(".local/share/pki/nssdb"))
        .iter()
        .map(|entry| entry.split(" CP,,").next().expect("a nickname").to_owned())
        .collect();
    let mut expected: Vec<String> = roots.iter().map(|root| root.nickname.clone()).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert!(expected.iter().all(|nickname| !nickname.contains(':')));
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
