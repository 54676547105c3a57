//! Bringing an engine up, step by step, each of which can refuse; and taking it down.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use doorcode_gateway::{Gateway, SessionStore, Upstream};
use doorcode_install::CodeServer;
use doorcode_logs::{Limit, LogSink};
use doorcode_settings::{AuthMode, Ensured, Kept, PasswordStore, Paths, Problem, Settings};
use doorcode_supervisor::Supervisor;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::certificates::Certificates;
use crate::control::{self, Incoming, Request};
use crate::devices::Devices;
use crate::health::{self, Health};
use crate::live::{self, EventBus, Live};
use crate::lock::EngineLock;
use crate::memory::Memory;
use crate::overrides::Overrides;
use crate::password::PasswordGate;
use crate::recent::Recent;
use crate::task::Core;
use crate::watched::WatchedFiles;
use crate::{certificates, launch, reload};

/// How long requests in flight may take to finish when the engine ends.
const DRAIN_LIMIT: Duration = Duration::from_secs(3);

/// A running engine, in this process.
#[derive(Debug)]
pub struct Engine {
    requests: mpsc::Sender<Incoming>,
    task: JoinHandle<()>,
}

impl Engine {
    /// Takes the lock, binds the addresses, and starts gateway and editor. The editor is still starting when this returns.
    ///
    /// `found` is the code-server to start first, if somebody has looked for it just now. `app_log` is where the program
    /// writes its own log; only its troubles are read here.
    ///
    /// # Errors
    /// The first thing that makes a start impossible: settings, folders, another engine, a busy port, no usable certificate.
    pub async fn start(
        paths: Paths,
        overrides: Overrides,
        found: Option<CodeServer>,
        app_log: LogSink,
    ) -> Result<Engine, Problem> {
        let mut settings_files = WatchedFiles::new(vec![paths.settings_file.clone()]);
        let settings = {
            let (paths, overrides) = (paths.clone(), overrides.clone());
            blocking(move || {
                let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
                paths.create().map_err(|error| Problem::from(&error))?;
                Ok(overrides.apply(settings))
            })
            .await?
        };
        let lock = EngineLock::acquire(&paths.lock_file(), &paths.control_socket())
            .map_err(|e| Problem::from(&e))?;
        let proxy_files = reload::proxy_files(&settings);
        settings_files.follow(reload::settings_files(&paths, &proxy_files));
        let trusted_proxy = reload::trusted_proxy(&settings).await?;
        let listeners = Gateway::bind(&settings.gateway.listen).map_err(|error| Problem::from(&error))?;
        sweep(&paths).await?;
        let certificate_files = WatchedFiles::new(certificates::files(&settings, &paths.certs_dir()));
        let certificates = load_certificates(&paths, &settings).await?;

        let passwords = Arc::new(PasswordStore::new(&paths));
        let password = Arc::new(PasswordGate::default());
        let unshown = Arc::new(Mutex::new(None));
        let password_problem = match settings.auth.mode {
            AuthMode::None | AuthMode::TrustedProxy => None,
            AuthMode::Password => ensure_password(&passwords, &password, &unshown).await.err(),
        };

        let (sessions, sessions_problem) = SessionStore::open(&paths.sessions_file());
        let recent = Recent::open(paths.recent_file());
        let (devices, devices_problem) = Devices::open(paths.devices_file());
        let access_log = open_log(&paths.access_log())?;
        let editor_log = open_log(&paths.editor_log())?;
        let (upstream, upstream_state) = watch::channel(Upstream::Starting);
        let gateway = Gateway::start(
            listeners,
            paths.editor_socket(),
            reload::gateway_config(&settings, &certificates, trusted_proxy.clone()),
            password.clone(),
            sessions.clone(),
            upstream_state,
            access_log.clone(),
        )
        .map_err(|error| Problem::from(&error))?;

        let (changed, changes) = watch::channel(0);
        let (requests, incoming) = mpsc::channel(64);
        let events = EventBus::default();
        let control = control::serve(
            &paths.control_socket(),
            requests.clone(),
            changes.clone(),
            gateway.news(),
            events.clone(),
        )
        .map_err(|error| {
            Problem::new(
                "control_unusable",
                format!(
                    "cannot listen on the control socket {}: {error}",
                    paths.control_socket().display()
                ),
                format!("ls -ld {}", paths.runtime_dir.display()),
            )
        })?;

        let settings = Arc::new(ArcSwap::from_pointee(settings));
        let launched = Arc::new(ArcSwap::from_pointee(launch::Launched {
            settings: settings.load_full(),
            program: None,
        }));
        let supervisor = Supervisor::new(launch::launcher(
            paths.clone(),
            settings.clone(),
            launched.clone(),
            found,
            editor_log.clone(),
        ));
        let live = Live::new(
            gateway.clone(),
            supervisor.clone(),
            paths.editor_socket(),
            paths.data_dir.join("history.json"),
            events,
        );
        let live_task = tokio::spawn(live::run(live::Parts {
            live: live.clone(),
            sessions: sessions.clone(),
            engine: requests.clone(),
            changed: changes,
        }));
        let (health, questions) = Health::new();
        let password_problem = Arc::new(Mutex::new(password_problem));
        let health_task = tokio::spawn(health::run(health::Parts {
            health: health.clone(),
            questions,
            sources: health::Sources {
                paths: paths.clone(),
                settings: settings.clone(),
                launched: launched.clone(),
                passwords: passwords.clone(),
                password: password.clone(),
                unshown: unshown.clone(),
                password_problem: password_problem.clone(),
                gateway: gateway.clone(),
                supervisor: supervisor.clone(),
                live: live.clone(),
            },
            changed: changed.clone(),
        }));
        let core = Core {
            started_with: settings.load_full(),
            launched,
            proxy_files,
            settings,
            settings_problem: None,
            certificates,
            trusted_proxy,
            password,
            passwords,
            password_problem,
            unshown,
            sessions,
            sessions_problem,
            gateway,
            upstream,
            supervisor: supervisor.clone(),
            logs: vec![editor_log, access_log, app_log],
            recent,
            devices,
            devices_problem,
            onboarding: None,
            memory: Memory::default(),
            live,
            health,
            changed,
            overrides,
            paths,
        };
        core.tell_health(&core.settings.load());
        tokio::spawn(async move {
            if let Err(problem) = supervisor.start().await {
                warn!(code = problem.code, "{}", problem.message);
            }
        });
        info!(version = env!("CARGO_PKG_VERSION"), "the engine runs");
        let task = tokio::spawn(async move {
            let mut core = core.run(incoming, settings_files, certificate_files).await;
            health_task.abort();
            core.end_onboarding().await;
            core.gateway.drain(DRAIN_LIMIT).await;
            core.supervisor.shutdown().await;
            core.sessions.flush().await;
            live_task.abort();
            control.abort();
            let _ = std::fs::remove_file(core.paths.control_socket());
            info!("the engine has ended");
            drop(lock);
        });
        Ok(Engine { requests, task })
    }

    /// Waits for the end, whoever asked for it.
    pub async fn ended(&mut self) {
        if let Err(error) = (&mut self.task).await {
            warn!(%error, "the engine ended badly");
        }
    }

    /// Drains the gateway, stops the editor with everything it started, and ends the engine.
    pub async fn shutdown(mut self) {
        let (reply, _) = tokio::sync::oneshot::channel();
        let _ = self
            .requests
            .send(Incoming {
                request: Request::Shutdown,
                reply,
                gone: CancellationToken::new(),
            })
            .await;
        self.ended().await;
    }
}

/// Makes sure that there is a password to verify against; one that was generated and is kept only as a hash waits in
/// `unshown` for the one time it is shown.
pub(crate) async fn ensure_password(
    store: &Arc<PasswordStore>,
    gate: &PasswordGate,
    unshown: &Mutex<Option<doorcode_settings::Password>>,
) -> Result<(), Problem> {
    let store = store.clone();
    let ensured = blocking(move || store.ensure().map_err(|error| Problem::from(&error))).await;
    let Ensured {
        verifier,
        kept,
        generated,
    } = ensured.inspect_err(|_| gate.set(None))?;
    gate.set(Some(verifier));
    if let (Kept::HashFile, Some(password)) = (kept, generated) {
        *unshown.lock().expect("no one panics while holding this lock") = Some(password);
    }
    Ok(())
}

/// Runs `work`, which blocks, off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Problem::new(
            "internal",
            format!("a part of the engine failed: {error}"),
            "doorcode logs --app",
        )),
    }
}

async fn sweep(paths: &Paths) -> Result<(), Problem> {
    let record = paths.editor_record();
    let swept =
        blocking(move || doorcode_supervisor::sweep_leftover(&record).map_err(|error| Problem::from(&error)))
            .await?;
    if let Some(swept) = swept {
        warn!(?swept, "ended an editor that an earlier engine had left behind");
    }
    Ok(())
}

async fn load_certificates(paths: &Paths, settings: &Settings) -> Result<Certificates, Problem> {
    let (dir, for_settings) = (paths.certs_dir(), settings.clone());
    let loaded =
        blocking(move || Ok(Certificates::load(&for_settings, &dir, &Certificates::default()))).await?;
    match loaded.problems().into_iter().next() {
        Some(problem) if loaded.is_empty() => Err(problem),
        _ => Ok(loaded),
    }
}

fn open_log(path: &std::path::Path) -> Result<LogSink, Problem> {
    LogSink::open(path, Limit::default()).map_err(|error| {
        Problem::new(
            "log_unusable",
            format!("cannot write the log {}: {error}", path.display()),
            format!("ls -ld {}", path.parent().unwrap_or(path).display()),
        )
    })
}
