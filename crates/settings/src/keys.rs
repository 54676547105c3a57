//! The one table of keys: what people can write, what it means, how it is read and shown.

use std::path::PathBuf;

use toml_edit::Value;

use crate::editor_args::editor_arg;
use crate::values::{self, Wrong};
use crate::{Applies, AuthMode, Program, Settings, Tls};

/// One key of `settings.toml`.
pub struct Key {
    /// With its table: `editor.folder`.
    pub name: &'static str,
    /// What it does, for people.
    pub doc: &'static str,
    /// Which values it takes.
    pub allowed: &'static str,
    /// When a change takes effect; [`crate::differences`] knows the one exception.
    pub applies: Applies,
    pub(crate) read: fn(&mut Draft, &Value) -> Result<(), Wrong>,
    /// None where nothing is set and there is no default.
    pub(crate) write: fn(&Settings) -> Option<Value>,
}

impl Key {
    /// The table it stands in: `editor`.
    pub fn table(&self) -> &'static str {
        self.split().0
    }

    /// Its name in that table: `folder`.
    pub fn short_name(&self) -> &'static str {
        self.split().1
    }

    /// The value when nothing is set, as TOML; None where there is none.
    pub fn default(&self) -> Option<String> {
        (self.write)(&Settings::default()).map(|value| value.to_string())
    }

    fn split(&self) -> (&'static str, &'static str) {
        self.name
            .split_once('.')
            .expect("every key in the table below has its table in front")
    }
}

/// All keys, those of a table together, in the order in which people read them.
pub const KEYS: &[Key] = &[
    Key {
        name: "editor.folder",
        doc: "The folder opened when no other is named.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::RestartEditor,
        read: |draft, value| values::path(value).map(|path| draft.settings.editor.folder = path),
        write: |settings| values::from_path(&settings.editor.folder),
    },
    Key {
        name: "editor.program",
        doc: "Which code-server runs: \"auto\" takes the one on PATH, else the one that `doorcode install` installed.",
        allowed: "\"auto\", or the path of code-server: its executable or its out/node/entry.js",
        applies: Applies::RestartEditor,
        read: |draft, value| {
            draft.settings.editor.program = match values::text(value)? {
                "auto" => Program::Auto,
                _ => Program::Path(values::path(value)?),
            };
            Ok(())
        },
        write: |settings| match &settings.editor.program {
            Program::Auto => Some("auto".into()),
            Program::Path(path) => values::from_path(path),
        },
    },
    Key {
        name: "editor.args",
        doc: "Further arguments for code-server, such as [\"--disable-telemetry\"].",
        allowed: "a list of code-server's arguments, except for those that Doorcode sets itself",
        applies: Applies::RestartEditor,
        read: |draft, value| values::list(value, editor_arg).map(|args| draft.settings.editor.args = args),
        write: |settings| Some(Value::from_iter(&settings.editor.args)),
    },
    Key {
        name: "gateway.listen",
        doc: "Addresses and ports that browsers connect to. Port 0 is any free port.",
        allowed: "a list of at least one IP address with its port, such as [\"127.0.0.1:8443\", \"[::1]:8443\"]",
        applies: Applies::RestartEngine,
        read: |draft, value| {
            values::set_of(value, values::listen_address).map(|list| draft.settings.gateway.listen = list)
        },
        write: |settings| Some(settings.gateway.listen.iter().map(ToString::to_string).collect()),
    },
    Key {
        name: "gateway.hosts",
        doc: "Names and addresses that browsers reach this machine by; each gets a certificate. Links name the first.",
        allowed: "a list of at least one DNS name, IPv4 or IPv6 address, such as [\"localhost\", \"my.dev.local\"]",
        applies: Applies::Live,
        read: |draft, value| values::hosts(value).map(|hosts| draft.settings.gateway.hosts = hosts),
        write: |settings| Some(settings.gateway.hosts.iter().map(ToString::to_string).collect()),
    },
    Key {
        name: "tls.mode",
        doc: "Where certificates come from: \"self-signed\" makes one for each host, \"custom\" uses cert and key below.",
        allowed: "\"self-signed\" or \"custom\"",
        applies: Applies::Live,
        read: |draft, value| {
            let custom = values::one_of(value, &[("self-signed", false), ("custom", true)])?;
            draft.custom_tls = Some(custom);
            Ok(())
        },
        write: |settings| match settings.tls {
            Tls::SelfSigned => Some("self-signed".into()),
            Tls::Custom { .. } => Some("custom".into()),
        },
    },
    Key {
        name: "tls.cert",
        doc: "With mode = \"custom\": a PEM file with the certificate, followed by its chain.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::Live,
        read: |draft, value| values::path(value).map(|path| draft.cert = Some(path)),
        write: |settings| match &settings.tls {
            Tls::Custom { cert, .. } => values::from_path(cert),
            Tls::SelfSigned => None,
        },
    },
    Key {
        name: "tls.key",
        doc: "With mode = \"custom\": a PEM file with the certificate's private key.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::Live,
        read: |draft, value| values::path(value).map(|path| draft.key = Some(path)),
        write: |settings| match &settings.tls {
            Tls::Custom { key, .. } => values::from_path(key),
            Tls::SelfSigned => None,
        },
    },
    Key {
        name: "auth.mode",
        doc: "How people sign in: \"password\", or \"none\" for whoever reaches the address.",
        allowed: "\"password\" or \"none\"",
        applies: Applies::Live,
        read: |draft, value| {
            let modes = [("password", AuthMode::Password), ("none", AuthMode::None)];
            values::one_of(value, &modes).map(|mode| draft.settings.auth.mode = mode)
        },
        write: |settings| match settings.auth.mode {
            AuthMode::Password => Some("password".into()),
            AuthMode::None => Some("none".into()),
        },
    },
    Key {
        name: "auth.none_beyond_loopback",
        doc: "Allows mode = \"none\" on addresses that other machines reach: they all get a shell on this one.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.auth.none_beyond_loopback = yes),
        write: |settings| Some(settings.auth.none_beyond_loopback.into()),
    },
    Key {
        name: "ports.allow",
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
        doc: "A session ends after this long without a request.",
        allowed: "a time of at least 1s and at most 400d, such as \"7d\" or \"12h\"",
        applies: Applies::Live,
        read: |draft, value| values::duration(value).map(|idle| draft.settings.sessions.idle = idle),
        write: |settings| Some(values::from_duration(settings.sessions.idle)),
    },
    Key {
        name: "sessions.absolute",
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
        doc: "Open connections at once; more are turned away.",
        allowed: "a number from 1 to 1000000",
        applies: Applies::Live,
        read: |draft, value| {
            values::number(value, 1..=1_000_000).map(|most| draft.settings.limits.connections = most)
        },
        write: |settings| i64::try_from(settings.limits.connections).ok().map(Value::from),
    },
    Key {
        name: "limits.sign_in_per_minute",
        doc: "Wrong passwords a minute from one client; more are turned away for a while.",
        allowed: "a number from 1 to 10000",
        applies: Applies::Live,
        read: |draft, value| {
            values::number(value, 1..=10_000).map(|most| draft.settings.limits.sign_in_per_minute = most)
        },
        write: |settings| Some(i64::from(settings.limits.sign_in_per_minute).into()),
    },
];

/// Settings while they are read: TLS is known only when all its keys are.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) settings: Settings,
    pub(crate) custom_tls: Option<bool>,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}
