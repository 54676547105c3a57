//! tls, trust, versions, environment, attack.

use time::Duration;

use super::Case;
use crate::{Attack, Attempt, Certificate, CodeServer, Deep, Facts, Held, Outcome, TrustLeftover};

macro_rules! environment {
    ($id:literal, $name:literal) => {
        Case {
            id: $id,
            fires: |facts| facts.environment.names.push($name.to_owned()),
            silent: |facts| facts.environment.names.push(concat!("MY_", $name).to_owned()),
            says: concat!($name, " is set in the engine's environment (process 4711)"),
        }
    };
}

macro_rules! attack {
    ($id:literal, $attack:ident) => {
        Case {
            id: $id,
            fires: |facts| tried(facts, Attack::$attack, Outcome::GotThrough),
            silent: |facts| tried(facts, Attack::$attack, Outcome::Refused),
            says: "sent to 127.0.0.1:8443: GET /; came back: 200",
        }
    };
}

pub(super) const CASES: &[Case] = &[
    Case {
        id: "tls.certificate_unusable",
        fires: |facts| {
            certificate(facts, |_| {});
            facts.certificates[0].held =
                Err(("its key is another's".to_owned(), "issue a new one".to_owned()));
        },
        silent: |facts| certificate(facts, |_| {}),
        says: "localhost: its key is another's",
    },
    Case {
        id: "tls.certificate_expired",
        fires: |facts| certificate(facts, |held| held.not_after -= Duration::days(101)),
        silent: |facts| certificate(facts, |held| held.not_after -= Duration::days(100)),
        says: "valid from 2026-11-20 to 2026-11-20",
    },
    Case {
        id: "tls.certificate_expired",
        fires: |facts| certificate(facts, |held| held.not_before += Duration::days(2)),
        silent: |facts| certificate(facts, |_| {}),
        says: "valid from 2026-11-22",
    },
    Case {
        id: "tls.certificate_due",
        fires: |facts| certificate(facts, |held| held.not_after -= Duration::days(70)),
        silent: |facts| certificate(facts, |held| held.not_after -= Duration::days(69)),
        says: "ends on 2026-12-21",
    },
    Case {
        id: "tls.certificate_due",
        fires: |facts| certificate(facts, |held| held.not_after -= Duration::days(100)),
        silent: |facts| certificate(facts, |held| held.not_after -= Duration::days(101)),
        says: "localhost",
    },
    Case {
        id: "tls.custom_chain",
        fires: |facts| certificate(facts, |held| held.chain.push("certificate 2 expired".to_owned())),
        silent: |facts| certificate(facts, |_| {}),
        says: "certificate 2 expired",
    },
    Case {
        id: "tls.weak_signature",
        fires: |facts| certificate(facts, |held| held.weak.push("certificate 1: SHA-1".to_owned())),
        silent: |facts| certificate(facts, |_| {}),
        says: "SHA-1",
    },
    Case {
        id: "tls.custom_self_signed",
        fires: |facts| certificate(facts, |held| held.custom = true),
        silent: |facts| certificate(facts, |held| (held.custom, held.self_signed) = (true, false)),
        says: "localhost",
    },
    Case {
        id: "tls.long_lived",
        fires: |facts| {
            certificate(facts, |held| {
                held.not_after = held.not_before + Duration::days(826)
            })
        },
        silent: |facts| {
            certificate(facts, |held| {
                held.not_after = held.not_before + Duration::days(825)
            })
        },
        says: "826 days",
    },
    Case {
        id: "trust.leftover",
        fires: |facts| leftover(facts, false),
        silent: |facts| leftover(facts, true),
        says: "Chromium: Doorcode a (0011)",
    },
    Case {
        id: "trust.leftover_shared",
        fires: |facts| leftover(facts, true),
        silent: |facts| leftover(facts, false),
        says: "Chromium: Doorcode a (0011)",
    },
    Case {
        id: "versions.code_server",
        fires: |facts| runs(facts, (4, 136, 2), None),
        silent: |facts| runs(facts, (4, 137, 0), None),
        says: "CVE-2026-78462",
    },
    Case {
        id: "versions.code_server",
        fires: |facts| runs(facts, (4, 99, 3), None),
        silent: |facts| runs(facts, (4, 145, 0), None),
        says: "CVE-2025-47269",
    },
    Case {
        id: "versions.code_server_held_off",
        fires: |facts| runs(facts, (4, 141, 0), None),
        silent: |facts| runs(facts, (4, 145, 0), None),
        says: "CVE-2026-111497",
    },
    Case {
        id: "versions.node",
        fires: |facts| runs(facts, (4, 145, 0), Some((24, 22, 0))),
        silent: |facts| runs(facts, (4, 145, 0), Some((24, 22, 1))),
        says: "Node 24.22.0, fixed in 24.22.1",
    },
    Case {
        id: "versions.node_unsupported",
        fires: |facts| runs(facts, (4, 145, 0), Some((20, 20, 2))),
        silent: |facts| runs(facts, (4, 145, 0), Some((22, 23, 4))),
        says: "Node 20.20.2",
    },
    environment!("environment.loads_code", "LD_PRELOAD"),
    environment!("environment.node_options", "NODE_OPTIONS"),
    environment!("environment.tls_keys_written", "SSLKEYLOGFILE"),
    environment!(
        "environment.certificates_unchecked",
        "NODE_TLS_REJECT_UNAUTHORIZED"
    ),
    environment!("environment.password", "PASSWORD"),
    environment!("environment.more_authorities", "NODE_EXTRA_CA_CERTS"),
    environment!("environment.bends_code_server", "PORT"),
    environment!("environment.bends_code_server", "CODE_SERVER_HOST"),
    environment!("environment.bends_code_server", "VSCODE_IPC_HOOK_CLI"),
    attack!("attack.forged_identity", ForgedIdentity),
    attack!("attack.header_alias", HeaderAlias),
    attack!("attack.unsigned_assertion", UnsignedAssertion),
    attack!("attack.upgrade_without_sign_in", UpgradeWithoutSignIn),
    attack!("attack.foreign_origin", ForeignOrigin),
    attack!("attack.foreign_host", ForeignHost),
    attack!("attack.direct_editor", DirectEditor),
    attack!("attack.old_tls", OldTls),
    attack!("attack.h2c", H2c),
    attack!("attack.plain_http", PlainHttp),
    attack!("attack.certificate", Certificate),
    Case {
        id: "attack.unclear",
        fires: |facts| tried(facts, Attack::H2c, Outcome::Unknown),
        silent: |facts| tried(facts, Attack::H2c, Outcome::GotThrough),
        says: "sent to 127.0.0.1:8443",
    },
    Case {
        id: "attack.not_tried",
        fires: |facts| facts.deep = Deep::NoEngine,
        silent: |facts| facts.deep = Deep::NotAsked,
        says: "not open",
    },
    Case {
        id: "attack.refused",
        fires: |facts| tried(facts, Attack::H2c, Outcome::Refused),
        silent: |facts| tried(facts, Attack::H2c, Outcome::Unknown),
        says: "1 at 127.0.0.1:8443: GET / → 200",
    },
];

/// One that is valid for another hundred days, changed.
fn certificate(facts: &mut Facts, change: fn(&mut Held)) {
    let mut held = Held {
        not_before: facts.now - Duration::days(1),
        not_after: facts.now + Duration::days(100),
        custom: false,
        self_signed: true,
        weak: Vec::new(),
        chain: Vec::new(),
        renew: "doorcode cert renew localhost".to_owned(),
    };
    change(&mut held);
    facts.certificates.push(Certificate {
        what: "localhost".to_owned(),
        held: Ok(held),
    });
}

fn leftover(facts: &mut Facts, shared: bool) {
    facts.trust_leftovers.push(TrustLeftover {
        store: "Chromium".to_owned(),
        id: "chromium".to_owned(),
        nickname: "Doorcode a (0011)".to_owned(),
        shared,
    });
}

fn runs(facts: &mut Facts, version: (u32, u32, u32), node: Option<(u32, u32, u32)>) {
    facts.code_server = Some(CodeServer { version, node });
}

fn tried(facts: &mut Facts, attack: Attack, outcome: Outcome) {
    facts.deep = Deep::Tried(vec![Attempt {
        attack,
        at: "127.0.0.1:8443".to_owned(),
        sent: "GET /".to_owned(),
        answer: "200".to_owned(),
        outcome,
    }]);
}
