//! What is said over the control socket: one JSON object a line, a request and then its reply; [`Request::Watch`] is
//! answered by a line for every change until the client hangs up.

use doorcode_gateway::SessionView;
use doorcode_settings::{HostName, Kept, Problem};
use serde::{Deserialize, Serialize};

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
    /// It was refused or failed.
    Problem(Problem),
}

/// What a reload changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct PasswordReply {
    /// The password, when it was asked for or generated.
    pub password: Option<String>,
    /// True when only its hash is kept, so that this is the one time it is shown.
    pub hash_only: bool,
}

/// What may be said of the password without showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordState {
    /// Where it is kept.
    pub kept: PasswordPlace,
    /// True while a generated password of which only the hash is kept has been shown to nobody yet.
    pub new: bool,
}

/// Where the password is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
