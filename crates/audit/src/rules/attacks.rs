//! What `--deep` tried.

use doorcode_settings::Explanation;

use crate::rule::when;
use crate::{Attack, Attempt, Deep, Facts, Hit, Outcome, Rule, Severity};

/// A rule that fires when this attack got through.
const fn got_through(
    attack: fn(&Facts) -> Vec<Hit>,
    code: &'static str,
    title: &'static str,
    cause: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule {
        explanation: Explanation {
            code,
            title,
            cause,
            remedy,
        },
        severity: Severity::Critical,
        check: attack,
    }
}

const REPORT: &str = "Stop the door (doorcode stop --engine) and report this";

pub(super) const RULES: &[Rule] = &[
    got_through(
        |facts| through(facts, Attack::ForgedIdentity),
        "attack.forged_identity",
        "Whoever names a user is let in",
        "A request with identity headers, and nothing that proves the proxy, was let in. With proof = \"address-only\" that is how \
         it is set: every program that can send from the proxy's address can do the same.",
        "Set a proof (doorcode explain trusted_proxy.address_only)",
    ),
    got_through(
        |facts| through(facts, Attack::HeaderAlias),
        "attack.header_alias",
        "A header with another spelling names a user",
        "Programs behind the door may take x_forwarded_user for x-forwarded-user (CVE-2025-64484, CVE-2026-33433). A request that \
         spelled it so was let in.",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::UnsignedAssertion),
        "attack.unsigned_assertion",
        "A statement that nobody signed is believed",
        "A token with alg none was let in (RFC 8725 section 2.1).",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::UpgradeWithoutSignIn),
        "attack.upgrade_without_sign_in",
        "A WebSocket opens without a sign-in",
        "The editor's terminal is a WebSocket: whoever opens one has a shell.",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::ForeignOrigin),
        "attack.foreign_origin",
        "A page of another site can open the editor's WebSocket",
        "Browsers send cookies with WebSockets of every page, and the Origin header says whose page it is. A foreign one was let in.",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::ForeignHost),
        "attack.foreign_host",
        "The door answers for a host that is not its own",
        "A page that points its own name at this machine (DNS rebinding) would be of one origin with the door.",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::DirectEditor),
        "attack.direct_editor",
        "There is a way to the editor around the door",
        "The editor asks nobody to sign in; that is the door's part. Its socket must be one that only you can open, and it must \
         listen on no port.",
        "doorcode audit --fix; doorcode restart",
    ),
    got_through(
        |facts| through(facts, Attack::OldTls),
        "attack.old_tls",
        "The door speaks an old version of TLS",
        "TLS 1.0 and 1.1 are broken and no longer to be used (RFC 8996).",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::H2c),
        "attack.h2c",
        "The door speaks HTTP/2 without encryption",
        "A connection that goes on as HTTP/2 after an upgrade passes checks that are made for the first request only.",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::PlainHttp),
        "attack.plain_http",
        "The door answers without encryption",
        "A request over plain http was answered with more than a redirect.",
        REPORT,
    ),
    got_through(
        |facts| through(facts, Attack::Certificate),
        "attack.certificate",
        "The door shows another certificate than the one on disk",
        "What answers at the address could not show the host's certificate: the engine serves an older one, or something else \
         answers there.",
        "doorcode cert list; doorcode status",
    ),
    Rule {
        explanation: Explanation {
            code: "attack.unclear",
            title: "An attack came to no result",
            cause: "The address did not answer, or not in time, so that nothing can be said.",
            remedy: "doorcode status; doorcode audit --deep",
        },
        severity: Severity::Warn,
        check: |facts| {
            tried(facts)
                .iter()
                .filter(|one| one.outcome == Outcome::Unknown)
                .map(said)
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "attack.not_tried",
            title: "No attacks were tried, because no engine runs",
            cause: "--deep tries attacks on the running door, and there is none.",
            remedy: "doorcode up; then, in another terminal: doorcode audit --deep",
        },
        severity: Severity::Info,
        check: |facts| {
            when(matches!(facts.deep, Deep::NoEngine), || {
                "the door is not open".to_owned()
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "attack.refused",
            title: "Attacks were tried, and refused",
            cause: "--deep sent them to the running door; each came back as it should.",
            remedy: "",
        },
        severity: Severity::Info,
        check: |facts| {
            let refused: Vec<&Attempt> = { tried(facts).iter() }
                .filter(|one| one.outcome == Outcome::Refused)
                .collect();
            let at_one_place = refused.chunk_by(|one, next| one.at == next.at);
            at_one_place
                .map(|those| {
                    let each: Vec<String> = { those.iter() }
                        .map(|one| format!("{} → {}", one.sent, one.answer))
                        .collect();
                    Hit::new(format!("{} at {}: {}", each.len(), those[0].at, each.join("; ")))
                })
                .collect()
        },
    },
];

fn tried(facts: &Facts) -> &[Attempt] {
    match &facts.deep {
        Deep::Tried(attempts) => attempts,
        Deep::NotAsked | Deep::NoEngine => &[],
    }
}

fn through(facts: &Facts, attack: Attack) -> Vec<Hit> {
    { tried(facts).iter() }
        .filter(|one| one.attack == attack && one.outcome == Outcome::GotThrough)
        .map(said)
        .collect()
}

fn said(attempt: &Attempt) -> Hit {
    let Attempt { at, sent, answer, .. } = attempt;
    Hit::new(format!("sent to {at}: {sent}; came back: {answer}"))
}
