//! What the probes are told, gathered from the parts of the engine.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use doorcode_gateway::{Gateway, RefusedLately, Sighting};
use doorcode_health::{
    Condition, Door, DoorEvidence, Editor, Folders, Keyring, Refusals, Served, Subject, Times,
};
use doorcode_settings::trusted_proxy::PublicUrl;
use doorcode_settings::{
    AuthMode, HostName, ListenAddress, Password, PasswordStore, Paths, Problem, Settings, Tls,
};
use doorcode_supervisor::{EditorState, Supervisor};
use time::OffsetDateTime;

use super::visits::AtTheDoor;
use crate::engine::{blocking, ensure_password};
use crate::launch::Launched;
use crate::live::Live;
use crate::password::PasswordGate;
use crate::problems::{editor_exited, editor_failed};
use crate::task::lock;

/// Lines of the editor's log that may say why it ended.
const LOG_LINES: usize = 12;

/// A loopback address refuses or answers sooner than this.
const AT_ONCE: Duration = Duration::from_millis(100);

/// What only the engine's task knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) settings_problem: Option<Problem>,
    /// Every host with what is served for it.
    pub(crate) certificates: Vec<ToldCertificate>,
    /// Why others are not served, and what is wrong with these.
    pub(crate) certificate_problems: Vec<Problem>,
    /// The configured hosts, how people sign in, and the public address.
    pub(crate) hosts: Vec<HostName>,
    pub(crate) auth: AuthMode,
    pub(crate) public: Option<PublicUrl>,
}

/// A certificate in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ToldCertificate {
    pub(crate) host: HostName,
    pub(crate) fingerprint: String,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) ours: bool,
}

/// What the editor takes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    pub(super) rss_bytes: Option<u64>,
    /// Extension hosts of tabs that are gone, and their bytes.
    pub(super) lingering: (usize, u64),
}

/// The parts that are asked. No `Debug`: one of them may hold a password.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) paths: Paths,
    pub(crate) settings: Arc<ArcSwap<Settings>>,
    pub(crate) launched: Arc<ArcSwap<Launched>>,
    pub(crate) passwords: Arc<PasswordStore>,
    pub(crate) password: Arc<PasswordGate>,
    pub(crate) unshown: Arc<Mutex<Option<Password>>>,
    pub(crate) password_problem: Arc<Mutex<Option<Problem>>>,
    pub(crate) gateway: Gateway,
    pub(crate) supervisor: Supervisor,
    pub(crate) live: Live,
}

impl Sources {
    /// Puts together what is known now; `log_tail` is [`Sources::log_tail`], `changed_files` [`Sources::changed_files`].
    pub(super) fn subject(
        &self,
        told: &Told,
        memory_kills: u64,
        log_tail: &[String],
        changed_files: &[(String, OffsetDateTime)],
        memory: Memory,
    ) -> Subject {
        let settings = self.settings.load();
        let mut past: Vec<(String, OffsetDateTime)> = changed_files.to_vec();
        let issued = told.certificates.iter().filter(|certificate| certificate.ours);
        past.extend(issued.map(|certificate| {
            (
                format!("the certificate of {}", certificate.host),
                certificate.not_before,
            )
        }));
        Subject {
            settings_problem: told.settings_problem.clone(),
            keyring: self.keyring(&settings),
            folders: Folders {
                data: self.paths.data_dir.clone(),
                state: self.paths.state_dir.clone(),
                runtime: self.paths.runtime_dir.clone(),
            },
            times: Times { past },
            code_server: None,
            ports: None,
            editor: self.editor(memory_kills, log_tail, memory),
            door: Some(self.door(&settings, told)),
            browsers: None,
            public: told.public.clone(),
        }
    }

    /// Reads the password again where it could not be read. A keyring that still is locked is not asked: it would ask its
    /// owner, every few seconds.
    pub(super) async fn retry_password(&self) {
        if !self.password_is_unreadable() {
            return;
        }
        let passwords = self.passwords.clone();
        if let Ok(true) = blocking(move || Ok(passwords.is_open())).await {
            let ensured = ensure_password(&self.passwords, &self.password, &self.unshown).await;
            *lock(&self.password_problem) = ensured.err();
        }
    }

    /// Whether there is a password that people are to sign in with, and it cannot be read.
    pub(super) fn password_is_unreadable(&self) -> bool {
        self.settings.load().auth.mode == AuthMode::Password && lock(&self.password_problem).is_some()
    }

    /// What the editor takes of the memory, and what of it is for tabs that are gone. Blocking.
    pub(super) fn memory(&self) -> Memory {
        let pid = match *self.supervisor.state().borrow() {
            EditorState::Running { pid, .. } => pid,
            _ => return Memory::default(),
        };
        let lingering = self.live.lingering();
        Memory {
            rss_bytes: doorcode_supervisor::tree_rss(pid),
            lingering: (lingering.len(), lingering.iter().map(|host| host.rss_bytes).sum()),
        }
    }

    /// When files of ours were changed last, which was certainly in the past. Blocking.
    pub(super) fn changed_files(&self) -> Vec<(String, OffsetDateTime)> {
        let files = [
            self.paths.lock_file(),
            self.paths.access_log(),
            self.paths.editor_log(),
            self.paths.settings_file.clone(),
        ];
        files
            .into_iter()
            .filter_map(|file| {
                let at = file.metadata().ok()?.modified().ok()?;
                Some((format!("the last change of {}", file.display()), at.into()))
            })
            .collect()
    }

    /// Where on this machine's loopback somebody else takes connections to the door's ports. Blocking, though not for long.
    pub(super) fn neighbours(&self) -> Vec<SocketAddr> {
        let ours: Vec<SocketAddr> = self
            .gateway
            .addresses()
            .iter()
            .filter_map(ListenAddress::tcp)
            .collect();
        let mut others = beside(&ours);
        others.retain(|other| TcpStream::connect_timeout(other, AT_ONCE).is_ok());
        others
    }

    /// The last lines that the editor wrote. Blocking.
    pub(super) fn log_tail(&self) -> Vec<String> {
        doorcode_logs::tail(&self.paths.editor_log(), LOG_LINES).unwrap_or_default()
    }

    fn keyring(&self, settings: &Settings) -> Keyring {
        if settings.auth.mode != AuthMode::Password {
            return Keyring::NotNeeded;
        }
        match lock(&self.password_problem).clone() {
            None => Keyring::Works,
            Some(problem) => Keyring::Broken(problem),
        }
    }

    fn editor(&self, memory_kills: u64, log_tail: &[String], memory: Memory) -> Editor {
        let state = self.supervisor.state().borrow().clone();
        let mut editor = Editor {
            condition: Condition::Stopped,
            pid: None,
            socket: self.paths.editor_socket(),
            log_tail: log_tail.to_vec(),
            memory_kills,
            rss_bytes: memory.rss_bytes,
            lingering: memory.lingering,
        };
        editor.condition = match state {
            EditorState::Stopped => Condition::Stopped,
            EditorState::Starting { .. } => Condition::Starting,
            EditorState::Stopping => Condition::Stopping,
            EditorState::Running { pid, .. } => {
                editor.pid = Some(pid);
                Condition::Running
            }
            EditorState::Backoff { attempt, last, .. } => {
                Condition::Backoff(editor_exited(attempt, &last, &self.launched.load()))
            }
            EditorState::Failed { problem, log_tail } => {
                editor.log_tail = log_tail;
                Condition::Failed(editor_failed(&problem, &self.launched.load()))
            }
        };
        editor
    }

    fn door(&self, settings: &Settings, told: &Told) -> Door {
        let served = |host: &HostName| {
            let certificate = told.certificates.iter().find(|one| one.host == *host);
            Served {
                host: host.clone(),
                fingerprint: certificate.map(|certificate| certificate.fingerprint.clone()),
                ours: certificate.is_none_or(|certificate| certificate.ours),
                renewal: crate::expiry::renewal(host, settings),
            }
        };
        Door {
            listen: self.gateway.addresses(),
            hosts: settings.gateway.hosts.iter().map(served).collect(),
            certificate_problems: told.certificate_problems.clone(),
            auth: settings.auth.mode,
            proxy: settings.proxy_in_force().cloned().map(Arc::new),
            tls: settings.tls != Tls::Off,
            full: Some(self.gateway.connections()).filter(|open| *open >= settings.limits.connections),
            evidence: evidence(self.gateway.evidence()),
            visits: Arc::new(AtTheDoor(self.gateway.clone())),
        }
    }
}

/// The loopback addresses that a browser might use for these ports, and that these addresses do not cover.
fn beside(ours: &[SocketAddr]) -> Vec<SocketAddr> {
    let takes = |port: u16, loopback: IpAddr| {
        ours.iter().any(|our| {
            // The one of version 6 may take connections of version 4 as well.
            our.port() == port && (our.ip() == loopback || our.ip().is_unspecified())
        })
    };
    let ports: BTreeSet<u16> = ours.iter().map(SocketAddr::port).collect();
    let loopbacks: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let all = ports.into_iter().flat_map(|port| loopbacks.map(|ip| (port, ip)));
    all.filter(|(port, ip)| !takes(*port, *ip))
        .map(|(port, ip)| SocketAddr::new(ip, port))
        .collect()
}

fn evidence(seen: doorcode_gateway::DoorEvidence) -> DoorEvidence {
    DoorEvidence {
        refusals: seen.refused.into_iter().map(refusals).collect(),
        websocket_stripped: seen.websocket_stripped.map(sighting),
        second_sign_in: seen.second_sign_in.map(sighting),
        led_in_a_circle: seen.led_in_a_circle.map(sighting),
        certificate_refused: seen.certificate_refused.map(sighting),
        let_in: seen.let_in,
    }
}

fn refusals(refused: RefusedLately) -> Refusals {
    Refusals {
        code: refused.code.to_owned(),
        count: refused.count,
        last: sighting(refused.last),
        passed_since: refused.passed_since,
    }
}

fn sighting(seen: Sighting) -> doorcode_health::Sighting {
    let Sighting {
        request,
        at,
        client,
        host,
        origin,
        detail,
        proxied,
    } = seen;
    doorcode_health::Sighting {
        request,
        at,
        client,
        host,
        origin,
        detail,
        proxied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_door_on_one_loopback_address_leaves_open_is_the_other() {
        let beside = |ours: &[&str]| -> Vec<String> {
            let ours: Vec<SocketAddr> = ours.iter().map(|our| our.parse().expect("an address")).collect();
            super::beside(&ours).iter().map(ToString::to_string).collect()
        };
        assert_eq!(beside(&["127.0.0.1:8443"]), ["[::1]:8443"]);
        assert_eq!(beside(&["[::1]:8443"]), ["127.0.0.1:8443"]);
        assert_eq!(beside(&["127.0.0.1:1", "[::1]:1", "127.0.0.1:2"]), ["[::1]:2"]);
        assert_eq!(beside(&["192.0.2.1:1"]), ["127.0.0.1:1", "[::1]:1"]);
        assert_eq!(beside(&["0.0.0.0:1"]), [""; 0]);
        assert_eq!(beside(&[]), [""; 0]);
    }
}
