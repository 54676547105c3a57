//! Changes that fail half-way: what programs still read counts as trusted, whatever stands in the folder of anchors.

use std::fs;
use std::path::{Path, PathBuf};

use doorcode_tests::{in_namespace, own_system_store};
use doorcode_trust::{Root, State};

use super::{ANCHORS, BUNDLE, links, stem};
use crate::support::{Home, Person, code, contents, one};

const URL: &str = "https://localhost/";

#[test]
fn a_removal_that_fails_leaves_the_store_as_it_was_and_can_be_had_again() {
    if !in_namespace("system::failures::a_removal_that_fails_leaves_the_store_as_it_was_and_can_be_had_again")
    {
        return;
    }
    let mut desk = Desk::new();
    let person = Person::who_gives(&[]);
    desk.home.install(&desk.root, "system", URL, &person);
    let before = store();
    for update in [
        Update::Nothing,
        Update::Halfway {
            fresh: true,
            plain: true,
        },
        Update::Halfway {
            fresh: true,
            plain: false,
        },
    ] {
        desk.breaks(&update);
        for _ in 0..2 {
            let report = desk.home.remove(&desk.root, "system", &person);
            let problem = one(&report).problem.clone().expect("a problem");
            assert_eq!(problem.code, "trust_command_failed", "{problem}");
            assert!(
                problem.fix.ends_with("doorcode trust remove --host localhost"),
                "{problem}"
            );
            assert!(desk.anchor().exists(), "{update:?}");
        }
        if !matches!(update, Update::Halfway { plain: true, .. }) {
            assert_eq!(store(), before, "{update:?}");
        }
    }
    desk.works();
    let report = desk.home.remove(&desk.root, "system", &person);
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, ""),
        "{report:#?}"
    );
    assert!(contents(Path::new(ANCHORS)).is_empty() && !desk.programs_read_it());
    assert_eq!(
        fs::read_dir(ANCHORS).expect("a folder").count(),
        0,
        "the folder aside is gone"
    );
}

#[test]
fn a_root_that_only_programs_still_read_is_trusted_and_goes_by_an_update_alone() {
    if !in_namespace(
        "system::failures::a_root_that_only_programs_still_read_is_trusted_and_goes_by_an_update_alone",
    ) {
        return;
    }
    let mut desk = Desk::new();
    let person = Person::who_gives(&[]);
    let before = store();
    desk.home.install(&desk.root, "system", URL, &person);
    // As after a removal that was cut off.
    fs::remove_file(desk.anchor()).expect("it is there");
    let report = desk.home.report(&desk.root, "system");
    assert_eq!(one(&report).state, State::Trusted, "{report:#?}");

    desk.breaks(&Update::Nothing);
    let report = desk.home.remove(&desk.root, "system", &person);
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::Trusted, "trust_command_failed"),
        "{report:#?}"
    );
    desk.works();
    let report = desk.home.remove(&desk.root, "system", &person);
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, ""),
        "{report:#?}"
    );
    let seen = person.seen();
    assert_eq!(
        seen.commands.last().map(String::as_str),
        Some("sh -c 'update-ca-certificates --fresh'")
    );
    assert_eq!(store(), before);
}

#[test]
fn a_failed_installation_takes_back_what_programs_already_read() {
    if !in_namespace("system::failures::a_failed_installation_takes_back_what_programs_already_read") {
        return;
    }
    let mut desk = Desk::new();
    let person = Person::who_gives(&[]);
    let before = store();
    desk.breaks(&Update::Halfway {
        fresh: false,
        plain: true,
    });
    let report = desk.home.install(&desk.root, "system", URL, &person);
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, "trust_command_failed"),
        "{report:#?}"
    );
    assert_eq!(store(), before);

    // Where the way back fails as well, what is left is told, put right by the next installation and taken out by a removal.
    desk.breaks(&Update::Once);
    let report = desk.home.install(&desk.root, "system", URL, &person);
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::Trusted, "trust_command_failed"),
        "{report:#?}"
    );
    assert!(desk.programs_read_it() && !desk.anchor().exists());
    desk.works();
    desk.home.install(&desk.root, "system", URL, &person);
    assert!(desk.programs_read_it() && desk.anchor().exists());
    let report = desk.home.remove(&desk.root, "system", &person);
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, ""),
        "{report:#?}"
    );
    assert_eq!(store(), before);
}

#[test]
fn a_bundle_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    if !in_namespace("system::failures::a_bundle_that_cannot_be_read_is_not_taken_for_an_empty_one") {
        return;
    }
    let desk = Desk::new();
    fs::remove_file(BUNDLE).expect("it is there");
    fs::create_dir(BUNDLE).expect("a folder in its place");
    let report = desk.home.remove(&desk.root, "system", &Person::silent());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::Unknown, "trust_store_unreadable"),
        "{report:#?}"
    );
}

/// How the program that takes changes over fails.
#[derive(Debug)]
enum Update {
    /// Before it has done anything.
    Nothing,
    /// After it has written everything, when it is called with `--fresh`, without it, or both.
    Halfway { fresh: bool, plain: bool },
    /// After it has written everything, and from then on before.
    Once,
}

struct Desk {
    home: Home,
    root: Root,
}

impl Desk {
    fn new() -> Desk {
        let home = Home::new();
        own_system_store(home.dir.path());
        let root = home.root("localhost");
        Desk { home, root }
    }

    fn anchor(&self) -> PathBuf {
        format!("{ANCHORS}/{}.crt", stem(&self.root)).into()
    }

    fn breaks(&mut self, update: &Update) {
        let real = "/usr/sbin/update-ca-certificates \"$@\" || exit";
        let on = |arguments: &str, fails: bool| {
            format!("[ \"$*\" = '{arguments}' ] && exit {}\n", u8::from(fails))
        };
        let script = match update {
            Update::Nothing => "exit 1".to_owned(),
            Update::Halfway { fresh, plain } => {
                format!("{real}\n{}{}", on("--fresh", *fresh), on("", *plain))
            }
            Update::Once => format!("mkdir \"$HOME/called\" || exit\n{real}\nexit 1"),
        };
        self.home
            .script("update-ca-certificates", &format!("#!/bin/sh\n{script}\n"));
    }

    fn works(&mut self) {
        self.breaks(&Update::Halfway {
            fresh: false,
            plain: false,
        });
    }

    fn programs_read_it(&self) -> bool {
        fs::read_to_string(BUNDLE)
            .expect("a bundle")
            .contains(&self.root.pem)
    }
}

type Contents = Vec<(PathBuf, Vec<u8>)>;
type Links = Vec<(PathBuf, Option<PathBuf>, u64)>;

/// All of it.
fn store() -> (Contents, Links) {
    (contents(Path::new(ANCHORS)), links())
}
