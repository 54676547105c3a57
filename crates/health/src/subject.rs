//! What the probes are told: facts that others hold. This crate knows no engine, no gateway and no trust store.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use doorcode_settings::trusted_proxy::{PublicUrl, TrustedProxy};
use doorcode_settings::{AuthMode, HostName, ListenAddress, Problem};
use time::OffsetDateTime;

/// Everything that the probes are told.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Why the settings file is not in force, if it is not.
    pub settings_problem: Option<Problem>,
    /// Where the password is.
    pub keyring: Keyring,
    /// Where files are written.
    pub folders: Folders,
    /// What the clock can be held against.
    pub times: Times,
    /// Only where no engine runs: the code-server that would be started, or why there is none.
    pub code_server: Option<Result<String, Problem>>,
    /// Only where no engine runs: which of the addresses cannot be listened on.
    pub ports: Option<Vec<Problem>>,
    /// code-server.
    pub editor: Editor,
    /// The gateway; none where no engine runs.
    pub door: Option<Door>,
    /// What the trust stores of this machine's browsers hold; none where that was not looked at.
    pub browsers: Option<Vec<BrowserTrust>>,
    /// The address on the network.
    pub public: Option<PublicUrl>,
}

/// Where the password is.
#[derive(Debug, Clone)]
pub enum Keyring {
    /// Nobody signs in with a password.
    NotNeeded,
    /// It can be read.
    Works,
    /// It cannot.
    Broken(Problem),
}

/// Where files are written.
#[derive(Debug, Clone)]
pub struct Folders {
    /// What must survive.
    pub data: PathBuf,
    /// Logs.
    pub state: PathBuf,
    /// Sockets.
    pub runtime: PathBuf,
}

/// What the clock can be held against.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// When something was certainly in the past already: a certificate's beginning, a file's last change; and what it is.
    pub past: Vec<(String, OffsetDateTime)>,
}

/// code-server, as its supervisor knows it.
#[derive(Debug, Clone)]
pub struct Editor {
    /// Where it is in its life.
    pub condition: Condition,
    /// Its parent process.
    pub pid: Option<u32>,
    /// Where it listens.
    pub socket: PathBuf,
    /// The last lines it wrote, the oldest first; for when it ended by itself.
    pub log_tail: Vec<String>,
    /// How often the system has killed a process for memory since the editor last answered.
    pub memory_kills: u64,
    /// Resident memory of all its processes, bytes.
    pub rss_bytes: Option<u64>,
    /// Extension hosts of tabs that are closed: how many, and their bytes.
    pub lingering: (usize, u64),
}

/// Where the editor is in its life.
#[derive(Debug, Clone)]
pub enum Condition {
    /// No engine runs, so nothing does.
    NoEngine,
    /// It answers, as far as the supervisor knows.
    Running,
    /// It was started and does not answer yet.
    Starting,
    /// It is being ended.
    Stopping,
    /// Somebody stopped it.
    Stopped,
    /// It ended by itself and is started again.
    Backoff(Problem),
    /// It is not started again.
    Failed(Problem),
}

/// The gateway.
#[derive(Debug, Clone)]
pub struct Door {
    /// The addresses it listens on, as bound.
    pub listen: Vec<ListenAddress>,
    /// The hosts it answers for, and what each is served with.
    pub hosts: Vec<Served>,
    /// What is wrong with the certificates that were to be served.
    pub certificate_problems: Vec<Problem>,
    /// How people sign in.
    pub auth: AuthMode,
    /// The proxy that signs them in, where one does.
    pub proxy: Option<Arc<TrustedProxy>>,
    /// False where it speaks plain http to a proxy.
    pub tls: bool,
    /// How many connections are open, where the settings allow no more.
    pub full: Option<usize>,
    /// What it has seen lately.
    pub evidence: DoorEvidence,
    /// How a probe is known to the door.
    pub visits: Arc<dyn Visits>,
}

/// A host and its certificate.
#[derive(Debug, Clone)]
pub struct Served {
    /// The host.
    pub host: HostName,
    /// SHA-256 of the certificate meant for it, `AA:BB:…`; none where it has none.
    pub fingerprint: Option<String>,
    /// Whether it is one of our own making.
    pub ours: bool,
    /// How to come by another one: a next step.
    pub renewal: String,
}

/// What the gateway has seen in the last five minutes that tells why somebody does not get in.
#[derive(Debug, Clone, Default)]
pub struct DoorEvidence {
    /// Refusals by code.
    pub refusals: Vec<Refusals>,
    /// A WebSocket's key without the upgrade that belongs to it: something on the way took that out.
    pub websocket_stripped: Option<Sighting>,
    /// Somebody whom a proxy has signed in was asked for the password.
    pub second_sign_in: Option<Sighting>,
    /// A browser that was on https already was led to https: the proxy on its way speaks http to the door.
    pub led_in_a_circle: Option<Sighting>,
    /// A browser ended a handshake because it does not believe the certificate.
    pub certificate_refused: Option<Sighting>,
    /// Whether a request was let in at any time under the rules in force.
    pub let_in: bool,
}

/// Refusals of one kind.
#[derive(Debug, Clone)]
pub struct Refusals {
    /// As in the access log.
    pub code: String,
    /// How many in the last five minutes.
    pub count: u64,
    /// The last of them.
    pub last: Sighting,
    /// Whether a request has been let in since.
    pub passed_since: bool,
}

/// One request, or one handshake.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// Its id in the access log; empty for a handshake.
    pub request: String,
    /// When.
    pub at: OffsetDateTime,
    /// Where it came from.
    pub client: IpAddr,
    /// The host it named.
    pub host: String,
    /// The page it said to come from.
    pub origin: Option<String>,
    /// The header, name or reason that it is about; may be empty.
    pub detail: String,
    /// Whether it came by way of a proxy: from one that is configured, or with forwarding headers.
    pub proxied: bool,
}

/// How a probe is known to the door: by a path that nobody else knows, for some seconds. It gives no rights beyond an echo.
pub trait Visits: std::fmt::Debug + Send + Sync {
    /// A path that is expected from now on, and the token in it.
    fn expect(&self) -> Visit;
    /// What came to that path, the last one last.
    fn arrivals(&self, visit: &Visit) -> Vec<Arrival>;
    /// Tells that a connection of this machine from `port` is this program's own probe, which nobody counts, until the
    /// answer is dropped.
    fn own(&self, port: u16) -> Box<dyn Send + Sync>;
}

/// An expected path.
#[derive(Debug, Clone)]
pub struct Visit {
    /// `/.doorcode/check/…`
    pub path: String,
    /// What opens the echo.
    pub token: String,
}

/// What came to an expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The host it named.
    pub host: String,
    /// The page it said to come from.
    pub origin: Option<String>,
    /// Whether it asked for a WebSocket properly.
    pub upgrade: bool,
    /// Whether it carried a WebSocket's key.
    pub websocket_key: bool,
    /// Headers by which proxies say who somebody is; names only.
    pub identity: Vec<String>,
}

/// What the trust store of one browser holds.
#[derive(Debug, Clone)]
pub struct BrowserTrust {
    /// What people call it.
    pub title: String,
    /// The name that `doorcode trust install --store` takes.
    pub store: String,
    /// The host.
    pub host: HostName,
    /// How things stand.
    pub state: Trust,
    /// In words; may be empty.
    pub detail: String,
}

/// How things stand with a trust store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The root is in.
    Trusted,
    /// It is in, but the browser runs since before.
    RestartNeeded,
    /// It is not in.
    NotTrusted,
    /// Nothing here reads this store, or it could not be looked at.
    Unknown,
}
