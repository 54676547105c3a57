//! The system's own store, in mount namespaces in which the test is root and nobody else sees what it writes.

mod failures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use doorcode_tests::{in_namespace, own_network, own_system_store};
use doorcode_trust::{Root, State};

use crate::support::{Door, Home, Person, code, contents, one};

const ANCHORS: &str = "/usr/local/share/ca-certificates";
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

#[test]
fn debians_store_takes_it_proves_it_and_gives_it_back() {
    if !in_namespace("system::debians_store_takes_it_proves_it_and_gives_it_back") {
        return;
    }
    own_network(&[]);
    let namespace = Home::new();
    own_system_store(namespace.dir.path());
    for host in ["localhost", "127.0.0.1", "::1"] {
        let home = Home::new();
        let root = home.root(host);
        let door = Door::open(&home.certs, host);
        let before = (contents(Path::new(ANCHORS)), links());
        let report = home.verify(&root, "system", &door.url());
        assert_eq!(one(&report).state, State::NotTrusted, "{report:#?}");
        assert!(one(&report).detail.contains("UnknownIssuer"), "{report:#?}");
        assert!(!curl(&door.url()));

        let person = Person::who_gives(&[]);
        let report = home.install(&root, "system", &door.url(), &person);
        assert_eq!(one(&report).state, State::Trusted, "{report:#?}");
        let seen = person.seen();
        let anchor = format!("{ANCHORS}/{}.crt", stem(&root));
        let [command] = &seen.commands[..] else {
            panic!("{seen:?}")
        };
        assert!(
            command.contains(&anchor) && command.contains("update-ca-certificates"),
            "{command}"
        );
        assert!(seen.lines.iter().any(|line| line.contains("1 added")), "{seen:?}");
        assert_eq!(fs::read_to_string(&anchor).expect("there"), root.pem);
        assert!(curl(&door.url()));
        home.install(&root, "system", &door.url(), &person);
        assert_eq!(
            person.seen().commands.len(),
            1,
            "what is there is not put in again"
        );

        let report = home.remove(&root, "system", &person);
        assert_eq!(
            (one(&report).state, code(one(&report))),
            (State::NotTrusted, ""),
            "{report:#?}"
        );
        assert_eq!((contents(Path::new(ANCHORS)), links()), before);
        assert!(!curl(&door.url()));
    }
}

#[test]
fn refused_or_failing_it_leaves_the_store_as_it_was() {
    if !in_namespace("system::refused_or_failing_it_leaves_the_store_as_it_was") {
        return;
    }
    let mut home = Home::new();
    own_system_store(home.dir.path());
    let root = home.root("localhost");
    let before = (contents(Path::new(ANCHORS)), links());
    let report = home.install(&root, "system", "https://localhost/", &Person::silent());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, "trust_called_off")
    );
    assert_eq!((contents(Path::new(ANCHORS)), links()), before);

    home.script(
        "update-ca-certificates",
        "#!/bin/sh\necho no space left; exit 1\n",
    );
    let report = home.install(&root, "system", "https://localhost/", &Person::who_gives(&[]));
    let problem = one(&report).problem.clone().expect("a problem");
    assert!(
        problem.code == "trust_command_failed" && problem.message.contains("no space left"),
        "{problem}"
    );
    assert_eq!((contents(Path::new(ANCHORS)), links()), before);
}

#[test]
fn only_anchors_of_our_shape_are_ours_whatever_the_file_is_called() {
    if !in_namespace("system::only_anchors_of_our_shape_are_ours_whatever_the_file_is_called") {
        return;
    }
    let home = Home::new();
    own_system_store(home.dir.path());
    let former = home.root("my.dev.local");
    home.certs.issue(&former.host).expect("issued again");
    let current = Root::of(&home.certs, &former.host).expect("its root");
    fs::write(format!("{ANCHORS}/by hand.crt"), &former.pem).expect("written");
    fs::write(format!("{ANCHORS}/byhand.crt"), &former.pem).expect("written");
    let system = fs::read_to_string(BUNDLE).expect("a bundle");
    let somebody = system
        .split_inclusive("-----END CERTIFICATE-----\n")
        .next()
        .expect("one");
    fs::write(format!("{ANCHORS}/{}.crt", stem(&current)), somebody).expect("written");

    let report = home.report(&current, "system");
    assert_eq!(one(&report).state, State::NotTrusted, "{report:#?}");
    let names: Vec<&str> = report
        .leftovers
        .iter()
        .map(|leftover| leftover.nickname.as_str())
        .collect();
    assert_eq!(
        names,
        [format!("{ANCHORS}/by hand.crt"), format!("{ANCHORS}/byhand.crt")]
    );

    let id = "system".parse().expect("a store");
    let person = Person::who_gives(&[]);
    let take_out = |name: &str| {
        let name = format!("{ANCHORS}/{name}");
        doorcode_trust::remove_leftover(&home.places, std::slice::from_ref(&current), &id, &name, &person)
    };
    // A shell would read it as two words.
    let refused = take_out("by hand.crt").expect_err("not by a shell");
    assert_eq!(refused.code, "trust_store_unreadable");
    assert!(person.seen().commands.is_empty());
    fs::remove_file(format!("{ANCHORS}/by hand.crt")).expect("by hand");
    take_out("byhand.crt").expect("taken out");
    let left: Vec<PathBuf> = contents(Path::new(ANCHORS))
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(left, [PathBuf::from(format!("{ANCHORS}/{}.crt", stem(&current)))]);
}

/// Fedora's, Arch's and openSUSE's folders, with stand-ins for the programs that take changes over.
#[test]
fn every_layout_has_its_folder_its_program_and_its_bundle() {
    if !in_namespace("system::every_layout_has_its_folder_its_program_and_its_bundle") {
        return;
    }
    for (anchors, bundle, program, call) in [
        (
            "/etc/pki/ca-trust/source/anchors",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "update-ca-trust",
            "extract",
        ),
        (
            "/etc/pki/trust/anchors",
            "/var/lib/ca-certificates/ca-bundle.pem",
            "update-ca-certificates",
            "",
        ),
        (
            "/etc/ca-certificates/trust-source/anchors",
            "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
            "trust",
            "extract-compat",
        ),
    ] {
        let mut home = Home::new();
        for place in ["/etc", "/var/lib"] {
            run("mount", &["-t", "tmpfs", "tmpfs", place]);
        }
        fs::create_dir_all(anchors).expect("a folder");
        fs::create_dir_all(Path::new(bundle).parent().expect("a folder")).expect("a folder");
        let log = home.dir.path().join("calls");
        home.script(
            program,
            &format!(
                "#!/bin/sh\necho \"$*\" >>{log}\ncat {anchors}/* >{bundle} 2>/dev/null\ntrue\n",
                log = log.display()
            ),
        );
        let root = home.root("my.dev.local");
        let person = Person::who_gives(&[]);
        let report = home.install(&root, "system", "https://my.dev.local/", &person);
        assert_eq!(one(&report).place, anchors);
        assert_eq!(
            one(&home.report(&root, "system")).state,
            State::Trusted,
            "{anchors}: {report:#?}"
        );
        assert_eq!(contents(Path::new(anchors)).len(), 1);
        let report = home.remove(&root, "system", &person);
        assert_eq!(
            (one(&report).state, code(one(&report))),
            (State::NotTrusted, ""),
            "{report:#?}"
        );
        assert!(contents(Path::new(anchors)).is_empty());
        assert_eq!(
            fs::read_to_string(&log).expect("called"),
            format!("{call}\n{call}\n")
        );
        for place in ["/var/lib", "/etc"] {
            run("umount", &[place]);
        }
    }
}

fn run(program: &str, args: &[&str]) {
    let output = Command::new(program)
        .args(args)
        .output()
        .expect("it is installed");
    assert!(output.status.success(), "{program} {args:?}: {output:?}");
}

/// What stands in the folder of the system's certificates.
fn links() -> Vec<(PathBuf, Option<PathBuf>, u64)> {
    let mut found: Vec<_> = fs::read_dir("/etc/ssl/certs")
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let length = fs::metadata(&path).map(|found| found.len()).unwrap_or_default();
            let target = fs::read_link(&path).ok();
            (path, target, length)
        })
        .collect();
    found.sort();
    found
}

fn curl(url: &str) -> bool {
    let run = Command::new("curl")
        .args(["--silent", "--noproxy", "*", url])
        .env_remove("SSL_CERT_FILE")
        .output();
    run.expect("curl is installed").status.success()
}

fn stem(root: &Root) -> String {
    let host = root.host.to_string().replace(['.', ':'], "_");
    let short = root.fingerprint.replace(':', "")[..8].to_lowercase();
    format!("doorcode-{host}-{short}")
}
