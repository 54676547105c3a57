//! Roots in trust stores that nobody needs any more.

use doorcode_settings::Explanation;

use crate::{Facts, Hit, Rule, Severity, TrustLeftover};

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "trust.leftover",
            title: "A browser trusts a root that no certificate here has",
            cause: "A host's certificate went, and its root stayed in a trust store. Its key no longer exists and it is limited to \
                    that host, so it harms nobody; it is clutter in a list that should be short.",
            remedy: "doorcode trust remove --leftovers",
        },
        severity: Severity::Warn,
        check: |facts| left_over(facts, |leftover| !leftover.shared),
    },
    Rule {
        explanation: Explanation {
            code: "trust.leftover_shared",
            title: "A store of all users has a root that no certificate of yours has",
            cause: "It may be another user's of this machine. If it is nobody's, it is clutter.",
            remedy: "If it is nobody's: doorcode trust remove --leftovers --store STORE",
        },
        severity: Severity::Info,
        check: |facts| {
            let mut hits = left_over(facts, |leftover| leftover.shared);
            let ids = facts.trust_leftovers.iter().filter(|leftover| leftover.shared);
            for (hit, leftover) in hits.iter_mut().zip(ids) {
                let command = format!("doorcode trust remove --leftovers --store {}", leftover.id);
                *hit = hit.clone().next(format!("if it is nobody's: {command}"));
            }
            hits
        },
    },
];

fn left_over(facts: &Facts, which: impl Fn(&TrustLeftover) -> bool) -> Vec<Hit> {
    let chosen = facts.trust_leftovers.iter().filter(|leftover| which(leftover));
    chosen
        .map(|leftover| Hit::new(format!("{}: {}", leftover.store, leftover.nickname)))
        .collect()
}
