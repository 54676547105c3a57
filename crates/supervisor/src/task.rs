//! The one task that owns the editor: it takes a command or an event, acts, and says what the state is now.

use std::pin::Pin;
use std::sync::Arc;

use doorcode_settings::Problem;
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};

use crate::backoff::{Backoff, Verdict};
use crate::editor::Editor;
use crate::error::SupervisorError;
use crate::launch::Launch;
use crate::output::Tail;
use crate::readiness::{prewarm, ready};
use crate::state::{EditorState, ExitReason};

/// Where the answer to a command goes.
pub(crate) type Reply = oneshot::Sender<Result<(), Problem>>;
type Launcher = dyn Fn() -> Result<Launch, Problem> + Send + Sync;

#[derive(Debug)]
pub(crate) enum Command {
    Start(Reply),
    Stop(Reply),
    Restart(Reply),
    ShutDown(Reply),
}

pub(crate) struct Task {
    launcher: Arc<Launcher>,
    commands: mpsc::Receiver<Command>,
    state: watch::Sender<EditorState>,
    phase: Phase,
    /// Those who wait for the editor to run.
    waiting: Vec<Reply>,
    backoff: Backoff,
    restarts: u32,
    tail: Tail,
}

/// What the task is waiting for, besides commands.
enum Phase {
    /// Nothing: stopped, or failed.
    Resting,
    /// The launcher, which may be looking for code-server on a slow disk.
    Preparing(JoinHandle<Result<Arc<Launch>, Problem>>),
    /// The editor's first answer.
    Starting {
        editor: Editor,
        started_at: OffsetDateTime,
        ready: Ready,
    },
    /// The editor's exit.
    Running {
        editor: Editor,
        _prewarming: AbortOnDropHandle<()>,
    },
    /// The end of the wait before the next start.
    BackingOff { until: Instant },
}

/// Resolves to whether the editor became ready within its limit.
type Ready = Pin<Box<dyn Future<Output = bool> + Send>>;

enum Event {
    Asked(Option<Command>),
    Prepared(Result<Arc<Launch>, Problem>),
    Ready(bool),
    Exited(ExitReason),
    RetryDue,
}

impl Task {
    pub(crate) fn new(
        launcher: Arc<Launcher>,
        commands: mpsc::Receiver<Command>,
        state: watch::Sender<EditorState>,
    ) -> Task {
        Task {
            launcher,
            commands,
            state,
            phase: Phase::Resting,
            waiting: Vec::new(),
            backoff: Backoff::default(),
            restarts: 0,
            tail: Tail::default(),
        }
    }

    /// Runs until it is shut down or nobody is left to command it; the editor is stopped then.
    pub(crate) async fn run(mut self) {
        loop {
            match self.next().await {
                Event::Asked(Some(Command::Start(reply))) => self.start(reply),
                Event::Asked(Some(Command::Stop(reply))) => answer(reply, self.halt().await),
                Event::Asked(Some(Command::Restart(reply))) => {
                    if let Err(error) = self.halt().await {
                        warn!(%error, "restarting nevertheless");
                    }
                    self.start(reply);
                }
                Event::Asked(Some(Command::ShutDown(reply))) => return answer(reply, self.halt().await),
                Event::Asked(None) => {
                    if let Err(error) = self.halt().await {
                        warn!(%error, "nobody is left to be told");
                    }
                    return;
                }
                Event::Prepared(Ok(launch)) => self.launch(launch).await,
                Event::Prepared(Err(problem)) => self.fail(problem, Vec::new()),
                Event::Ready(true) => self.announce(),
                Event::Ready(false) => self.not_ready().await,
                Event::Exited(reason) => self.exited(reason).await,
                Event::RetryDue => {
                    self.restarts += 1;
                    self.prepare();
                }
            }
        }
    }

    async fn next(&mut self) -> Event {
        let commands = self.commands.recv();
        match &mut self.phase {
            Phase::Resting => Event::Asked(commands.await),
            Phase::Preparing(launch) => tokio::select! {
                command = commands => Event::Asked(command),
                launch = launch => Event::Prepared(launch.unwrap_or_else(|panic| Err(launcher_panicked(&panic)))),
            },
            Phase::Starting { editor, ready, .. } => tokio::select! {
                command = commands => Event::Asked(command),
                reason = editor.exited() => Event::Exited(reason),
                ready = ready => Event::Ready(ready),
            },
            Phase::Running { editor, .. } => tokio::select! {
                command = commands => Event::Asked(command),
                reason = editor.exited() => Event::Exited(reason),
            },
            Phase::BackingOff { until } => tokio::select! {
                command = commands => Event::Asked(command),
                () = tokio::time::sleep_until(*until) => Event::RetryDue,
            },
        }
    }

    fn start(&mut self, reply: Reply) {
        if let Phase::Running { .. } = self.phase {
            return answer(reply, Ok(()));
        }
        self.waiting.push(reply);
        match self.phase {
            Phase::Resting => {
                self.backoff.reset();
                self.restarts = 0;
                self.prepare();
            }
            // Somebody does not want to wait.
            Phase::BackingOff { .. } => self.prepare(),
            _ => {}
        }
    }

    fn prepare(&mut self) {
        let launcher = self.launcher.clone();
        self.phase = Phase::Preparing(tokio::task::spawn_blocking(move || launcher().map(Arc::new)));
        self.say(EditorState::Starting {
            pid: None,
            since: OffsetDateTime::now_utc(),
        });
    }

    async fn launch(&mut self, launch: Arc<Launch>) {
        let started_at = OffsetDateTime::now_utc();
        self.phase = Phase::Resting;
        match Editor::start(launch.clone(), self.tail.clone()).await {
            Ok(editor) => {
                self.say(EditorState::Starting {
                    pid: Some(editor.id.pid),
                    since: started_at,
                });
                let ready = Box::pin(async move {
                    tokio::time::timeout(launch.timing.start_limit, ready(&launch.socket))
                        .await
                        .is_ok()
                });
                self.phase = Phase::Starting {
                    editor,
                    started_at,
                    ready,
                };
            }
            Err(error @ SupervisorError::Spawn { .. }) => {
                let reason = ExitReason::NotStarted {
                    message: error.to_string(),
                };
                self.retry_or_give_up(reason, &launch, false, None).await;
            }
            Err(error) => self.fail(Problem::from(&error), Vec::new()),
        }
    }

    /// The editor answers: everybody who waited is told.
    fn announce(&mut self) {
        let Phase::Starting {
            editor, started_at, ..
        } = std::mem::replace(&mut self.phase, Phase::Resting)
        else {
            return;
        };
        let socket = editor.launch.socket.clone();
        let prewarming = AbortOnDropHandle::new(tokio::spawn(async move { prewarm(&socket).await }));
        let (pid, version) = (editor.id.pid, editor.launch.code_server.version.to_string());
        self.phase = Phase::Running {
            editor,
            _prewarming: prewarming,
        };
        let took = OffsetDateTime::now_utc() - started_at;
        info!(
            pid,
            version,
            milliseconds = took.whole_milliseconds(),
            "the editor is ready"
        );
        self.say(EditorState::Running {
            pid,
            version,
            started_at,
            restarts: self.restarts,
        });
        self.answer_all(&Ok(()));
    }

    async fn not_ready(&mut self) {
        let Some(editor) = self.take_editor() else { return };
        let launch = editor.launch.clone();
        let reason = ExitReason::NotReady {
            seconds: launch.timing.start_limit.as_secs(),
        };
        self.retry_or_give_up(reason, &launch, false, Some(editor)).await;
    }

    async fn exited(&mut self, reason: ExitReason) {
        let was_ready = matches!(self.phase, Phase::Running { .. });
        let Some(editor) = self.take_editor() else { return };
        let launch = editor.launch.clone();
        self.retry_or_give_up(reason, &launch, was_ready, Some(editor))
            .await;
    }

    /// Counts an exit nobody asked for, says so at once, and ends what `editor` left behind before anything else.
    async fn retry_or_give_up(
        &mut self,
        reason: ExitReason,
        launch: &Launch,
        was_ready: bool,
        editor: Option<Editor>,
    ) {
        let now = Instant::now();
        let verdict = self.backoff.exited(
            &launch.timing,
            now.into_std(),
            was_ready,
            getrandom::u32().unwrap_or_default(),
        );
        warn!(%reason, ?verdict, "the editor ended without being asked");
        match verdict {
            Verdict::Retry { attempt, delay } => {
                let until = OffsetDateTime::now_utc() + delay;
                self.say(EditorState::Backoff {
                    attempt,
                    until,
                    last: reason,
                });
                Self::sweep(editor).await;
                self.phase = Phase::BackingOff { until: now + delay };
            }
            Verdict::GiveUp { exits } => {
                self.say(EditorState::Stopping);
                Self::sweep(editor).await;
                let log = launch.log_path.clone();
                let error = match reason {
                    last @ ExitReason::NotReady { .. } => SupervisorError::NotReady { exits, last, log },
                    last => SupervisorError::GaveUp { exits, last, log },
                };
                let lines = self.tail.lines();
                self.fail(Problem::from(&error), lines);
            }
        }
    }

    async fn sweep(editor: Option<Editor>) {
        let Some(editor) = editor else { return };
        if let Err(error) = editor.end().await.check() {
            warn!(%error, "the next editor starts beside them");
        }
    }

    fn fail(&mut self, problem: Problem, log_tail: Vec<String>) {
        error!(code = problem.code, "{}", problem.message);
        self.phase = Phase::Resting;
        self.say(EditorState::Failed {
            problem: problem.clone(),
            log_tail,
        });
        self.answer_all(&Err(problem));
    }

    /// Stops whatever is under way.
    async fn halt(&mut self) -> Result<(), SupervisorError> {
        let editor = self.take_editor();
        self.answer_all(&Err(Problem::from(&SupervisorError::StoppedMeanwhile)));
        let result = match editor {
            Some(editor) => {
                self.say(EditorState::Stopping);
                editor.end().await.check()
            }
            None => Ok(()),
        };
        self.say(EditorState::Stopped);
        result
    }

    /// The editor if there is one; the task rests then.
    fn take_editor(&mut self) -> Option<Editor> {
        match std::mem::replace(&mut self.phase, Phase::Resting) {
            Phase::Starting { editor, .. } | Phase::Running { editor, .. } => Some(editor),
            Phase::Resting | Phase::Preparing(_) | Phase::BackingOff { .. } => None,
        }
    }

    fn say(&self, state: EditorState) {
        self.state.send_replace(state);
    }

    fn answer_all(&mut self, result: &Result<(), Problem>) {
        for reply in self.waiting.drain(..) {
            // Whoever asked may have gone away.
            let _ = reply.send(result.clone());
        }
    }
}

fn answer(reply: Reply, result: Result<(), SupervisorError>) {
    let _ = reply.send(result.map_err(|error| Problem::from(&error)));
}

fn launcher_panicked(panic: &tokio::task::JoinError) -> Problem {
    Problem::new(
        "internal",
        format!("the start of the editor could not be prepared: {panic}"),
        "doorcode logs --app",
    )
}
