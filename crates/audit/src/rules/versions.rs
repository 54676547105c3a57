//! Versions with known vulnerabilities.

use doorcode_settings::Explanation;

use crate::rule::when;
use crate::{Facts, Hit, Rule, Severity};

type Version = (u32, u32, u32);

/// A vulnerability of code-server, or of the VS Code in it.
struct Advisory {
    what: &'static str,
    fixed_in: Version,
    /// Why it cannot be used through the door; empty where it can.
    held_off_by: &'static str,
}

const fn advisory(what: &'static str, fixed_in: Version, held_off_by: &'static str) -> Advisory {
    Advisory {
        what,
        fixed_in,
        held_off_by,
    }
}

const SIGN_IN: &str = "the door asks for a sign-in before anything reaches the editor";
const NO_COOKIE: &str =
    "code-server's own sign-in and its cookie are not used, and the door's cookie goes nowhere";

/// From code-server's advisories and changelog.
const ADVISORIES: [Advisory; 11] = [
    advisory("any file can be read (3.7.0, 3.7.1)", (3, 7, 2), ""),
    advisory(
        "CVE-2021-42648 (cross-site scripting), CVE-2021-3810",
        (3, 12, 0),
        "",
    ),
    advisory("ports are shown without a sign-in", (4, 5, 2), SIGN_IN),
    advisory(
        "CVE-2023-26114 (WebSockets of other sites)",
        (4, 10, 1),
        "the door checks each WebSocket's Origin",
    ),
    advisory(
        "CVE-2025-47269 (a port's address that leads elsewhere)",
        (4, 99, 4),
        "",
    ),
    advisory("the session cookie goes to a shown port", (4, 124, 2), NO_COOKIE),
    advisory("CVE-2026-57102 (VS Code up to 1.128.0)", (4, 129, 0), ""),
    advisory("nine advisories of VS Code before 1.132.1", (4, 133, 0), ""),
    advisory("CVE-2026-78462 (VS Code up to 1.136.1)", (4, 137, 0), ""),
    advisory(
        "CVE-2026-111497 (encoded bodies are decoded before the sign-in)",
        (4, 141, 1),
        "the door refuses encoded request bodies",
    ),
    advisory(
        "the session cookie goes to shown ports by WebSocket, and scripts can read it",
        (4, 145, 0),
        NO_COOKIE,
    ),
];

/// The releases of Node that fix CVE-2026-111497, a line each.
const NODE_FIXED: [Version; 3] = [(22, 23, 4), (24, 22, 1), (26, 12, 1)];

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "versions.code_server",
            title: "This code-server has known vulnerabilities",
            cause: "They are public, and the door does not keep them off: whoever is signed in, a page or a file that is opened in \
                    the editor, can use them.",
            remedy: "doorcode install",
        },
        severity: Severity::Critical,
        check: |facts| advisories(facts, |advisory| advisory.held_off_by.is_empty()),
    },
    Rule {
        explanation: Explanation {
            code: "versions.code_server_held_off",
            title: "This code-server has vulnerabilities that the door keeps off",
            cause: "They are public. By way of the door they cannot be used, which is the second line of defence and not the first.",
            remedy: "",
        },
        severity: Severity::Info,
        check: |facts| advisories(facts, |advisory| !advisory.held_off_by.is_empty()),
    },
    Rule {
        explanation: Explanation {
            code: "versions.node",
            title: "The editor's Node has a known vulnerability",
            cause: "CVE-2026-111497, in decoding compressed data. The door refuses encoded requests; what extensions fetch from \
                    elsewhere is decoded all the same.",
            remedy: "Install the newest release of this line where Node is yours; where Doorcode brought it: doorcode install",
        },
        severity: Severity::Warn,
        check: |facts| {
            let Some(node) = facts.code_server.as_ref().and_then(|found| found.node) else {
                return Vec::new();
            };
            let fixed = NODE_FIXED.iter().find(|fixed| fixed.0 == node.0);
            match fixed {
                Some(fixed) => when(node < *fixed, || {
                    format!("Node {}, fixed in {}", text(node), text(*fixed))
                }),
                None => Vec::new(),
            }
        },
    },
    Rule {
        explanation: Explanation {
            code: "versions.node_unsupported",
            title: "Nobody repairs this Node any more",
            cause: "Its release line gets no fixes: lines before 22 have ended, and odd ones live for half a year.",
            remedy: "Install Node 24, or a code-server that brings its own: doorcode install",
        },
        severity: Severity::Warn,
        check: |facts| {
            let node = facts.code_server.as_ref().and_then(|found| found.node);
            let ended = |(major, ..): &Version| *major < 22 || major % 2 == 1;
            node.filter(ended)
                .map(|node| Hit::new(format!("Node {}", text(node))))
                .into_iter()
                .collect()
        },
    },
];

fn advisories(facts: &Facts, which: impl Fn(&Advisory) -> bool) -> Vec<Hit> {
    let Some(version) = facts.code_server.as_ref().map(|found| found.version) else {
        return Vec::new();
    };
    let open = ADVISORIES
        .iter()
        .filter(|one| version < one.fixed_in && which(one));
    open.map(|one| {
        let why = if one.held_off_by.is_empty() {
            String::new()
        } else {
            format!(": {}", one.held_off_by)
        };
        Hit::new(format!(
            "code-server {}: {}, fixed in {}{why}",
            text(version),
            one.what,
            text(one.fixed_in)
        ))
    })
    .collect()
}

fn text((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}
