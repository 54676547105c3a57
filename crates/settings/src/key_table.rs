//! The one table of keys: what people can write, what it means, how it is read and shown.

use toml_edit::Value;

use crate::editor_args::editor_args;
use crate::shortcut::shortcut;
use crate::values;
use crate::{Applies, AuthMode, Key, Kind, OnQuit, Program, Tls};

/// All keys, those of a table together, in the order in which people read them.
pub const KEYS: &[Key] = &[
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
        allowed: "a list of at least one IP address with its port, such as [\"127.0.0.1:8443\", \"[::1]:8443\"]",
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
        kind: Kind::Choice(&["self-signed", "custom"]),
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
        label: "Certificate file",
        kind: Kind::Path,
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
        label: "Private key file",
        kind: Kind::Path,
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
        label: "Sign-in",
        kind: Kind::Choice(&["password", "none"]),
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
        label: "No sign-in beyond this machine",
        kind: Kind::Boolean,
        doc: "Allows mode = \"none\" on addresses that other machines reach: they all get a shell on this one.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.auth.none_beyond_loopback = yes),
        write: |settings| Some(settings.auth.none_beyond_loopback.into()),
    },
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
    Key {
        name: "desktop.on_quit",
        label: "When the tray quits",
        kind: Kind::Choice(&["stop", "keep"]),
        doc: "Whether the editor ends when the tray quits: \"stop\" ends it, \"keep\" has it run on its own, from the engine's next start on.",
        allowed: "\"stop\" or \"keep\"",
        applies: Applies::Live,
        read: |draft, value| {
            let choices = [("stop", OnQuit::Stop), ("keep", OnQuit::Keep)];
            values::one_of(value, &choices).map(|choice| draft.settings.desktop.on_quit = choice)
        },
        write: |settings| Some(settings.desktop.on_quit.as_str().into()),
    },
    Key {
        name: "desktop.shortcut",
        label: "Shortcut",
        kind: Kind::Text,
        doc: "Keys that open the editor in the browser from anywhere, on X11 and macOS; none when empty.",
        allowed: "nothing, or a key with Ctrl, Alt or Super before it, such as \"Ctrl+Alt+D\"",
        applies: Applies::Live,
        read: |draft, value| shortcut(value).map(|keys| draft.settings.desktop.shortcut = keys),
        write: |settings| Some(settings.desktop.shortcut.as_str().into()),
    },
    Key {
        name: "notifications.crash",
        label: "The editor ended by itself",
        kind: Kind::Boolean,
        doc: "Notify when the editor ends without being asked to.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.crash = yes),
        write: |settings| Some(settings.notifications.crash.into()),
    },
    Key {
        name: "notifications.given_up",
        label: "The editor stays down",
        kind: Kind::Boolean,
        doc: "Notify when the editor has ended too often and is not started again.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.given_up = yes),
        write: |settings| Some(settings.notifications.given_up.into()),
    },
    Key {
        name: "notifications.certificate",
        label: "A certificate is due",
        kind: Kind::Boolean,
        doc: "Notify when a certificate is about to end, or has ended.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.certificate = yes),
        write: |settings| Some(settings.notifications.certificate.into()),
    },
    Key {
        name: "notifications.new_device",
        label: "A new sign-in",
        kind: Kind::Boolean,
        doc: "Notify when somebody signs in.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.new_device = yes),
        write: |settings| Some(settings.notifications.new_device.into()),
    },
    Key {
        name: "notifications.sign_in_attack",
        label: "Somebody guesses passwords",
        kind: Kind::Boolean,
        doc: "Notify when wrong passwords come so fast that they are turned away.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| {
            values::yes_no(value).map(|yes| draft.settings.notifications.sign_in_attack = yes)
        },
        write: |settings| Some(settings.notifications.sign_in_attack.into()),
    },
];
