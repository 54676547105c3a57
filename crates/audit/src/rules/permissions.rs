//! Who else on this machine can read or change what is ours.

use doorcode_settings::Explanation;

use crate::{Facts, Found, Hit, Kind, Place, Role, Rule, Severity};

const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;
const ALL_WRITE: u32 = 0o002;
const GROUP_WRITE: u32 = 0o020;
const STICKY: u32 = 0o1000;

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
            each(facts, &[Role::Folder], |found| {
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
            each(facts, &[Role::Folder], |found| {
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
            each(facts, &[Role::Key], |found| {
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
            each(facts, &[Role::Secret], |found| {
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
            let mut hits = each(facts, &[Role::File, Role::Authority], |found| {
                is(found, Kind::File) && found.mode & OTHERS_WRITE != 0
            });
            hits.extend(each(facts, &[Role::Settings], |found| {
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
            each(facts, &[Role::File], |found| {
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
            each(facts, &[Role::Settings], |found| {
                is(found, Kind::File) && written_by_a_group(facts, found) && found.mode & ALL_WRITE == 0
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "permissions.symbolic_link",
            title: "A link stands where Doorcode keeps a file",
            cause: "Doorcode writes regular files and folders only. A link there was made by somebody else, perhaps to have a file \
                    of yours overwritten or one of theirs read.",
            remedy: "Look where it leads (ls -l), then remove it; the file is made anew",
        },
        severity: Severity::Critical,
        check: |facts| {
            each(
                facts,
                &[Role::Folder, Role::Key, Role::Secret, Role::File],
                |found| is(found, Kind::Link),
            )
        },
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
            let mut hits = each(facts, &[Role::Folder], |found| {
                !is(found, Kind::Folder) && !is(found, Kind::Link)
            });
            hits.extend(each(
                facts,
                &[Role::Key, Role::Secret, Role::Settings, Role::Authority],
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
            let mut hits = each(
                facts,
                &[Role::Folder, Role::Key, Role::Secret, Role::File],
                |found| found.owner != facts.us.0,
            );
            let of_root_too = [Role::Settings, Role::Authority, Role::Program, Role::Above];
            hits.extend(each(facts, &of_root_too, |found| {
                found.owner != facts.us.0 && found.owner != 0
            }));
            // By owner, no mode mends it.
            hits.into_iter().map(|hit| hit.fixed_by(None)).collect()
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
            each(facts, &[Role::Above], |found| {
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
            each(facts, &[Role::Program], |found| {
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
            each(facts, &[Role::Key, Role::Secret], |found| {
                is(found, Kind::File) && found.names > 1
            })
            .into_iter()
            .map(|hit| hit.fixed_by(None))
            .collect()
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

/// A hit for each place with one of these roles at which `wrong` holds.
fn each(facts: &Facts, roles: &[Role], wrong: impl Fn(&Found) -> bool) -> Vec<Hit> {
    let place = |place: &Place| {
        let found = place.found.as_ref().ok().filter(|found| wrong(found))?;
        let (path, Found { mode, owner, .. }) = (place.path.display(), found);
        let whose = if *owner == facts.us.0 {
            String::new()
        } else {
            format!(", of user {owner}")
        };
        let kind = match found.kind {
            Kind::Link => "a link".to_owned(),
            _ => format!("mode {mode:04o}"),
        };
        Some(Hit::new(format!("{path}: {kind}{whose}")).fixed_by(place.fix.clone()))
    };
    { facts.places.iter() }
        .filter(|one| roles.contains(&one.role))
        .filter_map(place)
        .collect()
}

fn is(found: &Found, kind: Kind) -> bool {
    found.kind == kind
}

/// Many systems give each user a group of their own; that one is nobody else.
fn written_by_a_group(facts: &Facts, found: &Found) -> bool {
    found.mode & GROUP_WRITE != 0 && found.group != facts.us.1
}
