//! `[editor]`, `[gateway]`, `[tls]`, `[auth]`.

use toml_edit::Value;

use crate::editor_args::editor_args;
use crate::keys::TlsMode;
use crate::values;
use crate::{Applies, AuthMode, Key, Kind, Program, Tls};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "editor.folder",
        label: "Folder",
        kind: Kind::Path,
        doc: "The folder opened when no other is named.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::RestartEditor,
        read: |draft, value| values::path(value).map(|path| draft.settings.editor.folder = path),
        write: |settings| values::from_path(&settings.editor.folder),
    },
    Key {
        name: "editor.program",
        label: "code-server",
        kind: Kind::Path,
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
        label: "Further arguments",
        kind: Kind::List,
        doc: "Further arguments for code-server, such as [\"--disable-telemetry\"].",
        allowed: "a list of code-server's arguments, except for those that Doorcode sets itself",
        applies: Applies::RestartEditor,
        read: |draft, value| editor_args(value).map(|args| draft.settings.editor.args = args),
        write: |settings| Some(Value::from_iter(&settings.editor.args)),
    },
    Key {
        name: "gateway.listen",
        label: "Addresses listened on",
        kind: Kind::List,
        doc: "Addresses and ports that browsers connect to. Port 0 is any free port.",
        allowed: "a list of at least one IP address with its port, such as [\"127.0.0.1:8443\", \"[::1]:8443\"]; for a trusted proxy also \"unix:/absolute/path\"",
        applies: Applies::RestartEngine,
        read: |draft, value| {
            values::set_of(value, values::listen_address).map(|list| draft.settings.gateway.listen = list)
        },
        write: |settings| Some(settings.gateway.listen.iter().map(ToString::to_string).collect()),
    },
    Key {
        name: "gateway.hosts",
        label: "Host names",
        kind: Kind::List,
        doc: "Names and addresses that browsers reach this machine by; each gets a certificate. Links name the first.",
        allowed: "a list of at least one DNS name, IPv4 or IPv6 address, such as [\"localhost\", \"my.dev.local\"]",
        applies: Applies::Live,
        read: |draft, value| values::hosts(value).map(|hosts| draft.settings.gateway.hosts = hosts),
        write: |settings| Some(settings.gateway.hosts.iter().map(ToString::to_string).collect()),
    },
    Key {
        name: "tls.mode",
        label: "Certificates",
        kind: Kind::Choice(&["self-signed", "custom", "off"]),
        doc: "Where certificates come from: \"self-signed\" makes one for each host, \"custom\" uses cert and key below, \"off\" is plain http for a trusted proxy.",
        allowed: "\"self-signed\", \"custom\", or, with auth.mode = \"trusted-proxy\", \"off\"",
        applies: Applies::Live,
        read: |draft, value| {
            let modes = [
                ("self-signed", TlsMode::SelfSigned),
                ("custom", TlsMode::Custom),
                ("off", TlsMode::Off),
            ];
            values::one_of(value, &modes).map(|mode| draft.tls_mode = Some(mode))
        },
        write: |settings| match settings.tls {
            Tls::SelfSigned => Some("self-signed".into()),
            Tls::Custom { .. } => Some("custom".into()),
            Tls::Off => Some("off".into()),
        },
    },
    Key {
        name: "tls.cert",
        label: "Certificate file",
        kind: Kind::Path,
        doc: "With mode = \"custom\": a PEM file with the certificate, followed by its chain.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::Live,
        read: |draft, value| values::path(value).map(|path| draft.cert = Some(path)),
        write: |settings| match &settings.tls {
            Tls::Custom { cert, .. } => values::from_path(cert),
            Tls::SelfSigned | Tls::Off => None,
        },
    },
    Key {
        name: "tls.key",
        label: "Private key file",
        kind: Kind::Path,
        doc: "With mode = \"custom\": a PEM file with the certificate's private key.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::Live,
        read: |draft, value| values::path(value).map(|path| draft.key = Some(path)),
        write: |settings| match &settings.tls {
            Tls::Custom { key, .. } => values::from_path(key),
            Tls::SelfSigned | Tls::Off => None,
        },
    },
    Key {
        name: "auth.mode",
        label: "Sign-in",
        kind: Kind::Choice(&["password", "none", "trusted-proxy"]),
        doc: "How people sign in: \"password\", \"none\" for whoever reaches the address, or \"trusted-proxy\" where a proxy in front asks them.",
        allowed: "\"password\", \"none\" or \"trusted-proxy\"",
        applies: Applies::Live,
        read: |draft, value| {
            let modes = [AuthMode::Password, AuthMode::None, AuthMode::TrustedProxy]
                .map(|mode| (mode.as_str(), mode));
            values::one_of(value, &modes).map(|mode| draft.settings.auth.mode = mode)
        },
        write: |settings| Some(settings.auth.mode.as_str().into()),
    },
    Key {
        name: "auth.none_beyond_loopback",
        label: "No sign-in beyond this machine",
        kind: Kind::Boolean,
        doc: "Allows mode = \"none\" on addresses that other machines reach: they all get a shell on this one.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.auth.none_beyond_loopback = yes),
        write: |settings| Some(settings.auth.none_beyond_loopback.into()),
    },
];
