//! How long sign-ins live, and how many there are.

use std::time::Duration as Span;

use doorcode_settings::{AuthMode, Explanation};
use time::Duration;

use crate::rule::when;
use crate::{Hit, Rule, Severity};

const DAY: Span = Span::from_secs(24 * 60 * 60);
const LONG_IDLE: Span = Span::from_secs(30 * DAY.as_secs());
const LONG_LIFE: Span = Span::from_secs(90 * DAY.as_secs());
const MANY: usize = 20;
/// The default of sessions.idle is a week.
const FORGOTTEN: Duration = Duration::days(14);

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "sessions.long_lived",
            title: "A sign-in lasts very long",
            cause: "sessions.idle is over 30 days, or sessions.absolute over 90. A lost device, or a stolen cookie, opens the door \
                    for as long.",
            remedy: "sessions.idle = \"7d\" and sessions.absolute = \"30d\" (doorcode settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let Some(settings) = facts
                .valid()
                .filter(|settings| settings.auth.mode == AuthMode::Password)
            else {
                return Vec::new();
            };
            let (idle, absolute) = (settings.sessions.idle, settings.sessions.absolute);
            when(idle > LONG_IDLE || absolute > LONG_LIFE, || {
                let days = |span: Span| span.as_secs() / DAY.as_secs();
                format!(
                    "sessions.idle is {} days, sessions.absolute {}",
                    days(idle),
                    days(absolute)
                )
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "sessions.many",
            title: "Very many sign-ins are valid",
            cause: "Each is a browser that comes in without a password. More than 20 are hardly all in use.",
            remedy: "doorcode sessions list; doorcode sessions revoke --all ends them, and everybody signs in again",
        },
        severity: Severity::Warn,
        check: |facts| {
            let count = facts.sessions.len();
            when(count > MANY, || format!("{count} sign-ins are valid"))
        },
    },
    Rule {
        explanation: Explanation {
            code: "sessions.forgotten",
            title: "A sign-in has not been used for long",
            cause: "A browser that nobody has opened the editor with for two weeks can still come in.",
            remedy: "doorcode sessions revoke ID",
        },
        severity: Severity::Info,
        check: |facts| {
            let old = facts
                .sessions
                .iter()
                .filter(|session| facts.now - session.last_seen > FORGOTTEN);
            old.map(|session| {
                let days = (facts.now - session.last_seen).whole_days();
                Hit::new(format!("session {}: last used {days} days ago", session.id))
                    .next(format!("doorcode sessions revoke {}", session.id))
            })
            .collect()
        },
    },
];
