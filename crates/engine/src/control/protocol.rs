//! What is said over the control socket: one JSON object a line, a request and then its reply; [`Request::Watch`] and
//! [`Request::Events`] are answered by a line for every change until the client hangs up.

use std::net::IpAddr;

use doorcode_gateway::{ConnectionView, Seen, SessionView};
use doorcode_settings::{HostName, Kept, Problem};
use serde::{Deserialize, Serialize};

use crate::checks::CheckResult;
use crate::devices::Device;
use crate::live::{Event, HealthView};
use crate::onboarding::OnboardingReply;
use crate::status::Status;

/// What a client may ask of the engine.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// How things are.
    Status,
    /// How things are, again at each change.
    Watch,
    /// Start the editor; answered once it runs or has failed.
    Start,
    /// Stop the editor and everything it started; the gateway stays and says so.
    Stop,
    /// Stop, then start.
    Restart,
    /// Read settings and certificates again.
    Reload,
    /// A one-time link.
    Link {
        /// For this host; the first configured one if none is named.
        host: Option<HostName>,
        /// Where it leads after signing in: a path on the gateway.
        to: String,
        /// How long it is valid.
        seconds: u64,
    },
    /// Who is signed in.
    SessionsList,
    /// Ends one session.
    SessionsRevoke {
        /// Its id, as listed.
        id: String,
    },
    /// Ends every session.
    SessionsRevokeAll,
    /// Where the password is kept.
    PasswordState,
    /// The password, where it can be shown.
    PasswordShow,
    /// A generated password that nobody has been shown yet and of which only the hash is kept: this once.
    PasswordShowNew,
    /// Sets the password and signs everyone out.
    PasswordSet {
        /// The new one.
        password: String,
    },
    /// Generates a password and signs everyone out.
    PasswordReset,
    /// Begin a device check: a page, to be opened once, that finds out whether a browser trusts a host.
    CheckBegin {
        /// The host; the first configured one if none is named.
        host: Option<HostName>,
        /// How long the page can be opened; 600 at most.
        seconds: u64,
    },
    /// What a check found out so far.
    CheckResult {
        /// Its id, as it was begun with.
        id: String,
    },
    /// Offer other devices, over plain http, the page that has them trust a host; until [`Request::OnboardingEnd`], the end
    /// of this connection, or 15 minutes later.
    OnboardingBegin {
        /// The host; the first configured one if none is named.
        host: Option<HostName>,
        /// At this address of this machine; the likeliest if none is named.
        address: Option<IpAddr>,
    },
    /// Which devices have come how far with that page.
    OnboardingSeen,
    /// That page is to be gone.
    OnboardingEnd,
    /// The devices that have passed a check.
    Devices,
    /// Forgets one of them.
    DevicesForget {
        /// Its id, as listed.
        id: String,
    },
    /// Every probe, now.
    Doctor {
        /// Another public address than the configured one.
        url: Option<String>,
    },
    /// The last report, latency, history, memory.
    Health,
    /// Every open client connection.
    Connections,
    /// Everything that happens from now on, an [`Event`] a line, until the client hangs up.
    Events,
    /// The figures as Prometheus reads them.
    Metrics,
    /// End the extension hosts whose window is gone.
    FreeMemory,
    /// Drain, stop the editor, end the engine.
    Shutdown,
}

/// The request's name only: it may carry a password.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Request::Status => "status",
            Request::Watch => "watch",
            Request::Start => "start",
            Request::Stop => "stop",
            Request::Restart => "restart",
            Request::Reload => "reload",
            Request::Link { .. } => "link",
            Request::SessionsList => "sessions-list",
            Request::SessionsRevoke { .. } => "sessions-revoke",
            Request::SessionsRevokeAll => "sessions-revoke-all",
            Request::PasswordState => "password-state",
            Request::PasswordShow => "password-show",
            Request::PasswordShowNew => "password-show-new",
            Request::PasswordSet { .. } => "password-set",
            Request::PasswordReset => "password-reset",
            Request::CheckBegin { .. } => "check-begin",
            Request::CheckResult { .. } => "check-result",
            Request::OnboardingBegin { .. } => "onboarding-begin",
            Request::OnboardingSeen => "onboarding-seen",
            Request::OnboardingEnd => "onboarding-end",
            Request::Devices => "devices",
            Request::DevicesForget { .. } => "devices-forget",
            Request::Doctor { .. } => "doctor",
            Request::Health => "health",
            Request::Connections => "connections",
            Request::Events => "events",
            Request::Metrics => "metrics",
            Request::FreeMemory => "free-memory",
            Request::Shutdown => "shutdown",
        })
    }
}

/// What the engine answers.
#[derive(Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// Done.
    Done,
    /// How things are.
    Status(Box<Status>),
    /// What a [`Request::Reload`] changed.
    Reloaded(Reloaded),
    /// A one-time link, complete.
    Link {
        /// `https://…`
        url: String,
    },
    /// Who is signed in.
    Sessions {
        /// The most recently seen first.
        sessions: Vec<SessionView>,
    },
    /// Sessions ended.
    Revoked {
        /// How many.
        count: usize,
    },
    /// The password in force.
    Password(PasswordReply),
    /// Where the password is kept.
    PasswordState(PasswordState),
    /// A device check has begun.
    Check {
        /// For [`Request::CheckResult`].
        id: String,
        /// The page, `https://…`; a secret until it is opened.
        url: String,
    },
    /// What a check found out so far.
    CheckResult(Box<CheckResult>),
    /// The page for other devices is offered.
    Onboarding(OnboardingReply),
    /// Which devices have come how far with it.
    OnboardingSeen(Seen),
    /// The devices that have passed a check.
    Devices {
        /// The one checked last first.
        devices: Vec<Device>,
    },
    /// Every probe and what follows from them.
    Doctor(Box<doorcode_health::Report>),
    /// The last report, latency, history, memory.
    Health(Box<HealthView>),
    /// Every open client connection.
    Connections {
        /// Those with WebSockets first, which are the editors, then the oldest.
        connections: Vec<ConnectionView>,
    },
    /// Something happened.
    Event(Event),
    /// The figures as Prometheus reads them.
    Metrics {
        /// Text exposition format 0.0.4.
        text: String,
    },
    /// Extension hosts were ended.
    Freed {
        /// How many.
        processes: usize,
        /// Resident memory that they, and what ended with them, had used.
        bytes: u64,
    },
    /// It was refused or failed.
    Problem(Problem),
}

/// What a reload changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Reloaded {
    /// Keys whose new value is in force.
    pub applied: Vec<String>,
    /// Keys that wait for `doorcode restart`.
    pub restart_editor: Vec<String>,
    /// Keys that wait for the engine itself to be started again.
    pub restart_engine: Vec<String>,
}

/// A password and where it is kept. No `Debug`: it is a secret.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PasswordReply {
    /// The password, when it was asked for or generated.
    pub password: Option<String>,
    /// True when only its hash is kept, so that this is the one time it is shown.
    pub hash_only: bool,
}

/// What may be said of the password without showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PasswordState {
    /// Where it is kept.
    pub kept: PasswordPlace,
    /// True while a generated password of which only the hash is kept has been shown to nobody yet.
    pub new: bool,
}

/// Where the password is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum PasswordPlace {
    /// In the OS keyring; it can be shown.
    Keyring,
    /// As a hash in a file; it cannot.
    HashOnly,
    /// Nowhere: nobody has needed one yet.
    None,
}

impl From<Option<Kept>> for PasswordPlace {
    fn from(kept: Option<Kept>) -> Self {
        match kept {
            Some(Kept::Keyring) => PasswordPlace::Keyring,
            Some(Kept::HashFile) => PasswordPlace::HashOnly,
            None => PasswordPlace::None,
        }
    }
}
