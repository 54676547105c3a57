//! What is so on this machine, as far as the rules need to know.
//!
//! Facts hold no secrets: names, modes, dates and sizes, never contents.

mod attacks;
mod files;
mod parts;

use std::net::IpAddr;

use doorcode_settings::{Problem, Settings};
use time::OffsetDateTime;

pub use attacks::{Attack, Attempt, Deep, Outcome};
pub use files::{Found, Kind, ListenSocket, Place, Role, SecretFile};
pub use parts::{
    Certificate, CodeServer, Engine, Environment, EnvironmentOf, Held, KeysAnswer, PasswordHash, Session,
    TrustLeftover,
};

/// Everything that the rules look at, as of one moment.
#[derive(Debug, Clone)]
pub struct Facts {
    /// That moment.
    pub now: OffsetDateTime,
    /// Who asks: the user id, and the id of their own group.
    pub us: (u32, u32),
    /// The settings in the file, or why they are refused.
    pub settings: Result<Settings, Problem>,
    /// The engine, where one runs.
    pub engine: Option<Engine>,
    /// The addresses of this machine's network interfaces, loopback left out.
    pub own_addresses: Vec<IpAddr>,
    /// Files and folders of ours, those that we rely on, and the folders above them.
    pub places: Vec<Place>,
    /// Unix sockets that the gateway listens on for a proxy.
    pub listen_sockets: Vec<ListenSocket>,
    /// The file with the secret that a proxy adds, where one is set.
    pub proxy_secret: Option<SecretFile>,
    /// What answered where the keys of signed statements are fetched from; none where nothing is fetched.
    pub keys: Option<KeysAnswer>,
    /// The password's hash, where one is kept in a file.
    pub password_hash: Option<PasswordHash>,
    /// Each certificate that is served, or would be.
    pub certificates: Vec<Certificate>,
    /// Roots of our making in trust stores that no certificate here has.
    pub trust_leftovers: Vec<TrustLeftover>,
    /// The editor's program; none where there is none that can be run.
    pub code_server: Option<CodeServer>,
    /// Who is signed in.
    pub sessions: Vec<Session>,
    /// The environment that the engine has, or would get here.
    pub environment: Environment,
    /// What the attacks on the running door came to.
    pub deep: Deep,
}

impl Facts {
    /// The settings, where they are valid.
    pub(crate) fn valid(&self) -> Option<&Settings> {
        self.settings.as_ref().ok()
    }
}
