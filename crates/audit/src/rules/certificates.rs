//! What the door shows to browsers.

use doorcode_settings::Explanation;
use time::{Date, Duration};

use crate::rule::when;
use crate::{Certificate, Facts, Held, Hit, Rule, Severity};

/// Renewal is due this long before the end.
const DUE: Duration = Duration::days(30);
/// Browsers refuse a longer one of a public authority (CA/Browser Forum Baseline Requirements 6.3.2), Apple's any over 825 days.
const LONGEST: Duration = Duration::days(825);

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "tls.certificate_unusable",
            title: "A certificate cannot be served",
            cause: "The certificate or its key on disk is damaged, does not belong together, or does not name the host. A running \
                    engine keeps what it served before; after its next start the host has no certificate.",
            remedy: "doorcode cert list",
        },
        severity: Severity::Critical,
        check: |facts| {
            let broken = facts
                .certificates
                .iter()
                .filter_map(|one| Some((one, one.held.as_ref().err()?)));
            broken
                .map(|(one, (what, fix))| Hit::new(format!("{}: {what}", one.what)).next(fix.clone()))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "tls.certificate_expired",
            title: "A certificate is not valid now",
            cause: "Its time is over, or has not begun. Browsers warn, and whoever clicks such a warning away clicks an attacker's \
                    away as well.",
            remedy: "doorcode cert renew HOST",
        },
        severity: Severity::Critical,
        check: |facts| {
            let over = |held: &Held| facts.now > held.not_after || facts.now < held.not_before;
            each(facts, |one, held| {
                when(over(held), || {
                    let (from, to) = (day(held.not_before), day(held.not_after));
                    format!("{}: valid from {from} to {to}", one.what)
                })
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "tls.certificate_due",
            title: "A certificate ends soon",
            cause: "It ends within 30 days. One of Doorcode's own has to be trusted anew on every device after it was renewed.",
            remedy: "doorcode cert renew HOST",
        },
        severity: Severity::Warn,
        check: |facts| {
            let due = |held: &Held| facts.now <= held.not_after && held.not_after - facts.now <= DUE;
            each(facts, |one, held| {
                when(due(held), || {
                    format!("{}: ends on {}", one.what, day(held.not_after))
                })
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "tls.custom_chain",
            title: "Something in the certificate's chain is wrong",
            cause: "An issuer in tls.cert has expired. Clients that know no other way to a root refuse the certificate.",
            remedy: "Take the full chain from your certificate authority again",
        },
        severity: Severity::Warn,
        check: |facts| {
            let said = |held: &Held| held.chain.iter().map(Hit::new).collect();
            each(facts, |_, held| said(held))
        },
    },
    Rule {
        explanation: Explanation {
            code: "tls.weak_signature",
            title: "A certificate's signature can be forged",
            cause: "It was made with MD5 or SHA-1, for which two certificates with one signature can be made. Browsers refuse it.",
            remedy: "Have your certificate authority issue a new one",
        },
        severity: Severity::Critical,
        check: |facts| {
            let said = |held: &Held| held.weak.iter().map(Hit::new).collect();
            each(facts, |_, held| said(held))
        },
    },
    Rule {
        explanation: Explanation {
            code: "tls.custom_self_signed",
            title: "Your own certificate is vouched for by nobody",
            cause: "tls.cert signs itself. Where it is trusted as an authority, as most tools have it, its key can sign for every \
                    site; Firefox refuses it even when it is trusted. Doorcode's own certificates are limited to one host and \
                    their root's key no longer exists.",
            remedy: "tls.mode = \"self-signed\" (doorcode settings edit), then: doorcode trust install",
        },
        severity: Severity::Warn,
        check: |facts| {
            each(facts, |one, held| {
                when(held.custom && held.self_signed, || {
                    format!("{}: issuer and subject are one", one.what)
                })
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "tls.long_lived",
            title: "A certificate is valid for very long",
            cause: "It is made for more than 825 days: if its key is stolen it serves the thief for as long. Apple's systems refuse \
                    it.",
            remedy: "Have your certificate authority issue a shorter one",
        },
        severity: Severity::Warn,
        check: |facts| {
            each(facts, |one, held| {
                let life = held.not_after - held.not_before;
                when(life > LONGEST, || {
                    format!("{}: {} days", one.what, life.whole_days())
                })
            })
        },
    },
];

/// The hits for every certificate that can be read, with its own step to renew it.
fn each(facts: &Facts, hits: impl Fn(&Certificate, &Held) -> Vec<Hit>) -> Vec<Hit> {
    let readable = facts
        .certificates
        .iter()
        .filter_map(|one| Some((one, one.held.as_ref().ok()?)));
    readable
        .flat_map(|(one, held)| {
            let renewed = |hit: Hit| {
                if held.renew.is_empty() {
                    hit
                } else {
                    hit.next(held.renew.clone())
                }
            };
            hits(one, held).into_iter().map(renewed).collect::<Vec<_>>()
        })
        .collect()
}

fn day(moment: time::OffsetDateTime) -> Date {
    moment.date()
}
