//! `[ports]`, `[sessions]`, `[limits]`.

use toml_edit::Value;

use crate::values;
use crate::{Applies, Key, Kind};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "ports.allow",
        label: "Ports shown by the editor",
        kind: Kind::List,
        doc: "Ports of this machine that the editor may show under /proxy/PORT. Such a page can drive the editor.",
        allowed: "a list of ports from 1 to 65535",
        applies: Applies::Live,
        read: |draft, value| {
            values::distinct(value, |port| values::number(port, 1..=65_535))
                .map(|ports| draft.settings.ports.allow = ports)
        },
        write: |settings| Some(settings.ports.allow.iter().copied().map(i64::from).collect()),
    },
    Key {
        name: "sessions.idle",
        label: "Sign out when idle for",
        kind: Kind::Text,
        doc: "A session ends after this long without a request.",
        allowed: "a time of at least 1s and at most 400d, such as \"7d\" or \"12h\"",
        applies: Applies::Live,
        read: |draft, value| values::duration(value).map(|idle| draft.settings.sessions.idle = idle),
        write: |settings| Some(values::from_duration(settings.sessions.idle)),
    },
    Key {
        name: "sessions.absolute",
        label: "Sign out in any case after",
        kind: Kind::Text,
        doc: "A session ends after this long in any case.",
        allowed: "a time that is at least sessions.idle and at most 400d, such as \"30d\"",
        applies: Applies::Live,
        read: |draft, value| {
            values::duration(value).map(|absolute| draft.settings.sessions.absolute = absolute)
        },
        write: |settings| Some(values::from_duration(settings.sessions.absolute)),
    },
    Key {
        name: "limits.connections",
        label: "Connections at once",
        kind: Kind::Number,
        doc: "Open connections at once; more wait until one of these ends.",
        allowed: "a number from 1 to 1000000",
        applies: Applies::Live,
        read: |draft, value| {
            values::number(value, 1..=1_000_000).map(|most| draft.settings.limits.connections = most)
        },
        write: |settings| i64::try_from(settings.limits.connections).ok().map(Value::from),
    },
    Key {
        name: "limits.sign_in_per_minute",
        label: "Wrong passwords a minute",
        kind: Kind::Number,
        doc: "Wrong passwords a minute from one client; more are turned away for a while.",
        allowed: "a number from 1 to 10000",
        applies: Applies::Live,
        read: |draft, value| {
            values::number(value, 1..=10_000).map(|most| draft.settings.limits.sign_in_per_minute = most)
        },
        write: |settings| Some(i64::from(settings.limits.sign_in_per_minute).into()),
    },
];
