//! What can be set, and what holds when nothing is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::home::home;
use crate::trusted_proxy::TrustedProxyKeys;
use crate::{HostName, ListenAddress, TrustedProxy};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// All settings, complete and valid. [`crate::KEYS`] describes each key to people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Settings {
    /// `[editor]`
    pub editor: Editor,
    /// `[gateway]`
    pub gateway: Gateway,
    /// `[tls]`
    pub tls: Tls,
    /// `[auth]`
    pub auth: Auth,
    /// `[ports]`
    pub ports: Ports,
    /// `[sessions]`
    pub sessions: Sessions,
    /// `[limits]`
    pub limits: Limits,
    /// `[desktop]`
    pub desktop: Desktop,
    /// `[notifications]`
    pub notifications: Notifications,
}

/// The editor, code-server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Editor {
    /// The folder opened when no other is named; absolute. Whether it exists is seen when the editor starts.
    pub folder: PathBuf,
    /// Which code-server runs.
    pub program: Program,
    /// Further arguments for code-server; none that the engine sets itself.
    pub args: Vec<String>,
}

impl Default for Editor {
    fn default() -> Self {
        // Only a user without a home directory gets the root folder; paths need a home before anything starts.
        let folder = home().unwrap_or_else(|| PathBuf::from("/"));
        Editor {
            folder,
            program: Program::Auto,
            args: Vec::new(),
        }
    }
}

/// Which code-server runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// The one on `PATH`, else the one that Doorcode installed.
    Auto,
    /// An executable, or code-server's `out/node/entry.js`; absolute.
    Path(PathBuf),
}

/// The front door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gateway {
    /// Addresses to listen on; at least one, none twice. Port 0 is any free port.
    pub listen: Vec<ListenAddress>,
    /// Hosts that the gateway answers for; at least one, none twice, no two with one [`HostName::file_stem`]. The first is
    /// the one that links name.
    pub hosts: Vec<HostName>,
}

impl Default for Gateway {
    fn default() -> Self {
        Gateway {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)).into()],
            hosts: vec![HostName::Dns("localhost".into())],
        }
    }
}

/// Where certificates come from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub enum Tls {
    /// One of our own for each host.
    #[default]
    SelfSigned,
    /// The person's own pair, for all hosts.
    Custom {
        /// PEM: the certificate and its chain; absolute.
        cert: PathBuf,
        /// PEM: its private key; absolute.
        key: PathBuf,
    },
    /// None: plain http, for a proxy on this machine or a private network. With `trusted-proxy` only.
    Off,
}

/// Who may come in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Auth {
    /// How people prove who they are.
    pub mode: AuthMode,
    /// The consent to `none` on an address that other machines reach.
    pub none_beyond_loopback: bool,
    /// The proxy to believe, once everything about it is set, whatever the mode; [`Settings::proxy_in_force`] heeds that. Never
    /// none while the mode is `trusted-proxy`.
    #[serde(skip)]
    pub trusted_proxy: Option<TrustedProxy>,
    /// What the file says about it.
    #[serde(rename = "trusted_proxy")]
    pub trusted_proxy_keys: TrustedProxyKeys,
}

/// How people prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    /// Not at all: whoever reaches the address is in.
    None,
    /// With the one password.
    #[default]
    Password,
    /// A proxy in front has asked them, and says who they are.
    TrustedProxy,
}

impl AuthMode {
    /// The word in settings.toml.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthMode::None => "none",
            AuthMode::Password => "password",
            AuthMode::TrustedProxy => "trusted-proxy",
        }
    }
}

/// Ports of this machine that the editor may show.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Ports {
    /// Ports under `/proxy/PORT` and `/absproxy/PORT`; none by default, because such a page shares the editor's origin.
    pub allow: Vec<u16>,
}

/// How long people stay signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sessions {
    /// A session ends after this time without a request; more than zero.
    pub idle: Duration,
    /// A session ends after this time in any case; at least `idle`.
    pub absolute: Duration,
}

impl Default for Sessions {
    fn default() -> Self {
        Sessions {
            idle: 7 * DAY,
            absolute: 30 * DAY,
        }
    }
}

/// What one gateway takes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Open connections at once.
    pub connections: usize,
    /// Wrong passwords a minute and client.
    pub sign_in_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 4096,
            sign_in_per_minute: 10,
        }
    }
}

/// The tray.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Desktop {
    /// What becomes of the engine when the tray quits.
    pub on_quit: OnQuit,
    /// Keys that open the editor in the browser, such as `Ctrl+Alt+D`; empty for none.
    pub shortcut: String,
}

/// What becomes of the engine when the tray quits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnQuit {
    /// The tray hosts it, so it ends with the tray.
    #[default]
    Stop,
    /// It is a process of its own and stays.
    Keep,
}

impl OnQuit {
    /// The word in settings.toml.
    pub fn as_str(self) -> &'static str {
        match self {
            OnQuit::Stop => "stop",
            OnQuit::Keep => "keep",
        }
    }
}

/// What the tray tells people unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notifications {
    /// The editor ended by itself.
    pub crash: bool,
    /// The editor is not started again.
    pub given_up: bool,
    /// A certificate is due, or has ended.
    pub certificate: bool,
    /// Somebody signed in.
    pub new_device: bool,
    /// Somebody guesses passwords.
    pub sign_in_attack: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Notifications {
            crash: true,
            given_up: true,
            certificate: true,
            new_device: true,
            sign_in_attack: true,
        }
    }
}
