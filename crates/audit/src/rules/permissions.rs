//! Who else on this machine can read or change what is ours.

use doorcode_settings::Explanation;

use crate::{Facts, Found, Hit, Kind, Place, Role, Rule, Severity};

const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;
const ALL_WRITE: u32 = 0o002;
const GROUP_WRITE: u32 = 0o020;
const STICKY: u32 = 0o1000;
const FIRST_PERSONS_GROUP: u32 = 1000;

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "permissions.folder_writable",
            title: "Others can put files into a folder of Doorcode's",
            cause: "Whoever can write there can replace what the engine reads and runs: certificates, sessions, the editor's \
                    program. They act as you from then on.",
            remedy: "doorcode audit --fix",
        },
        severity: Severity::Critical,
        check: |facts| {
            modes(facts, &[Role::Folder], |found| {
                is(found, Kind::Folder) && found.mode & OTHERS_WRITE != 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.folder_open",
            title: "Others can look into a folder of Doorcode's",
            cause: "The folder is not 0700. What is in it is 0600 by itself; that is then the only thing that keeps others out, also \
                    from the sockets.",
            remedy: "doorcode audit --fix",
        },
        severity: Severity::Warn,
        check: |facts| {
            modes(facts, &[Role::Folder], |found| {
                is(found, Kind::Folder) && found.mode & OTHERS != 0 && found.mode & OTHERS_WRITE == 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.key_readable",
            title: "Others can read a private key",
            cause: "Whoever has read it can pass for this host to everybody who trusts its certificate, until that is replaced: a \
                    tighter mode does not take back what was read. The engine does not serve such a key silently.",
            remedy: "doorcode audit --fix; if somebody else may have read it: doorcode cert issue HOST",
        },
        severity: Severity::Critical,
        check: |facts| {
            modes(facts, &[Role::Key], |found| {
                is(found, Kind::File) && found.mode & OTHERS != 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.secret_readable",
            title: "Others can read a secret",
            cause: "A password's hash can be guessed at without a limit, and a proxy's secret makes its reader the proxy.",
            remedy: "doorcode audit --fix; if somebody else may have read it, set a new one",
        },
        severity: Severity::Critical,
        check: |facts| {
            modes(facts, &[Role::Secret], |found| {
                is(found, Kind::File) && found.mode & OTHERS != 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.file_writable",
            title: "Others can change a file that the engine believes",
            cause: "The settings name a program that runs as you; certificates, key sets and session files decide who is let in.",
            remedy: "Read it first: it may have been changed. Then: doorcode audit --fix",
        },
        severity: Severity::Critical,
        check: |facts| {
            let mut hits = modes(facts, &[Role::File, Role::Authority], |found| {
                is(found, Kind::File) && found.mode & OTHERS_WRITE != 0
            });
            hits.extend(modes(facts, &[Role::Settings], |found| {
                is(found, Kind::File) && found.mode & ALL_WRITE != 0
            }));
            hits
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.file_readable",
            title: "Others can read a file of Doorcode's",
            cause: "It says who was here, when, from where, and what the editor printed; it holds no password.",
            remedy: "doorcode audit --fix",
        },
        severity: Severity::Warn,
        check: |facts| {
            modes(facts, &[Role::File], |found| {
                is(found, Kind::File) && found.mode & OTHERS != 0 && found.mode & OTHERS_WRITE == 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.settings_group",
            title: "A group can write the settings",
            cause: "The settings name a program that runs as you. Everybody in the file's group, which is not your own, can name \
                    another one.",
            remedy: "chmod g-w settings.toml (doorcode settings path says where it is)",
        },
        severity: Severity::Warn,
        check: |facts| {
            modes(facts, &[Role::Settings], |found| {
                is(found, Kind::File) && written_by_a_group(facts, found) && found.mode & ALL_WRITE == 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.symbolic_link",
            title: "A link stands where Doorcode keeps a file",
            cause: "Doorcode writes regular files only, so somebody else made the link: to have a file of yours overwritten, or one of \
                    theirs read. A certificate behind a link is not served.",
            remedy: "Look where it leads (ls -l), then remove it; the file is made anew",
        },
        severity: Severity::Critical,
        check: |facts| {
            others(facts, &[Role::Key, Role::Secret, Role::File], |found| {
                is(found, Kind::Link)
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.folder_link",
            title: "A folder of Doorcode's is a link",
            cause: "The engine follows it when you or root made it. What it leads to was not audited, and --fix does not go there.",
            remedy: "Look where it leads (ls -l); if you did not make it, remove it",
        },
        severity: Severity::Warn,
        check: |facts| others(facts, &[Role::Folder], |found| is(found, Kind::Link)),
    },
    Rule {
        explanation: Explanation {
            code: "permissions.wrong_kind",
            title: "Something else stands where a file or folder belongs",
            cause: "A folder, pipe or device stands in the place of a file, or a file in the place of a folder. Nothing of Doorcode's \
                    makes such a thing.",
            remedy: "Look at it (ls -ld), then remove it",
        },
        severity: Severity::Warn,
        check: |facts| {
            let mut hits = others(facts, &[Role::Folder], |found| {
                !is(found, Kind::Folder) && !is(found, Kind::Link)
            });
            hits.extend(others(
                facts,
                &[
                    Role::Key,
                    Role::Secret,
                    Role::File,
                    Role::Settings,
                    Role::Authority,
                ],
                |found| !is(found, Kind::File) && !is(found, Kind::Link),
            ));
            hits
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.foreign_owner",
            title: "Somebody else owns what Doorcode relies on",
            cause: "The owner of a file or folder can change it and its mode at any time.",
            remedy: "Look at it (ls -ld), then take it over with chown or remove it",
        },
        severity: Severity::Critical,
        check: |facts| {
            let mut hits = others(
                facts,
                &[Role::Folder, Role::Key, Role::Secret, Role::File],
                |found| found.owner != facts.us.0,
            );
            let of_root_too = [Role::Settings, Role::Authority, Role::Program, Role::Above];
            hits.extend(others(facts, &of_root_too, |found| {
                found.owner != facts.us.0 && found.owner != 0
            }));
            hits
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.above_writable",
            title: "Others can replace a folder that leads to Doorcode's files",
            cause: "Whoever can write into a folder can rename what is in it and put something of theirs there, whatever the modes \
                    further down.",
            remedy: "chmod o-w, and g-w, the folder",
        },
        severity: Severity::Critical,
        check: |facts| {
            modes(facts, &[Role::Above], |found| {
                let written = found.mode & ALL_WRITE != 0 || written_by_a_group(facts, found);
                is(found, Kind::Folder) && written && found.mode & STICKY == 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.program_writable",
            title: "Others can change the program that is the editor",
            cause: "It runs as you, with everything that you may do.",
            remedy: "chmod go-w it, or have Doorcode install one of its own: doorcode install",
        },
        severity: Severity::Critical,
        check: |facts| {
            modes(facts, &[Role::Program], |found| {
                found.mode & ALL_WRITE != 0 || written_by_a_group(facts, found)
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.second_name",
            title: "A secret file has a second name",
            cause: "A hard link to it stands somewhere else, where the folder may let others in. Removing the file here does not \
                    remove it there.",
            remedy: "find / -xdev -samefile FILE, and remove the other name",
        },
        severity: Severity::Warn,
        check: |facts| {
            others(facts, &[Role::Key, Role::Secret], |found| {
                is(found, Kind::File) && found.names > 1
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.not_seen",
            title: "Something could not be looked at",
            cause: "The system does not let this user see it, so that nothing can be said about it.",
            remedy: "Look at it (ls -ld)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let failed = facts
                .places
                .iter()
                .filter_map(|place| Some((place, place.found.as_ref().err()?)));
            failed
                .map(|(place, error)| Hit::new(format!("{}: {error}", place.path.display())))
                .collect()
        },
    },
];

/// A hit for each place with one of these roles whose mode is wrong. What `--fix` does not tighten, a person may.
fn modes(facts: &Facts, roles: &[Role], wrong: impl Fn(&Found) -> bool) -> Vec<Hit> {
    { places(facts, roles, wrong) }
        .map(|(place, found)| {
            let hit = told(facts, place, found);
            match (&place.fix, place.role) {
                (Some(fix), _) => hit.fixed_by(fix.clone()),
                (None, Role::Key | Role::Secret | Role::File) => hit.next(command("600", place)),
                (None, Role::Folder) => hit.next(command("700", place)),
                (None, _) => hit.next(command("go-w", place)),
            }
        })
        .collect()
}

/// A hit for each place with one of these roles at which something is wrong that no mode mends.
fn others(facts: &Facts, roles: &[Role], wrong: impl Fn(&Found) -> bool) -> Vec<Hit> {
    { places(facts, roles, wrong) }
        .map(|(place, found)| told(facts, place, found))
        .collect()
}

fn places<'a>(
    facts: &'a Facts,
    roles: &[Role],
    wrong: impl Fn(&Found) -> bool,
) -> impl Iterator<Item = (&'a Place, &'a Found)> {
    { facts.places.iter() }
        .filter(|place| roles.contains(&place.role))
        .filter_map(|place| Some((place, place.found.as_ref().ok()?)))
        .filter(move |(_, found)| wrong(found))
}

fn told(facts: &Facts, place: &Place, found: &Found) -> Hit {
    let (path, mode, owner) = (place.path.display(), found.mode, found.owner);
    let kind = match found.kind {
        Kind::Link => "a link".to_owned(),
        _ => format!("mode {mode:04o}"),
    };
    let whose = if owner == facts.us.0 {
        String::new()
    } else {
        format!(", of user {owner}")
    };
    Hit::new(format!("{path}: {kind}{whose}"))
}

fn command(mode: &str, place: &Place) -> String {
    format!("chmod {mode} '{}'", place.path.display())
}

fn is(found: &Found, kind: Kind) -> bool {
    found.kind == kind
}

/// Many systems give each user a group of their own; that one is nobody else. A group of the system's (below 1000, as `staff`)
/// was given root's folders by whoever runs the machine.
fn written_by_a_group(facts: &Facts, found: &Found) -> bool {
    let systems = found.owner == 0 && found.group < FIRST_PERSONS_GROUP;
    found.mode & GROUP_WRITE != 0 && found.group != facts.us.1 && !systems
}
