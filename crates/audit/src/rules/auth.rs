//! The settings themselves, and how people sign in.

use doorcode_settings::{AuthMode, Explanation};

use crate::rule::when;
use crate::{Hit, Rule, Severity};

/// Wrong passwords a minute and client that are still few: the default is 10.
const MANY_ATTEMPTS: u32 = 60;

/// OWASP's least for argon2id (Password Storage Cheat Sheet): 19 MiB and two passes.
const LEAST_MEMORY: u32 = 19 * 1024;
const LEAST_PASSES: u32 = 2;

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "settings.refused",
            title: "The settings file is refused",
            cause: "settings.toml has a mistake. A running engine keeps the last good settings; none can be started. What the file \
                    says was not audited.",
            remedy: "doorcode settings check",
        },
        severity: Severity::Critical,
        check: |facts| match &facts.settings {
            // That others can write it is `permissions.file_writable`, and what a proxy lacks has a rule of its own.
            Err(problem) if !["settings_unsafe", "trusted_proxy_incomplete"].contains(&&*problem.code) => {
                vec![Hit::new(problem.message.clone()).next(problem.fix.clone())]
            }
            _ => Vec::new(),
        },
    },
    Rule {
        explanation: Explanation {
            code: "auth.consent_left",
            title: "The consent to a door without a sign-in is still given",
            cause: "auth.none_beyond_loopback is true while people do sign in. Should auth.mode ever become \"none\", nothing \
                    stops the door from being open to the network.",
            remedy: "doorcode settings edit: remove auth.none_beyond_loopback",
        },
        severity: Severity::Info,
        check: |facts| {
            let left =
                |auth: &doorcode_settings::Auth| auth.none_beyond_loopback && auth.mode != AuthMode::None;
            when(facts.valid().is_some_and(|settings| left(&settings.auth)), || {
                "auth.none_beyond_loopback is true".to_owned()
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "auth.many_attempts",
            title: "Passwords can be guessed fast",
            cause: "limits.sign_in_per_minute lets one client try many passwords a minute. A generated password withstands that; \
                    one of your own choice may not.",
            remedy: "limits.sign_in_per_minute = 10 (doorcode settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let Some(settings) = facts
                .valid()
                .filter(|settings| settings.auth.mode == AuthMode::Password)
            else {
                return Vec::new();
            };
            let limit = settings.limits.sign_in_per_minute;
            when(limit > MANY_ATTEMPTS, || {
                format!(
                    "limits.sign_in_per_minute is {limit}: {} guesses a day from each client",
                    u64::from(limit) * 1440
                )
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "auth.hash_in_file",
            title: "The password's hash is in a file",
            cause: "There is no keyring here, or it is not used. The hash is argon2id and the file is yours alone, which is as \
                    good as it gets without a keyring; a copy of the file can be guessed at without a limit.",
            remedy: "Keep the generated password (doorcode password reset makes one), or choose a long one",
        },
        severity: Severity::Info,
        check: |facts| {
            let uses = facts
                .valid()
                .is_some_and(|settings| settings.auth.mode == AuthMode::Password);
            let kept = facts.password_hash.iter().filter(|_| uses);
            kept.map(|hash| Hit::new(hash.path.display().to_string()))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "auth.hash_weak",
            title: "The password's hash is cheap to guess at",
            cause: "The file's hash is not argon2id with 19 MiB and two passes at least. It was not made by this version; a copy of \
                    it can be tried against far more passwords a second.",
            remedy: "doorcode password set --stdin",
        },
        severity: Severity::Warn,
        check: |facts| {
            let weak = |hash: &&crate::PasswordHash| {
                hash.algorithm != "argon2id" || hash.memory < LEAST_MEMORY || hash.passes < LEAST_PASSES
            };
            let hashes = facts.password_hash.iter().filter(weak);
            hashes
                .map(|hash| {
                    let crate::PasswordHash {
                        path,
                        algorithm,
                        memory,
                        passes,
                    } = hash;
                    Hit::new(format!(
                        "{}: {algorithm}, {memory} KiB, {passes} passes",
                        path.display()
                    ))
                })
                .collect()
        },
    },
];
