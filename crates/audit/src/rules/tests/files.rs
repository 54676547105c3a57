//! permissions.

use std::path::PathBuf;

use super::Case;
use crate::{Facts, Fix, Found, Kind, Place, Role, audit};

const US: u32 = 1000;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "permissions.folder_writable",
        fires: |facts| lies(facts, Role::Folder, Kind::Folder, 0o730),
        silent: |facts| lies(facts, Role::Folder, Kind::Folder, 0o755),
        says: "/home/x: mode 0730",
    },
    Case {
        id: "permissions.folder_open",
        fires: |facts| lies(facts, Role::Folder, Kind::Folder, 0o711),
        silent: |facts| lies(facts, Role::Folder, Kind::Folder, 0o700),
        says: "mode 0711",
    },
    Case {
        id: "permissions.key_readable",
        fires: |facts| lies(facts, Role::Key, Kind::File, 0o644),
        silent: |facts| lies(facts, Role::Key, Kind::File, 0o600),
        says: "mode 0644",
    },
    Case {
        id: "permissions.secret_readable",
        fires: |facts| lies(facts, Role::Secret, Kind::File, 0o640),
        silent: |facts| lies(facts, Role::Secret, Kind::File, 0o400),
        says: "mode 0640",
    },
    Case {
        id: "permissions.file_writable",
        fires: |facts| lies(facts, Role::File, Kind::File, 0o620),
        silent: |facts| lies(facts, Role::File, Kind::File, 0o644),
        says: "mode 0620",
    },
    Case {
        id: "permissions.file_writable",
        fires: |facts| lies(facts, Role::Authority, Kind::File, 0o664),
        silent: |facts| lies(facts, Role::Authority, Kind::File, 0o644),
        says: "mode 0664",
    },
    Case {
        id: "permissions.file_writable",
        fires: |facts| lies(facts, Role::Settings, Kind::File, 0o646),
        silent: |facts| lies(facts, Role::Settings, Kind::File, 0o664),
        says: "mode 0646",
    },
    Case {
        id: "permissions.file_readable",
        fires: |facts| lies(facts, Role::File, Kind::File, 0o604),
        silent: |facts| lies(facts, Role::File, Kind::File, 0o600),
        says: "mode 0604",
    },
    Case {
        id: "permissions.settings_group",
        fires: |facts| {
            lies(facts, Role::Settings, Kind::File, 0o660);
            found(facts).group = 1001;
        },
        silent: |facts| lies(facts, Role::Settings, Kind::File, 0o660),
        says: "mode 0660",
    },
    Case {
        id: "permissions.symbolic_link",
        fires: |facts| lies(facts, Role::File, Kind::Link, 0o777),
        silent: |facts| lies(facts, Role::Settings, Kind::File, 0o600),
        says: "/home/x: a link",
    },
    Case {
        id: "permissions.folder_link",
        fires: |facts| lies(facts, Role::Folder, Kind::Link, 0o777),
        silent: |facts| lies(facts, Role::Folder, Kind::Folder, 0o700),
        says: "/home/x: a link",
    },
    Case {
        id: "permissions.wrong_kind",
        fires: |facts| lies(facts, Role::Key, Kind::Other, 0o600),
        silent: |facts| lies(facts, Role::Key, Kind::Link, 0o777),
        says: "/home/x",
    },
    Case {
        id: "permissions.wrong_kind",
        fires: |facts| lies(facts, Role::Folder, Kind::File, 0o600),
        silent: |facts| lies(facts, Role::Folder, Kind::Link, 0o777),
        says: "/home/x",
    },
    Case {
        id: "permissions.foreign_owner",
        fires: |facts| {
            lies(facts, Role::File, Kind::File, 0o600);
            found(facts).owner = 0;
        },
        silent: |facts| {
            lies(facts, Role::Settings, Kind::File, 0o600);
            found(facts).owner = 0;
        },
        says: "of user 0",
    },
    Case {
        id: "permissions.foreign_owner",
        fires: |facts| {
            lies(facts, Role::Above, Kind::Folder, 0o755);
            found(facts).owner = 1001;
        },
        silent: |facts| lies(facts, Role::Above, Kind::Folder, 0o755),
        says: "of user 1001",
    },
    Case {
        id: "permissions.above_writable",
        fires: |facts| lies(facts, Role::Above, Kind::Folder, 0o777),
        silent: |facts| lies(facts, Role::Above, Kind::Folder, 0o1777),
        says: "mode 0777",
    },
    Case {
        id: "permissions.above_writable",
        fires: |facts| {
            lies(facts, Role::Above, Kind::Folder, 0o775);
            found(facts).group = 50;
        },
        silent: |facts| {
            lies(facts, Role::Above, Kind::Folder, 0o775);
            (found(facts).owner, found(facts).group) = (0, 50);
        },
        says: "mode 0775",
    },
    Case {
        id: "permissions.above_writable",
        fires: |facts| {
            lies(facts, Role::Above, Kind::Folder, 0o775);
            (found(facts).owner, found(facts).group) = (0, 1001);
        },
        silent: |facts| lies(facts, Role::Above, Kind::Folder, 0o775),
        says: "of user 0",
    },
    Case {
        id: "permissions.program_writable",
        fires: |facts| lies(facts, Role::Program, Kind::File, 0o757),
        silent: |facts| lies(facts, Role::Program, Kind::File, 0o755),
        says: "mode 0757",
    },
    Case {
        id: "permissions.second_name",
        fires: |facts| {
            lies(facts, Role::Key, Kind::File, 0o600);
            found(facts).names = 2;
        },
        silent: |facts| {
            lies(facts, Role::File, Kind::File, 0o600);
            found(facts).names = 2;
        },
        says: "/home/x",
    },
    Case {
        id: "permissions.not_seen",
        fires: |facts| {
            lies(facts, Role::Key, Kind::File, 0o600);
            facts.places[0].found = Err("permission denied".to_owned());
        },
        silent: |facts| lies(facts, Role::Key, Kind::File, 0o600),
        says: "/home/x: permission denied",
    },
];

fn lies(facts: &mut Facts, role: Role, kind: Kind, mode: u32) {
    facts.places.push(Place {
        path: PathBuf::from("/home/x"),
        role,
        found: Ok(Found {
            kind,
            mode,
            owner: US,
            group: US,
            names: 1,
        }),
        fix: None,
    });
}

fn found(facts: &mut Facts) -> &mut Found {
    facts.places[0].found.as_mut().expect("it lies there")
}

#[test]
fn what_a_mode_mends_is_fixable_and_what_it_does_not_is_not() {
    let mut facts = super::sound();
    lies(&mut facts, Role::Key, Kind::File, 0o644);
    found(&mut facts).names = 2;
    facts.places[0].fix = Some(Fix {
        folder: "/home".into(),
        name: "x".into(),
        keep: 0o600,
    });
    let fixable = |report: &crate::Report, id: &str| {
        let found = report.findings.iter().find(|one| one.check_id == id);
        found.unwrap_or_else(|| panic!("no {id}: {report:?}")).fixable
    };
    let report = audit(&facts);
    assert!(fixable(&report, "permissions.key_readable"));
    assert!(!fixable(&report, "permissions.second_name"));

    facts.places[0].fix = None;
    let report = audit(&facts);
    let key = report
        .findings
        .iter()
        .find(|one| one.check_id == "permissions.key_readable");
    let key = key.expect("still found");
    assert_eq!(
        (key.fixable, key.remediation.as_deref()),
        (false, Some("chmod 600 '/home/x'"))
    );
}
