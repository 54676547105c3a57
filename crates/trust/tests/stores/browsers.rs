//! The proof: real Chromium and real Firefox, which refuse before, accept after, and refuse again.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use doorcode_trust::{State, StoreReport, TrustReport};

use crate::support::{Door, Home, NO_DOOR, Person, code, list, one};

/// What both browsers say of a root that they do not know.
const REFUSALS: [(&str, &str); 2] = [
    ("chromium", "Chromium: ERR_CERT_AUTHORITY_INVALID"),
    ("firefox:abcdefgh.default", "Firefox: SEC_ERROR_UNKNOWN_ISSUER"),
];

#[test]
fn both_browsers_refuse_before_accept_after_and_refuse_again() {
    for host in ["localhost", "127.0.0.1", "::1"] {
        let home = Home::new();
        let profile = home.firefox_profile(".config/mozilla/firefox", "default");
        let root = home.root(host);
        let door = Door::open(&home.certs, host);
        let verify = || browsers(&home.verify(&root, "", &door.url()));
        let refused = |when: &str| {
            for ((id, error), store) in REFUSALS.iter().zip(verify()) {
                assert_eq!(store.id.to_string(), *id);
                assert_eq!(
                    (store.state, store.detail.as_str()),
                    (State::NotTrusted, *error),
                    "{when}: {host}"
                );
            }
        };
        refused("before");
        let before = list(&profile);

        let person = Person::silent();
        let installed = home.install(&root, "chromium", &door.url(), &person);
        assert_eq!(accepted(one(&installed)), "accepted by Chromium");
        let installed = home.install(&root, "firefox", &door.url(), &person);
        assert_eq!(accepted(one(&installed)), "accepted by Firefox");
        assert_eq!(person.seen().finished, ["chromium", "firefox:abcdefgh.default"]);
        assert!(
            verify().iter().all(|store| store.state == State::Trusted),
            "{:#?}",
            verify()
        );

        home.remove(&root, "chromium", &person);
        home.remove(&root, "firefox", &person);
        refused("after");
        assert_eq!(list(&profile), before);
        assert!(list(&home.path(".local/share/pki/nssdb")).is_empty());
    }
}

fn browsers(report: &TrustReport) -> Vec<StoreReport> {
    let stores = report.stores.iter();
    stores
        .filter(|store| store.id.to_string() != "system")
        .cloned()
        .collect()
}

fn accepted(store: &StoreReport) -> &str {
    assert_eq!(store.state, State::Trusted, "{store:#?}");
    &store.detail
}

#[test]
fn a_profile_is_never_opened_nor_changed_by_the_proof() {
    let home = Home::new();
    let profile = home.firefox_profile(".mozilla/firefox", "default");
    let root = home.root("localhost");
    let door = Door::open(&home.certs, "localhost");
    let before = crate::support::contents(&profile);
    home.verify(&root, "firefox", &door.url());
    assert_eq!(crate::support::contents(&profile), before);
}

#[test]
fn a_door_that_is_closed_or_serves_another_root_says_nothing_about_trust() {
    let home = Home::new();
    let root = home.root("localhost");
    let report = home.verify(&root, "chromium", NO_DOOR);
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::Unknown, "trust_host_unreachable")
    );

    let door = Door::open(&home.certs, "localhost");
    home.certs.issue(&root.host).expect("issued again");
    let new = doorcode_trust::Root::of(&home.certs, &root.host).expect("its root");
    let report = home.verify(&new, "chromium", &door.url());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::Unknown, "trust_other_certificate")
    );
}

#[test]
fn a_browser_that_cannot_run_decides_nothing() {
    let mut home = Home::new();
    let root = home.root("localhost");
    let door = Door::open(&home.certs, "localhost");
    home.script(
        "chromium",
        "#!/bin/sh\ncase \"$*\" in --version) echo Chromium 156.0;; *) echo no display >&2; exit 1;; esac\n",
    );
    let report = home.install(&root, "chromium", &door.url(), &Person::silent());
    let problem = one(&report).problem.clone().expect("a problem");
    assert_eq!(
        (one(&report).state, problem.code.as_str()),
        (State::Unknown, "trust_inconclusive")
    );
    assert!(problem.message.contains("no display"), "{problem}");
}

#[test]
fn a_browser_without_a_program_is_not_installed() {
    let home = Home::with_programs(&["certutil"]);
    let profile = home.firefox_profile(".mozilla/firefox", "default");
    let root = home.root("localhost");
    let report = home.install(&root, "firefox", NO_DOOR, &Person::silent());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotInstalled, ""),
        "{report:#?}"
    );
    assert_eq!(list(&profile).len(), 1, "for when it comes back");
}

#[test]
fn a_running_browser_that_has_not_read_the_change_needs_a_restart() {
    let home = Home::new();
    let root = home.root("localhost");
    let door = Door::open(&home.certs, "localhost");
    let profile = home.firefox_profile(".mozilla/firefox", "default");

    let user_data = home.path(".config/chromium");
    let chromium = Running::start(
        &home,
        "chromium",
        &[
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            &format!("--user-data-dir={}", user_data.display()),
        ],
    );
    wait_for(|| user_data.join("SingletonLock").symlink_metadata().is_ok());
    let firefox = Running::start(
        &home,
        "firefox",
        &[
            "--headless",
            "--no-remote",
            "--profile",
            profile.to_str().expect("text"),
        ],
    );
    wait_for(|| profile.join("lock").symlink_metadata().is_ok());

    for (id, name) in [("chromium", "Chromium"), ("firefox", "Firefox")] {
        let report = home.install(&root, id, &door.url(), &Person::silent());
        assert_eq!(one(&report).state, State::RestartNeeded, "{report:#?}");
        assert!(
            one(&report).detail.contains(&format!("{name} runs since before")),
            "{report:#?}"
        );
    }
    drop((chromium, firefox));
    wait_for(|| one(&home.report(&root, "firefox")).state == State::Trusted);
    wait_for(|| one(&home.report(&root, "chromium")).state == State::Trusted);
}

/// A browser, ended with the test.
struct Running(std::process::Child);

impl Running {
    fn start(home: &Home, program: &str, args: &[&str]) -> Running {
        let child = Command::new(program)
            .args(args)
            .env("HOME", &home.places.home)
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_DATA_HOME")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn();
        Running(child.unwrap_or_else(|error| panic!("{program} is installed: {error}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_for(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "it does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn nothing_of_a_proof_is_left_behind() {
    let mut home = Home::new();
    let scratch = home.dir.path().join("scratch");
    fs::create_dir(&scratch).expect("a folder");
    let log = home.dir.path().join("arguments");
    home.script(
        "chromium",
        &format!(
            "#!/bin/sh\nfor word; do case $word in --user-data-dir=*) echo ${{word#*=}} >>{};; esac; done\n",
            log.display()
        ),
    );
    let root = home.root("localhost");
    let door = Door::open(&home.certs, "localhost");
    home.verify(&root, "chromium", &door.url());
    let folder = fs::read_to_string(log).expect("it was started");
    assert!(!Path::new(folder.trim()).exists(), "{folder}");
}
