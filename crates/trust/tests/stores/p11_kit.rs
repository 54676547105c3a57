//! p11-kit with a place of its own that can be written to, as somebody may have configured it.

use std::fs;
use std::process::Command;

use doorcode_tests::{in_namespace, own_network};
use doorcode_trust::State;

use crate::support::{Door, Home, Person, code, one};

#[test]
fn where_it_can_write_p11_kit_takes_the_root_and_gives_it_back() {
    if !in_namespace("p11_kit::where_it_can_write_p11_kit_takes_the_root_and_gives_it_back") {
        return;
    }
    own_network(&[]);
    let home = Home::new();
    let root = home.root("localhost");
    assert!(
        home.report(&root, "p11-kit").stores.is_empty(),
        "Debian's own cannot be written to"
    );

    let place = home.path("trust");
    fs::create_dir(&place).expect("a folder");
    let modules = "/usr/share/p11-kit/modules";
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "tmpfs", modules])
        .status();
    assert!(mounted.expect("mount is installed").success());
    let module = format!(
        "module: p11-kit-trust.so\npriority: 1\ntrust-policy: yes\nx-init-reserved: paths='{}'\n",
        place.display()
    );
    fs::write(format!("{modules}/p11-kit-trust.module"), module).expect("written");

    let door = Door::open(&home.certs, "localhost");
    assert_eq!(
        one(&home.verify(&root, "p11-kit", &door.url())).state,
        State::NotTrusted
    );
    let report = home.install(&root, "p11-kit", &door.url(), &Person::silent());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::Trusted, ""),
        "{report:#?}"
    );
    assert_eq!(fs::read_dir(&place).expect("a folder").count(), 1);
    let report = home.remove(&root, "p11-kit", &Person::silent());
    assert_eq!(
        (one(&report).state, code(one(&report))),
        (State::NotTrusted, ""),
        "{report:#?}"
    );
    assert_eq!(fs::read_dir(&place).expect("a folder").count(), 0);
}
