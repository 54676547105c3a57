//! What the gateway is told from outside.

use std::sync::Arc;
use std::time::Duration;

use doorcode_settings::{AuthMode, HostName};
use rustls::sign::CertifiedKey;

use crate::trusted_proxy::TrustedProxyConfig;

/// Everything that can change while the gateway runs; see [`crate::Gateway::reconfigure`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The hosts that requests may name. `localhost` also admits 127.0.0.1 and [::1].
    pub hosts: Vec<HostName>,
    /// What each host is served with. The first is also what a client gets that names no host and reaches an address
    /// that is none.
    pub certificates: Vec<(HostName, Arc<CertifiedKey>)>,
    /// The root that a device can trust, PEM, for every host that has one of its own.
    pub roots: Vec<(HostName, String)>,
    /// How people prove who they are.
    pub auth: AuthMode,
    /// What [`AuthMode::TrustedProxy`] needs; without it nobody may pass in that mode.
    pub trusted_proxy: Option<TrustedProxyConfig>,
    /// Serve plain http and no TLS, which is done only for a proxy in front, in [`AuthMode::TrustedProxy`].
    pub plain: bool,
    /// A session ends after this long without a request and without an open editor.
    pub idle: Duration,
    /// A session ends after this long, whatever happens.
    pub absolute: Duration,
    /// Local ports that may be reached under `/proxy/` and `/absproxy/`.
    pub allow_ports: Vec<u16>,
    /// Attempts to sign in that one client may make in a minute.
    pub sign_in_per_minute: u32,
    /// Connections open at the same time, WebSockets included; more of them wait to be accepted.
    pub connections: usize,
}

/// Whether there is an editor behind the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upstream {
    /// It answers on its socket.
    Ready,
    /// It will soon.
    Starting,
    /// Somebody stopped it.
    Stopped,
    /// It does not start.
    Failed {
        /// Why, in a sentence for the person in front of the browser.
        message: String,
    },
}

/// What says yes or no to a password.
pub trait VerifyPassword: Send + Sync {
    /// Whether `candidate` is the password. Takes the same time whichever of its characters are wrong.
    fn verify(&self, candidate: &str) -> bool;
    /// Whether [`VerifyPassword::verify`] takes so long that it must not run on an async thread.
    fn is_slow(&self) -> bool;
}

/// How long clients may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// From accepting a connection to the end of the TLS handshake.
    pub handshake: Duration,
    /// From the first byte of a request's head to its last; also from the handshake to the end of the first head.
    pub head: Duration,
    /// Between the end of a response and the next request.
    pub idle: Duration,
    /// For the body of a form that is sent before anyone is signed in.
    pub form: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            form: Duration::from_secs(10),
        }
    }
}
