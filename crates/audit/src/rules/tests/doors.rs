//! exposure, settings, auth, origin, editor, sessions.

use std::path::PathBuf;
use std::time::Duration;

use doorcode_settings::{AuthMode, HostName, Problem, Tls};

use super::{Case, listen, proxy, settings};
use crate::{Engine, Facts, PasswordHash, Session};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "exposure.open_to_network",
        fires: |facts| {
            settings(facts).auth.mode = AuthMode::None;
            listen(facts, &["127.0.0.1:8443", "192.168.1.5:8443"]);
        },
        silent: |facts| settings(facts).auth.mode = AuthMode::None,
        says: "192.168.1.5:8443",
    },
    Case {
        id: "exposure.open_to_this_machine",
        fires: |facts| settings(facts).auth.mode = AuthMode::None,
        silent: |facts| {
            settings(facts).auth.mode = AuthMode::None;
            listen(facts, &["0.0.0.0:8443"]);
        },
        says: "only this machine",
    },
    Case {
        id: "exposure.beyond_loopback",
        fires: |facts| listen(facts, &["[::]:8443"]),
        silent: |facts| {
            listen(
                facts,
                &["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "unix:/run/a"],
            )
        },
        says: "[::]:8443",
    },
    Case {
        id: "exposure.public_address",
        fires: |facts| {
            listen(facts, &["0.0.0.0:443"]);
            facts.own_addresses = ["10.0.0.2", "203.0.113.9"]
                .map(|ip| ip.parse().expect("an address"))
                .to_vec();
        },
        silent: |facts| {
            listen(facts, &["0.0.0.0:443", "10.0.0.2:1"]);
            facts.own_addresses = ["10.0.0.2", "fd00::1"]
                .map(|ip| ip.parse().expect("an address"))
                .to_vec();
        },
        says: "reached at 203.0.113.9",
    },
    Case {
        id: "exposure.listens_elsewhere",
        fires: |facts| engine(facts, &["0.0.0.0:8443"]),
        silent: |facts| {
            engine(facts, &["0.0.0.0:41234", "127.0.0.1:9"]);
            listen(facts, &["0.0.0.0:0"]);
        },
        says: "0.0.0.0:8443",
    },
    Case {
        id: "exposure.plain_http_on_network",
        fires: |facts| {
            settings(facts).tls = Tls::Off;
            listen(facts, &["10.0.0.2:80"]);
        },
        silent: |facts| settings(facts).tls = Tls::Off,
        says: "10.0.0.2:80",
    },
    Case {
        id: "exposure.plain_http_here",
        fires: |facts| settings(facts).tls = Tls::Off,
        silent: |facts| {
            settings(facts).tls = Tls::Off;
            listen(facts, &["10.0.0.2:80"]);
        },
        says: "tls.mode",
    },
    Case {
        id: "exposure.ports_shown",
        fires: |facts| settings(facts).ports.allow = vec![3000, 5173],
        silent: |facts| settings(facts).ports.allow = Vec::new(),
        says: "3000, 5173",
    },
    Case {
        id: "settings.refused",
        fires: |facts| {
            facts.settings = Err(Problem::new(
                "settings_syntax",
                "settings.toml:3: no TOML",
                "look",
            ))
        },
        silent: |facts| facts.settings = Err(Problem::new("settings_unsafe", "others write it", "look")),
        says: "settings.toml:3",
    },
    Case {
        id: "auth.consent_left",
        fires: |facts| settings(facts).auth.none_beyond_loopback = true,
        silent: |facts| {
            let auth = &mut settings(facts).auth;
            (auth.none_beyond_loopback, auth.mode) = (true, AuthMode::None);
        },
        says: "none_beyond_loopback",
    },
    Case {
        id: "auth.many_attempts",
        fires: |facts| settings(facts).limits.sign_in_per_minute = 61,
        silent: |facts| settings(facts).limits.sign_in_per_minute = 60,
        says: "87840 guesses a day",
    },
    Case {
        id: "auth.hash_in_file",
        fires: |facts| hash(facts, "argon2id", 19 * 1024, 2),
        silent: |facts| {
            hash(facts, "argon2id", 19 * 1024, 2);
            settings(facts).auth.mode = AuthMode::None;
        },
        says: "/data/password.argon2id",
    },
    Case {
        id: "auth.hash_weak",
        fires: |facts| hash(facts, "argon2id", 4096, 3),
        silent: |facts| hash(facts, "argon2id", 19 * 1024, 2),
        says: "4096 KiB",
    },
    Case {
        id: "origin.strangers_beside",
        fires: |facts| hosts(facts, &["code.192.168.1.5.nip.io"]),
        silent: |facts| hosts(facts, &["nip.io", "notnip.io", "code.example.com"]),
        says: "under nip.io",
    },
    Case {
        id: "origin.hosts_of_one_site",
        fires: |facts| hosts(facts, &["example.com", "code.example.com"]),
        silent: |facts| hosts(facts, &["example.com", "badexample.com", "localhost"]),
        says: "code.example.com is below example.com",
    },
    Case {
        id: "origin.strangers_beside",
        fires: |facts| proxy(facts).public_url = "https://me.duckdns.org".parse().expect("an address"),
        silent: |facts| {
            proxy(facts).public_url = "https://me.duckdns.org".parse().expect("an address");
            settings(facts).auth.mode = AuthMode::Password;
        },
        says: "me.duckdns.org is under duckdns.org",
    },
    Case {
        id: "editor.workspace_trust_off",
        fires: |facts| args(facts, &["--disable-workspace-trust"]),
        silent: |facts| args(facts, &["--disable-file-downloads"]),
        says: "--disable-workspace-trust",
    },
    Case {
        id: "editor.proposed_api",
        fires: |facts| args(facts, &["--enable-proposed-api=some.extension"]),
        silent: |facts| args(facts, &["--enable-something"]),
        says: "has --enable-proposed-api",
    },
    Case {
        id: "editor.talkative_log",
        fires: |facts| args(facts, &["--log", "trace"]),
        silent: |facts| args(facts, &["--log", "info", "--log=warn"]),
        says: "--log",
    },
    Case {
        id: "editor.talkative_log",
        fires: |facts| args(facts, &["--log=debug"]),
        silent: |facts| args(facts, &["trace"]),
        says: "--log",
    },
    Case {
        id: "sessions.long_lived",
        fires: |facts| settings(facts).sessions.absolute = Duration::from_secs(91 * 86_400),
        silent: |facts| settings(facts).sessions.absolute = Duration::from_secs(90 * 86_400),
        says: "absolute 91",
    },
    Case {
        id: "sessions.long_lived",
        fires: |facts| settings(facts).sessions.idle = Duration::from_secs(31 * 86_400),
        silent: |facts| {
            let settings = settings(facts);
            settings.sessions.idle = Duration::from_secs(31 * 86_400);
            settings.auth.mode = AuthMode::None;
        },
        says: "idle is 31 days",
    },
    Case {
        id: "sessions.many",
        fires: |facts| sessions(facts, 21, 0),
        silent: |facts| sessions(facts, 20, 0),
        says: "21 sign-ins",
    },
    Case {
        id: "sessions.forgotten",
        fires: |facts| sessions(facts, 1, 15),
        silent: |facts| sessions(facts, 1, 14),
        says: "15 days ago",
    },
];

fn engine(facts: &mut Facts, addresses: &[&str]) {
    facts.engine = Some(Engine {
        listen: addresses
            .iter()
            .map(|address| address.parse().expect("an address"))
            .collect(),
    });
}

fn hash(facts: &mut Facts, algorithm: &str, memory: u32, passes: u32) {
    facts.password_hash = Some(PasswordHash {
        path: PathBuf::from("/data/password.argon2id"),
        algorithm: algorithm.to_owned(),
        memory,
        passes,
    });
}

fn hosts(facts: &mut Facts, names: &[&str]) {
    settings(facts).gateway.hosts = { names.iter() }
        .map(|name| name.parse::<HostName>().expect("a host"))
        .collect();
}

fn args(facts: &mut Facts, args: &[&str]) {
    settings(facts).editor.args = args.iter().map(|arg| (*arg).to_owned()).collect();
}

fn sessions(facts: &mut Facts, count: usize, days: i64) {
    let session = |number: usize| Session {
        id: format!("{number:08x}"),
        last_seen: facts.now - time::Duration::days(days),
    };
    facts.sessions = (0..count).map(session).collect();
}
