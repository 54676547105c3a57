//! Attacks that were tried on the running door.

/// What `--deep` came to.
#[derive(Debug, Clone)]
pub enum Deep {
    /// It was not asked for.
    NotAsked,
    /// It was, and no engine runs.
    NoEngine,
    /// These were tried.
    Tried(Vec<Attempt>),
}

/// One attack at one address.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Which.
    pub attack: Attack,
    /// The address.
    pub at: String,
    /// What was sent, in short.
    pub sent: String,
    /// What came back, in short.
    pub answer: String,
    /// What that means.
    pub outcome: Outcome,
}

/// What an attack came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The door held.
    Refused,
    /// It did not.
    GotThrough,
    /// Neither: no connection, no answer in time.
    Unknown,
}

/// The attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attack {
    /// Headers that name a user, from an address of this machine.
    ForgedIdentity,
    /// The same with `_` and `.` for `-` in the headers' names (CVE-2025-64484).
    HeaderAlias,
    /// A statement signed with nothing (`alg: none`).
    UnsignedAssertion,
    /// A WebSocket without a sign-in.
    UpgradeWithoutSignIn,
    /// A WebSocket of another site's page, signed in where that is possible.
    ForeignOrigin,
    /// Another host's name, as after DNS rebinding.
    ForeignHost,
    /// The editor itself, past the door.
    DirectEditor,
    /// TLS 1.0 and 1.1 (RFC 8996).
    OldTls,
    /// HTTP/2 without encryption, by upgrade and by prior knowledge.
    H2c,
    /// The encrypted port spoken to without encryption.
    PlainHttp,
    /// A certificate that is not the one on disk.
    Certificate,
}
