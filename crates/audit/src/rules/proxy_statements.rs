//! What a proxy says: with which keys it is verified, and for how long it holds.

use std::time::Duration;

use doorcode_settings::Explanation;
use doorcode_settings::trusted_proxy::Proof;

use super::trusted_proxy::proxy;
use crate::rule::when;
use crate::{Hit, Rule, Severity};

/// What the gateway allows between two clocks, in seconds.
const SKEW: i64 = 30;
const LONG_WEBSOCKET_HOURS: u32 = 24;
const LONG_STATEMENT: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.keys_unreachable",
            title: "The keys that verify the proxy's statements cannot be had",
            cause: "What proof = \"assertion\" is verified with could not be fetched or read. A running engine goes on with the keys \
                    it has for a day; then, and after its next start, nobody comes in.",
            remedy: "Open the address with curl from this machine; for a closed network set assertion.jwks_file instead",
        },
        severity: Severity::Warn,
        check: |facts| {
            let Some(answer) = &facts.keys else {
                return Vec::new();
            };
            match &answer.keys {
                Err(error) => vec![Hit::new(format!("{}: {error}", answer.url))],
                Ok(count) => when(*count == Some(0), || {
                    format!("{}: there is no key in the answer", answer.url)
                }),
            }
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.clock_skew",
            title: "This machine's clock is wrong",
            cause: "It differs from that of the server which has the proxy's keys by more than the 30 seconds that are allowed. \
                    Statements that are good are refused as expired or not yet valid, or expired ones are taken.",
            remedy: "timedatectl set-ntp true",
        },
        severity: Severity::Warn,
        check: |facts| {
            let answer = facts.keys.iter();
            let off = answer.filter_map(|answer| Some((answer, answer.clock_ahead?.whole_seconds())));
            off.filter(|(_, ahead)| ahead.abs() > SKEW)
                .map(|(answer, ahead)| {
                    let word = if ahead > 0 { "ahead of" } else { "behind" };
                    Hit::new(format!("{} s {word} {}", ahead.abs(), answer.url))
                })
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.long_statement",
            title: "An old statement of the proxy is still believed",
            cause: "assertion.max_age is more than a day. Whoever gets hold of one statement can use it for as long.",
            remedy: "assertion.max_age = \"24h\" or less (doorcode settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| match proxy(facts).map(|proxy| &proxy.proof) {
            Some(Proof::Assertion(assertion)) => when(assertion.max_age > LONG_STATEMENT, || {
                format!("assertion.max_age is {} h", assertion.max_age.as_secs() / 3600)
            }),
            _ => Vec::new(),
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.long_websocket",
            title: "An open editor outlives a sign-out at the proxy for long",
            cause: "The proxy is asked when a WebSocket is opened, and not again. websocket_hours is more than a day, so that \
                    somebody who was shut out there keeps an editor that is open for as long.",
            remedy: "auth.trusted_proxy.websocket_hours = 12 (doorcode settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let hours = proxy(facts).map_or(0, |proxy| proxy.websocket_hours);
            when(hours > LONG_WEBSOCKET_HOURS, || {
                format!("websocket_hours is {hours}")
            })
        },
    },
];
