//! What the codes mean that people meet in logs, in the status and in findings.

mod settings;
mod status;

use std::collections::HashSet;

use doorcode_settings::{Explanation, Problem};

/// What `code` means; `None` for one that nothing here gives.
pub fn explanation(code: &str) -> Option<&'static Explanation> {
    all()
        .find(|one| one.code == code)
        .or_else(|| doorcode_gateway::explanation(code))
}

/// Every code that can be explained, once: the doctor and the door meet some faults both, and the doctor knows more of them.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    let parts = [
        doorcode_health::EXPLANATIONS,
        doorcode_gateway::EXPLANATIONS,
        doorcode_audit::EXPLANATIONS,
        doorcode_recipes::EXPLANATIONS,
        settings::EXPLANATIONS,
        status::EXPLANATIONS,
    ];
    let mut seen = HashSet::new();
    parts
        .into_iter()
        .flatten()
        .filter(move |one| seen.insert(one.code))
}

/// That `code` is none of them, with the codes that look like it.
pub fn unknown(code: &str) -> Problem {
    let alike = |one: &&Explanation| {
        let (long, short) = match one.code.len() > code.len() {
            true => (one.code, code),
            false => (code, one.code),
        };
        short.len() >= SHORTEST_PART && long.contains(short)
    };
    let near: Vec<&str> = all().filter(alike).map(|one| one.code).collect();
    let hint = match near.is_empty() {
        true => String::new(),
        false => format!("; there is {}", near.join(", ")),
    };
    Problem::new(
        "code_unknown",
        format!("{code} is no code that can be explained{hint}"),
        "doorcode explain",
    )
}

/// A part of a code that says something.
const SHORTEST_PART: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_asked() {
        for code in [
            "host_not_preserved",
            "trusted_proxy_untrusted_source",
            "trusted_proxy_missing_header_x-forwarded-proto",
            "trusted_proxy_incomplete",
            "certificate_due",
            doorcode_audit::EXPLANATIONS[0].code,
            "recipe_needs_tcp",
        ] {
            assert!(explanation(code).is_some(), "{code}");
        }
        assert!(explanation("trusted_proxy_nonsense").is_none());
    }

    #[test]
    fn each_code_is_listed_once() {
        let mut codes: Vec<_> = all().map(|one| one.code).collect();
        let listed = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), listed);
    }

    #[test]
    fn an_unknown_code_leads_to_those_that_have_it_in_them() {
        let problem = unknown("user_not_allowed_here");
        assert_eq!(problem.code, "code_unknown");
        assert!(
            problem.message.contains("user_not_allowed"),
            "{}",
            problem.message
        );
        assert!(!unknown("zz").message.contains("there is"));
    }
}
