//! What a person or a program is told about the engine: the shape of `doorcode status --json`.

use std::net::SocketAddr;

use doorcode_settings::{AuthMode, HostName, ListenAddress, Problem};
use doorcode_supervisor::EditorState;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::live::HealthBrief;

/// Everything about a running engine, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Status {
    /// The editor's state, which is what people mean by "is it running".
    pub state: State,
    /// The addresses to open, the first one first: every host with every port listened on.
    pub urls: Vec<String>,
    /// How people sign in.
    pub auth: AuthMode,
    /// The addresses listened on.
    pub listen: Vec<ListenAddress>,
    /// The editor process.
    pub editor: EditorStatus,
    /// How many sign-ins are valid.
    pub sessions: usize,
    /// How many people have signed in since the engine started, those who have left again included: a program that sees it
    /// grow asks for the list.
    #[serde(default)]
    pub sessions_seen: u64,
    /// In how many of them an editor is open right now.
    #[serde(default)]
    pub connected: usize,
    /// How many connections are open at the gateway.
    pub connections: usize,
    /// What is served, by host.
    pub certificates: Vec<CertificateStatus>,
    /// The folders that were opened last, the last one first; at most eight.
    #[serde(default)]
    pub recent_folders: Vec<String>,
    /// What is wrong, and what to do about it.
    pub problems: Vec<Problem>,
    /// The codes of those problems that keep people from working; the others are warnings. They come first. The window has the
    /// report itself.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub broken: Vec<String>,
    /// The health in one word, with the latency.
    #[serde(default)]
    pub health: HealthBrief,
    /// The engine's own process.
    pub engine: EngineStatus,
}

impl Status {
    /// The exit status of `doorcode status`: 0 running, 3 stopped, 4 failing.
    pub fn exit_code(&self) -> u8 {
        match self.state {
            State::Running | State::Starting => 0,
            State::Stopped | State::Stopping => 3,
            State::Backoff | State::Failed => 4,
        }
    }

    /// What is said when no engine runs: everything empty, state `stopped`.
    pub fn not_running() -> Status {
        Status {
            state: State::Stopped,
            urls: Vec::new(),
            auth: AuthMode::Password,
            listen: Vec::new(),
            editor: EditorStatus::default(),
            sessions: 0,
            sessions_seen: 0,
            connected: 0,
            connections: 0,
            certificates: Vec::new(),
            recent_folders: Vec::new(),
            problems: Vec::new(),
            broken: Vec::new(),
            health: HealthBrief::default(),
            engine: EngineStatus {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                pid: None,
            },
        }
    }
}

/// The life of the editor in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it; docs/architecture.md has the order")]
pub enum State {
    Stopped,
    Starting,
    Running,
    Stopping,
    Backoff,
    Failed,
}

impl State {
    /// The word used in `status --json`.
    pub fn word(self) -> &'static str {
        match self {
            State::Stopped => "stopped",
            State::Starting => "starting",
            State::Running => "running",
            State::Stopping => "stopping",
            State::Backoff => "backoff",
            State::Failed => "failed",
        }
    }
}

impl From<&EditorState> for State {
    fn from(editor: &EditorState) -> Self {
        match editor {
            EditorState::Stopped => State::Stopped,
            EditorState::Starting { .. } => State::Starting,
            EditorState::Running { .. } => State::Running,
            EditorState::Stopping => State::Stopping,
            EditorState::Backoff { .. } => State::Backoff,
            EditorState::Failed { .. } => State::Failed,
        }
    }
}

/// The editor process; the fields are empty when there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EditorStatus {
    /// code-server's version.
    pub version: Option<String>,
    /// Its parent process.
    pub pid: Option<u32>,
    /// Resident memory of the whole tree, bytes.
    pub rss_bytes: Option<u64>,
    /// When this process was started.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub started_at: Option<OffsetDateTime>,
    /// How often it was started again after an exit nobody asked for.
    pub restarts: u32,
}

/// A certificate that is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CertificateStatus {
    /// The host it is served for.
    pub host: HostName,
    /// The end of its validity.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub not_after: OffsetDateTime,
    /// Whole days until then.
    pub days_left: i64,
    /// SHA-256 of the served certificate, `AA:BB:…`.
    pub fingerprint: String,
}

/// The engine's own process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EngineStatus {
    /// Doorcode's version.
    pub version: String,
    /// Its process id; none when no engine runs.
    pub pid: Option<u32>,
}

/// The addresses to open: each host with each port listened on, 443 left out.
pub(crate) fn urls(hosts: &[HostName], listen: &[SocketAddr]) -> Vec<String> {
    let mut ports: Vec<u16> = Vec::new();
    for address in listen {
        if !ports.contains(&address.port()) {
            ports.push(address.port());
        }
    }
    let address = |host: &HostName, port: u16| match port {
        443 => format!("https://{}/", host.authority()),
        _ => format!("https://{}:{port}/", host.authority()),
    };
    hosts
        .iter()
        .flat_map(|host| ports.iter().map(move |port| address(host, *port)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_per_host_and_port_with_443_left_out() {
        let hosts: Vec<HostName> = ["localhost", "::1"]
            .map(|host| host.parse().expect("valid"))
            .to_vec();
        let listen: Vec<SocketAddr> = ["127.0.0.1:8443", "[::1]:8443", "127.0.0.1:443"]
            .map(|address| address.parse().expect("valid"))
            .to_vec();
        assert_eq!(
            urls(&hosts, &listen),
            [
                "https://localhost:8443/",
                "https://localhost/",
                "https://[::1]:8443/",
                "https://[::1]/"
            ]
        );
    }
}
