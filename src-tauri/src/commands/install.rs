//! The code-server that the engine would run, and bringing one.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use doorcode_actions::editor;
use doorcode_install::{CodeServer, Origin, Phase, Progress, Source};
use doorcode_settings::{Paths, Problem};
use serde::Serialize;
use tauri::{AppHandle, Emitter, Runtime, State};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Answer, Work};
use crate::engine_link::EngineLink;
use crate::window;

/// The shortest time between two steps told to the window; a new phase is told at once.
const PACE: Duration = Duration::from_millis(100);

/// What there is.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct FoundEditor {
    /// The code-server that the engine would run.
    found: Option<EditorProgram>,
    /// Why there is none; or, after an install, why another one is used.
    problem: Option<Problem>,
    /// An install is under way: `install_editor` joins it.
    installing: bool,
}

/// A code-server that has answered with its version.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct EditorProgram {
    version: String,
    path: String,
    origin: Origin,
}

/// A step forward of an install: the event `install`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct InstallProgress {
    phase: Phase,
    /// Bytes done in this phase.
    done: u64,
    /// Bytes that this phase takes, where known; it may be exceeded.
    total: Option<u64>,
    /// What the command that runs has just printed.
    line: Option<String>,
}

/// The install under way. It goes on when the window closes, and a window opened later joins it.
#[derive(Debug, Default)]
pub(crate) struct Install(Mutex<Option<Running>>);

#[derive(Debug, Clone)]
struct Running {
    cancel: CancellationToken,
    /// Empty until the end.
    end: watch::Receiver<Option<Answer<FoundEditor>>>,
}

impl Install {
    fn running(&self) -> Option<Running> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        running.filter(|running| running.end.borrow().is_none() && running.end.has_changed().is_ok())
    }

    /// The one under way, or the one that `begin` starts.
    fn join_or(&self, begin: impl FnOnce() -> Running) -> Running {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alive = slot
            .as_ref()
            .filter(|running| running.end.borrow().is_none() && running.end.has_changed().is_ok());
        match alive {
            Some(running) => running.clone(),
            None => slot.insert(begin()).clone(),
        }
    }

    /// Calls off the install under way, if there is one.
    pub(crate) fn cancel(&self) {
        if let Some(running) = self.running() {
            running.cancel.cancel();
        }
    }
}

/// Looks for the code-server that the engine would run.
#[tauri::command]
pub(crate) async fn find_editor(
    link: State<'_, EngineLink>,
    install: State<'_, Install>,
) -> Answer<FoundEditor> {
    Ok(look(link.paths(), install.running().is_some()).await)
}

/// Installs code-server into the data directory, or joins the install under way; answers at its end. Tells how far it is by
/// the event `install`.
#[tauri::command]
pub(crate) async fn install_editor<R: Runtime>(
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    install: State<'_, Install>,
    work: State<'_, Work>,
) -> Answer<FoundEditor> {
    let paths = link.paths().clone();
    let mut end = install.join_or(|| begin(app, paths, &work)).end;
    let ended = end.wait_for(Option::is_some).await.map_err(|_gone| {
        Problem::new(
            "internal",
            "the install ended without saying how",
            "doorcode install",
        )
    })?;
    ended.clone().expect("waited until there is an answer")
}

/// Calls off the install under way.
#[tauri::command]
pub(crate) fn cancel_install(install: State<'_, Install>) {
    install.cancel();
}

fn begin<R: Runtime>(app: AppHandle<R>, paths: Paths, work: &Work) -> Running {
    let work = work.begin();
    let cancel = CancellationToken::new();
    let (ended, end) = watch::channel(None);
    let called_off = cancel.clone();
    tauri::async_runtime::spawn(async move {
        let mut narrator = Narrator::new(app);
        let tell = move |step| narrator.tell(step);
        let called_off = called_off.cancelled_owned();
        let answer = match editor::install(&paths, Source::Npm, None, tell, called_off).await {
            Ok(installed) => Ok(FoundEditor {
                problem: editor::overruled(&paths, &installed).await,
                found: Some(installed.into()),
                installing: false,
            }),
            Err(problem) => Err(problem),
        };
        ended.send_replace(Some(answer));
        drop(work);
    });
    Running { cancel, end }
}

async fn look(paths: &Paths, installing: bool) -> FoundEditor {
    let (found, problem) = match editor::find(paths).await {
        Ok(found) => (Some(found.into()), None),
        Err(problem) => (None, Some(problem)),
    };
    FoundEditor {
        found,
        problem,
        installing,
    }
}

impl From<CodeServer> for EditorProgram {
    fn from(found: CodeServer) -> Self {
        EditorProgram {
            version: found.version.to_string(),
            path: found.entry.display().to_string(),
            origin: found.origin,
        }
    }
}

/// Tells the window how far an install is, and not more often than it can show.
struct Narrator<R: Runtime> {
    app: AppHandle<R>,
    told: Option<(Phase, Instant)>,
}

impl<R: Runtime> Narrator<R> {
    fn new(app: AppHandle<R>) -> Self {
        Narrator { app, told: None }
    }

    fn tell(&mut self, step: Progress) {
        let due = self
            .told
            .is_none_or(|(phase, at)| phase != step.phase || at.elapsed() >= PACE);
        if !due {
            return;
        }
        self.told = Some((step.phase, Instant::now()));
        let step = InstallProgress {
            phase: step.phase,
            done: step.done,
            total: step.total,
            line: step.line,
        };
        // Without a window there is nobody to tell.
        let _ = self.app.emit_to(window::LABEL, "install", step);
    }
}
