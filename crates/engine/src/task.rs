//! The one task that owns the engine's state.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use doorcode_gateway::{Gateway, Onboarding, SessionStore, TrustedProxyConfig, Upstream};
use doorcode_logs::LogSink;
use doorcode_settings::{HostName, Password, PasswordStore, Paths, Problem, Settings};
use doorcode_supervisor::{EditorState, Supervisor};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::certificates::{self, Certificates};
use crate::control::{Incoming, Reply, Request};
use crate::devices::Devices;
use crate::health::{Health, Told};
use crate::launch::Launched;
use crate::live::Live;
use crate::memory::Memory;
use crate::overrides::Overrides;
use crate::password::PasswordGate;
use crate::password_requests::take;
use crate::recent::Recent;
use crate::reload;
use crate::status::{EditorStatus, EngineStatus, State, Status, urls};
use crate::watched::WatchedFiles;

/// No one-time link is valid for longer.
const LONGEST_LINK: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Core {
    pub(crate) paths: Paths,
    pub(crate) overrides: Overrides,
    /// In force.
    pub(crate) settings: Arc<ArcSwap<Settings>>,
    /// In force when the engine started, and so for what only a new engine can change.
    pub(crate) started_with: Arc<Settings>,
    /// What the editor was last started with.
    pub(crate) launched: Arc<ArcSwap<Launched>>,
    pub(crate) settings_problem: Option<Problem>,
    pub(crate) certificates: Certificates,
    /// What it takes to believe the proxy in front, where one signs people in.
    pub(crate) trusted_proxy: Option<TrustedProxyConfig>,
    /// What was read for that, or could not be; see [`crate::reload::proxy_files`].
    pub(crate) proxy_files: Vec<PathBuf>,
    pub(crate) password: Arc<PasswordGate>,
    pub(crate) passwords: Arc<PasswordStore>,
    pub(crate) password_problem: Arc<Mutex<Option<Problem>>>,
    /// Generated, kept only as a hash, and not shown to anyone yet.
    pub(crate) unshown: Arc<Mutex<Option<Password>>>,
    pub(crate) sessions: SessionStore,
    pub(crate) sessions_problem: Option<Problem>,
    pub(crate) gateway: Gateway,
    pub(crate) upstream: watch::Sender<Upstream>,
    pub(crate) supervisor: Supervisor,
    pub(crate) logs: Vec<LogSink>,
    pub(crate) recent: Recent,
    pub(crate) devices: Devices,
    pub(crate) devices_problem: Option<Problem>,
    /// The page for other devices that was offered last.
    pub(crate) onboarding: Option<Arc<Onboarding>>,
    pub(crate) memory: Memory,
    pub(crate) live: Live,
    pub(crate) health: Health,
    /// Counts changes worth telling a watcher.
    pub(crate) changed: watch::Sender<u64>,
}

impl Core {
    /// Runs until someone asks for the end; gives itself back for the taking down.
    pub(crate) async fn run(
        mut self,
        mut incoming: mpsc::Receiver<Incoming>,
        mut settings_files: WatchedFiles,
        mut certificate_files: WatchedFiles,
    ) -> Core {
        let mut editor = self.supervisor.state();
        let mut passed = self.gateway.passed_checks();
        self.editor_changed(&editor.borrow_and_update().clone());
        loop {
            tokio::select! {
                Some(Incoming { request, reply, gone }) = incoming.recv() => {
                    if let Request::Shutdown = request {
                        let _ = reply.send(Reply::Done);
                        return self;
                    }
                    self.answer(request, reply, gone).await;
                }
                () = settings_files.changed() => {
                    if let Err(problem) = self.reload().await {
                        warn!(code = problem.code, "{}", problem.message);
                    }
                }
                () = certificate_files.changed() => {
                    let settings = self.settings.load_full();
                    self.load_certificates(&settings).await;
                    self.reconfigure(&settings);
                }
                Ok(()) = editor.changed() => {
                    let state = editor.borrow_and_update().clone();
                    self.editor_changed(&state);
                }
                Ok(check) = passed.recv() => self.note_passed(check).await,
                else => return self,
            }
            certificate_files.follow(certificates::files(
                &self.settings.load(),
                &self.paths.certs_dir(),
            ));
            settings_files.follow(reload::settings_files(&self.paths, &self.proxy_files));
        }
    }

    /// Answers `request`; what takes long is answered from a task of its own.
    async fn answer(&mut self, request: Request, reply: oneshot::Sender<Reply>, gone: CancellationToken) {
        let answer = match request {
            Request::Status | Request::Watch => return self.answer_status(reply),
            Request::Start | Request::Stop | Request::Restart => return self.drive_editor(request, reply),
            Request::PasswordShowNew => Reply::Password(take(&self.unshown)),
            Request::PasswordState => return self.answer_password_state(reply),
            Request::PasswordShow | Request::PasswordSet { .. } | Request::PasswordReset => {
                return self.answer_password(request, reply);
            }
            Request::Reload => match self.reload().await {
                Ok(reloaded) => Reply::Reloaded(reloaded),
                Err(problem) => Reply::Problem(problem),
            },
            Request::Link { host, to, seconds } => {
                let ttl = Duration::from_secs(seconds).min(LONGEST_LINK);
                or_problem(self.link(host.as_ref(), &to, ttl))
            }
            Request::SessionsList => Reply::Sessions {
                sessions: self.sessions.list(),
            },
            Request::SessionsRevoke { id } => match self.sessions.revoke(&id) {
                true => Reply::Revoked { count: 1 },
                false => Reply::Problem(Problem::new(
                    "session_unknown",
                    format!("there is no session {id}"),
                    "doorcode sessions list",
                )),
            },
            Request::SessionsRevokeAll => Reply::Revoked {
                count: sign_everyone_out(&self.gateway, &self.sessions).await,
            },
            Request::CheckBegin { host, seconds } => or_problem(self.begin_check(host.as_ref(), seconds)),
            Request::CheckResult { id } => or_problem(self.check_result(&id)),
            Request::OnboardingBegin { host, address } => {
                or_problem(self.begin_onboarding(host.as_ref(), address, gone).await)
            }
            Request::OnboardingSeen => self.onboarding_seen(),
            Request::OnboardingEnd => {
                self.end_onboarding().await;
                Reply::Done
            }
            Request::Devices => self.list_devices(),
            Request::DevicesForget { id } => or_problem(self.forget_device(&id).await),
            Request::Doctor { url } => return self.health.answer_doctor(url, reply),
            Request::Health | Request::Metrics | Request::FreeMemory => {
                return self.answer_live(request, reply);
            }
            Request::Connections => Reply::Connections {
                connections: self.gateway.connections_list(),
            },
            // The control socket tells events itself.
            Request::Events | Request::Shutdown => Reply::Done,
        };
        if let Reply::Revoked { .. } = answer {
            self.sessions.flush().await;
        }
        let _ = reply.send(answer);
    }

    fn link(&mut self, host: Option<&HostName>, to: &str, ttl: Duration) -> Result<Reply, Problem> {
        let url = match self.settings.load().proxy_in_force() {
            // Nobody comes in by a link of ours: the proxy asks them who they are, and leads on.
            Some(proxy) => format!("{}{}", proxy.public_url, on_this_host(to)),
            None => {
                let (_, url) = self.address_of(host)?;
                format!("{}{}", url.trim_end_matches('/'), self.gateway.mint_link(ttl, to))
            }
        };
        if self.recent.note(to) {
            self.recent.save();
            self.touch();
        }
        Ok(Reply::Link { url })
    }

    /// A configured host (the first one if none is named) and its address, `https://…/`.
    pub(crate) fn address_of(&self, host: Option<&HostName>) -> Result<(HostName, String), Problem> {
        let settings = self.settings.load();
        let hosts = &settings.gateway.hosts;
        let wanted = match host {
            None => hosts.first(),
            Some(host) => hosts.iter().find(|configured| *configured == host),
        };
        let Some(wanted) = wanted else {
            let known: Vec<String> = hosts.iter().map(HostName::to_string).collect();
            let name = host.map(HostName::to_string).unwrap_or_default();
            return Err(Problem::new(
                "host_not_configured",
                format!("{name} is not one of the configured hosts ({})", known.join(", ")),
                "doorcode settings edit",
            ));
        };
        let listen = self.gateway.local_addrs();
        let url = urls(std::slice::from_ref(wanted), &listen).into_iter().next();
        let not_listening =
            || Problem::new("not_listening", "the gateway listens nowhere", "doorcode status");
        Ok((wanted.clone(), url.ok_or_else(not_listening)?))
    }

    fn drive_editor(&self, request: Request, reply: oneshot::Sender<Reply>) {
        let supervisor = self.supervisor.clone();
        tokio::spawn(async move {
            let done = match request {
                Request::Start => supervisor.start().await,
                Request::Restart => supervisor.restart().await,
                _ => supervisor.stop().await,
            };
            let _ = reply.send(done.map_or_else(Reply::Problem, |()| Reply::Done));
        });
    }

    fn answer_status(&self, reply: oneshot::Sender<Reply>) {
        let state = self.supervisor.state().borrow().clone();
        let mut status = Box::new(self.status(&state));
        let Some(pid) = status.editor.pid else {
            let _ = reply.send(Reply::Status(status));
            return;
        };
        // While it starts it grows by the moment.
        let settled = status.state == State::Running;
        if settled && let Some(bytes) = self.memory.known(pid) {
            status.editor.rss_bytes = bytes;
            let _ = reply.send(Reply::Status(status));
            return;
        }
        let memory = self.memory.clone();
        tokio::task::spawn_blocking(move || {
            status.editor.rss_bytes = match settled {
                true => memory.look_up(pid),
                false => doorcode_supervisor::tree_rss(pid),
            };
            let _ = reply.send(Reply::Status(status));
        });
    }

    pub(crate) fn status(&self, editor: &EditorState) -> Status {
        let settings = self.settings.load();
        let listen = self.gateway.local_addrs();
        let sessions = self.sessions.list();
        let (problems, broken) = self.problems(editor);
        Status {
            state: State::from(editor),
            urls: match settings.proxy_in_force() {
                Some(proxy) => vec![format!("{}/", proxy.public_url)],
                None => urls(&settings.gateway.hosts, &listen),
            },
            auth: settings.auth.mode,
            listen: self.gateway.addresses(),
            editor: editor_status(editor),
            sessions: sessions.len(),
            sessions_seen: self.sessions.sign_ins(),
            connected: sessions.iter().filter(|session| session.tunnels > 0).count(),
            connections: self.gateway.connections(),
            certificates: self.certificates.status(),
            recent_folders: self.recent.folders().to_vec(),
            problems,
            broken,
            health: self.live.brief(self.health.state()),
            engine: EngineStatus {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                pid: Some(std::process::id()),
            },
        }
    }

    fn editor_changed(&mut self, state: &EditorState) {
        self.upstream.send_replace(match state {
            EditorState::Running { .. } => Upstream::Ready,
            EditorState::Starting { .. } | EditorState::Backoff { .. } => Upstream::Starting,
            EditorState::Stopping | EditorState::Stopped => Upstream::Stopped,
            EditorState::Failed { problem, .. } => Upstream::Failed {
                message: problem.message.clone(),
            },
        });
        self.touch();
    }

    /// Tells the probes what only this task knows.
    pub(crate) fn tell_health(&self, settings: &Settings) {
        self.health.tell(Told {
            settings_problem: self.settings_problem.clone(),
            certificates: self.certificates.told(),
            certificate_problems: self.certificates.at_load().to_vec(),
            hosts: settings.gateway.hosts.clone(),
            auth: settings.auth.mode,
            public: settings.proxy_in_force().map(|proxy| proxy.public_url.clone()),
        });
    }

    pub(crate) fn touch(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

/// A path and nothing else: what a browser would read as another host leads to the front page.
fn on_this_host(to: &str) -> &str {
    let local = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']);
    if local { to } else { "/" }
}

fn or_problem(answer: Result<Reply, Problem>) -> Reply {
    answer.unwrap_or_else(Reply::Problem)
}

fn editor_status(state: &EditorState) -> EditorStatus {
    match state {
        EditorState::Running {
            pid,
            version,
            started_at,
            restarts,
        } => EditorStatus {
            version: Some(version.to_string()),
            pid: Some(*pid),
            rss_bytes: None,
            started_at: Some(*started_at),
            restarts: *restarts,
        },
        EditorState::Starting { pid, .. } => EditorStatus {
            pid: *pid,
            ..EditorStatus::default()
        },
        _ => EditorStatus::default(),
    }
}

/// Ends every session and every link that could begin one; gives how many sessions there were.
pub(crate) async fn sign_everyone_out(gateway: &Gateway, sessions: &SessionStore) -> usize {
    gateway.forget_links();
    let count = sessions.revoke_all();
    sessions.flush().await;
    count
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no one panics while holding this lock")
}
