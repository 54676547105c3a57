//! What the probes are told, gathered from the parts of the engine.

use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use doorcode_gateway::{Gateway, RefusedLately, Sighting};
use doorcode_health::{
    Condition, Door, DoorEvidence, Editor, Folders, Keyring, Refusals, Served, Subject, Times,
};
use doorcode_settings::trusted_proxy::PublicUrl;
use doorcode_settings::{AuthMode, HostName, Paths, Problem, Settings, Tls};
use doorcode_supervisor::{EditorState, Supervisor};
use time::OffsetDateTime;

use super::visits::AtTheDoor;
use crate::task::lock;

/// Lines of the editor's log that may say why it ended.
const LOG_LINES: usize = 12;

/// What only the engine's task knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) settings_problem: Option<Problem>,
    /// Every host with what is served for it.
    pub(crate) certificates: Vec<ToldCertificate>,
    /// The configured hosts, and the public address.
    pub(crate) hosts: Vec<HostName>,
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

/// The parts that are asked.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) paths: Paths,
    pub(crate) settings: Arc<ArcSwap<Settings>>,
    pub(crate) password_problem: Arc<Mutex<Option<Problem>>>,
    pub(crate) gateway: Gateway,
    pub(crate) supervisor: Supervisor,
}

impl Sources {
    /// Puts together what is known now; `log_tail` is [`Sources::log_tail`], `changed_files` [`Sources::changed_files`].
    pub(super) fn subject(
        &self,
        told: &Told,
        memory_kills: u64,
        log_tail: &[String],
        changed_files: &[(String, OffsetDateTime)],
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
            editor: self.editor(memory_kills, log_tail),
            door: Some(self.door(&settings, told)),
            browsers: None,
            public: told.public.clone(),
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

    fn editor(&self, memory_kills: u64, log_tail: &[String]) -> Editor {
        let state = self.supervisor.state().borrow().clone();
        let mut editor = Editor {
            condition: Condition::Stopped,
            pid: None,
            socket: self.paths.editor_socket(),
            log_tail: log_tail.to_vec(),
            memory_kills,
            rss_bytes: None,
            lingering: (0, 0),
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
                Condition::Backoff(crate::problems::editor_exited(attempt, &last))
            }
            EditorState::Failed { problem, log_tail } => {
                editor.log_tail = log_tail;
                Condition::Failed(problem)
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
            }
        };
        Door {
            listen: self.gateway.addresses(),
            hosts: settings.gateway.hosts.iter().map(served).collect(),
            auth: settings.auth.mode,
            tls: settings.tls != Tls::Off,
            evidence: evidence(self.gateway.evidence()),
            visits: Arc::new(AtTheDoor(self.gateway.clone())),
        }
    }
}

fn evidence(seen: doorcode_gateway::DoorEvidence) -> DoorEvidence {
    DoorEvidence {
        refusals: seen.refused.into_iter().map(refusals).collect(),
        websocket_stripped: seen.websocket_stripped.map(sighting),
        second_sign_in: seen.second_sign_in.map(sighting),
        certificate_refused: seen.certificate_refused.map(sighting),
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
