//! Arguments for code-server that take a protection away. Those that would open a second door the settings refuse.

use doorcode_settings::Explanation;

use crate::{Facts, Hit, Rule, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "editor.workspace_trust_off",
            title: "Every folder is trusted",
            cause: "With --disable-workspace-trust the editor runs tasks, debuggers and extensions of every folder that is opened, \
                    without asking whether its authors are to be trusted.",
            remedy: "Remove it from editor.args (doorcode settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| with(facts, &["--disable-workspace-trust"]),
    },
    Rule {
        explanation: Explanation {
            code: "editor.proposed_api",
            title: "Extensions may use unfinished interfaces",
            cause: "--enable-proposed-api gives extensions access that is not reviewed for general use.",
            remedy: "Remove it from editor.args (doorcode settings edit), or name the one extension that needs it",
        },
        severity: Severity::Info,
        check: |facts| with(facts, &["--enable-proposed-api"]),
    },
    Rule {
        explanation: Explanation {
            code: "editor.talkative_log",
            title: "The editor's log says more than it should",
            cause: "At this level it has addresses with their parameters and what extensions send, tokens among it.",
            remedy: "Remove it from editor.args when you have found what you were looking for (doorcode settings edit)",
        },
        severity: Severity::Info,
        check: |facts| {
            let args = facts
                .valid()
                .map(|settings| settings.editor.args.as_slice())
                .unwrap_or_default();
            let talkative = ["trace", "debug"];
            let as_two = args
                .windows(2)
                .any(|two| two[0] == "--log" && talkative.contains(&&*two[1]));
            let as_one = args.iter().any(|arg| {
                arg.strip_prefix("--log=")
                    .is_some_and(|level| talkative.contains(&level))
            });
            let mut hits = with(facts, &["--verbose", "-vvv"]);
            hits.extend((as_one || as_two).then(|| Hit::new("editor.args has --log")));
            hits
        },
    },
];

/// A hit for each of these options in editor.args; values are not told.
fn with(facts: &Facts, options: &[&str]) -> Vec<Hit> {
    let args = facts
        .valid()
        .map(|settings| settings.editor.args.as_slice())
        .unwrap_or_default();
    let names = args
        .iter()
        .map(|arg| arg.split_once('=').map_or(arg.as_str(), |(name, _)| name));
    names
        .filter(|name| options.contains(name))
        .map(|name| Hit::new(format!("editor.args has {name}")))
        .collect()
}
