//! The rest of the facts: the engine, the editor, certificates, sessions, the environment.

use doorcode_settings::ListenAddress;
use time::{Duration, OffsetDateTime};

/// The engine that runs.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The addresses that it listens on, with the ports it got.
    pub listen: Vec<ListenAddress>,
}

/// What answered where the keys of signed statements come from.
#[derive(Debug, Clone)]
pub struct KeysAnswer {
    /// The address.
    pub url: String,
    /// How many keys there are, where the answer is to be counted; what went wrong.
    pub keys: Result<Option<usize>, String>,
    /// How far this machine's clock is ahead of the server's; negative when it is behind. To the second.
    pub clock_ahead: Option<Duration>,
}

/// The parameters of the password's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordHash {
    /// The file.
    pub path: std::path::PathBuf,
    /// `argon2id` for ours.
    pub algorithm: String,
    /// KiB of memory.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

/// A certificate that is served, or would be.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The host, or for one that cannot be read the file.
    pub what: String,
    /// What it says; what is wrong with its files and the next step.
    pub held: Result<Held, (String, String)>,
}

/// What a certificate says.
#[derive(Debug, Clone)]
pub struct Held {
    /// Begin of its validity.
    pub not_before: OffsetDateTime,
    /// End of its validity.
    pub not_after: OffsetDateTime,
    /// Whether it is the person's own and not made here.
    pub custom: bool,
    /// Whether nobody vouches for it but itself or this machine.
    pub self_signed: bool,
    /// Signatures in its chain that can be forged, such as `SHA-1`, with the certificate that has it.
    pub weak: Vec<String>,
    /// What else is wrong with its chain, in words.
    pub chain: Vec<String>,
    /// The command or step that renews it.
    pub renew: String,
}

/// A root of our making in a trust store that no certificate here has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustLeftover {
    /// What people call the store.
    pub store: String,
    /// Names it for the command.
    pub id: String,
    /// What the store calls the root.
    pub nickname: String,
    /// Whether all users of this machine have the store in common.
    pub shared: bool,
}

/// The editor's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeServer {
    /// Its version.
    pub version: (u32, u32, u32),
    /// The version of the Node that runs it, where it could be told.
    pub node: Option<(u32, u32, u32)>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its short name.
    pub id: String,
    /// When it was last used.
    pub last_seen: OffsetDateTime,
}

/// Variables that are set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Whose.
    pub of: EnvironmentOf,
    /// Names only; of a variable that can be harmless (`NODE_TLS_REJECT_UNAUTHORIZED=1`) only where it is not.
    pub names: Vec<String>,
}

/// Whose environment was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvironmentOf {
    /// The running engine's.
    Engine(u32),
    /// That of whoever asks: an engine started here would get it.
    Here,
}
