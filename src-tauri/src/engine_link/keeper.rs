//! The one task that holds the engine, or follows somebody else's.
//!
//! It starts one when nobody holds the engine's lock: in this process, or as a process of its own where the settings say that
//! it is to outlive this one. If that engine is told to end (`doorcode stop --engine`), it is not started again behind the
//! person's back: the keeper rests until it is asked to, or until somebody starts another one. Somebody else's engine that
//! ends is replaced by one of ours, after a moment in which whoever supervises it may do the same.

use std::path::PathBuf;
use std::time::Duration;

use doorcode_actions::app_log::AppLog;
use doorcode_actions::host::{self, Hosted};
use doorcode_engine::{Client, ClientError, Holder, Overrides, Reply, Request, State};
use doorcode_settings::{OnQuit, Paths, Problem, Settings, Watcher};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{info, warn};

use super::separate;
use super::sight::Sight;
use super::snapshot::{EngineSource, Snapshot};

/// How long somebody else's engine that has ended may take to come again before one of ours takes its place.
const GRACE: Duration = Duration::from_secs(3);
/// How often an ending engine's lock is looked at.
const LOCK_LOOK: Duration = Duration::from_millis(100);
/// When an engine that holds the lock and does not answer is asked again.
const UNREACHABLE_RETRY: Duration = Duration::from_secs(5);

/// What the rest of the program wants of the keeper; answered when it is done.
#[derive(Debug)]
pub(crate) enum Wish {
    /// An engine, whoever hosts it.
    Host(Answer),
    /// The engine of this process ended and a new one started.
    HostAnew(Answer),
    /// The engine of this process ended, and this task with it.
    End(Answer),
}

type Answer = oneshot::Sender<Result<(), Problem>>;

#[derive(Debug)]
pub(super) struct Keeper {
    paths: Paths,
    log: AppLog,
    snapshot: watch::Sender<Snapshot>,
    /// The engine in this process.
    hosted: Option<Hosted>,
    /// The process of the engine that was started from here to outlive this process.
    separate: Option<u32>,
    /// What was there when an engine was last sought.
    tried: Sight,
    /// Who waits for an engine to be there.
    waiting: Vec<Answer>,
}

/// What to do next.
enum Next {
    /// Attach to the engine that runs, or host one.
    Seek,
    /// Wait until somebody wants an engine or one turns up; with a time, until then at most.
    Rest(Option<Duration>),
    /// Nothing more.
    End(Answer),
}

impl Keeper {
    pub(super) fn new(paths: Paths, log: AppLog, snapshot: watch::Sender<Snapshot>) -> Keeper {
        Keeper {
            paths,
            log,
            snapshot,
            hosted: None,
            separate: None,
            tried: Sight::default(),
            waiting: Vec::new(),
        }
    }

    /// Does nothing before the first wish, and runs until [`Wish::End`].
    pub(super) async fn run(mut self, mut wishes: mpsc::Receiver<Wish>) {
        let mut next = match wishes.recv().await {
            Some(wish) => self.grant(wish),
            None => return,
        };
        loop {
            next = match next {
                Next::Seek => self.seek(&mut wishes).await,
                Next::Rest(limit) => self.rest(limit, &mut wishes).await,
                Next::End(answer) => {
                    self.snapshot
                        .send_modify(|snapshot| snapshot.status.state = State::Stopping);
                    if let Some(hosted) = self.hosted.take() {
                        hosted.shutdown().await;
                    }
                    let _ = answer.send(Ok(()));
                    return;
                }
            };
        }
    }

    async fn seek(&mut self, wishes: &mut mpsc::Receiver<Wish>) -> Next {
        self.tried = Sight::of(&self.paths).await;
        match self.holder().await {
            Err(problem) => self.absent(problem),
            Ok(Some(holder)) => self.follow(holder, wishes).await,
            Ok(None) => match self.start().await {
                Ok(()) => Next::Seek,
                // Somebody was quicker: theirs is the one to follow.
                Err(problem) if problem.code == "already_running" => Next::Seek,
                Err(problem) => self.absent(problem),
            },
        }
    }

    /// Starts an engine where the settings want it: here, or in a process of its own.
    async fn start(&mut self) -> Result<(), Problem> {
        if self.is_to_be_kept().await {
            match separate::start(&self.paths).await {
                Ok(pid) => {
                    self.separate = Some(pid);
                    return Ok(());
                }
                Err(error) => {
                    warn!(%error, "the engine does not start as a process of its own: it is started here")
                }
            }
        }
        self.hosted = Some(host::start(&self.paths, Overrides::default(), None, &self.log).await?);
        Ok(())
    }

    /// Settings that cannot be read are the engine's to complain about.
    async fn is_to_be_kept(&self) -> bool {
        let file = self.paths.settings_file.clone();
        let settings = tokio::task::spawn_blocking(move || Settings::load(&file)).await;
        matches!(settings, Ok(Ok(settings)) if settings.desktop.on_quit == OnQuit::Keep)
    }

    /// Follows the engine of `holder` until it goes or a wish ends it.
    async fn follow(&mut self, holder: Holder, wishes: &mut mpsc::Receiver<Wish>) -> Next {
        let source = match holder.pid == std::process::id() {
            true => EngineSource::Hosted,
            false => EngineSource::Attached,
        };
        let (mut client, first) = match self.watch().await {
            Ok(watching) => watching,
            Err(error) => return self.lost(&holder, &error).await,
        };
        info!(pid = holder.pid, ?source, "follows the engine");
        if !self.heard(first, source) {
            return self.ended(&holder).await;
        }
        self.answer_waiting(&Ok(()));
        loop {
            tokio::select! {
                next = client.next() => match next {
                    Ok(reply) => if !self.heard(reply, source) {
                        return self.ended(&holder).await;
                    },
                    Err(error) => return self.lost(&holder, &error).await,
                },
                Some(wish) = wishes.recv() => match wish {
                    Wish::Host(answer) => drop(answer.send(Ok(()))),
                    Wish::HostAnew(answer) => {
                        if let Some(hosted) = self.hosted.take() {
                            hosted.shutdown().await;
                        }
                        self.waiting.push(answer);
                        return Next::Seek;
                    }
                    Wish::End(answer) => return Next::End(answer),
                },
            }
        }
    }

    /// False when the engine has no more status to give: it was told to end.
    fn heard(&self, reply: Reply, source: EngineSource) -> bool {
        let Reply::Status(status) = reply else {
            return false;
        };
        self.publish(Snapshot::present(*status, source));
        true
    }

    /// A connection that tells of every change, and the first of it.
    async fn watch(&self) -> Result<(Client, Reply), ClientError> {
        let mut client = Client::connect(&self.paths).await?;
        let first = client.ask(&Request::Watch).await?;
        Ok((client, first))
    }

    /// Somebody told the engine to end, and it is doing so.
    async fn ended(&mut self, holder: &Holder) -> Next {
        let was_ours = self.hosted.is_some() || self.separate == Some(holder.pid);
        if let Some(mut hosted) = self.hosted.take() {
            hosted.ended().await;
        }
        while let Ok(Some(_)) = self.holder().await {
            tokio::time::sleep(LOCK_LOOK).await;
        }
        info!(pid = holder.pid, "the engine was ended");
        self.publish(Snapshot::absent(None));
        Next::Rest((!was_ours).then_some(GRACE))
    }

    /// The connection broke, or what came over it makes no sense.
    async fn lost(&mut self, holder: &Holder, error: &ClientError) -> Next {
        if let ClientError::Protocol(_) = error {
            return self.absent(error.into());
        }
        match self.holder().await {
            Err(problem) => self.absent(problem),
            // It is there and does not answer.
            Ok(Some(found)) if found == *holder => {
                self.publish(Snapshot::absent(Some(error.into())));
                Next::Rest(Some(UNREACHABLE_RETRY))
            }
            Ok(Some(_another)) => Next::Seek,
            // An engine that ends in order takes its socket away.
            Ok(None) if !holder.control.exists() => self.ended(holder).await,
            Ok(None) => {
                warn!(pid = holder.pid, "the engine died");
                self.hosted = None;
                self.publish(Snapshot::absent(None));
                Next::Rest(Some(GRACE))
            }
        }
    }

    async fn rest(&mut self, limit: Option<Duration>, wishes: &mut mpsc::Receiver<Wish>) -> Next {
        let (events, mut changed) = mpsc::channel(1);
        let files: Vec<PathBuf> = vec![self.paths.lock_file(), self.paths.settings_file.clone()];
        let watcher = Watcher::new(files, events)
            .inspect_err(|error| warn!(%error, "an engine that is started elsewhere is not noticed"));
        // It may have happened before the watch began.
        if self.is_worth_seeking().await {
            return Next::Seek;
        }
        let timer = async {
            match limit {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(timer);
        loop {
            tokio::select! {
                Some(wish) = wishes.recv() => return self.grant(wish),
                Some(()) = changed.recv(), if watcher.is_ok() => if self.is_worth_seeking().await {
                    return Next::Seek;
                },
                () = &mut timer => return Next::Seek,
            }
        }
    }

    /// Whether there is an engine now; after a failure, whether anything is different from then: new settings may be what
    /// was missing.
    async fn is_worth_seeking(&self) -> bool {
        let now = Sight::of(&self.paths).await;
        match self.snapshot.borrow().problem {
            Some(_) => now != self.tried,
            None => now.holder.is_some(),
        }
    }

    /// What to do about a wish while there is no engine.
    fn grant(&mut self, wish: Wish) -> Next {
        match wish {
            Wish::Host(answer) | Wish::HostAnew(answer) => {
                self.waiting.push(answer);
                Next::Seek
            }
            Wish::End(answer) => Next::End(answer),
        }
    }

    /// There is no engine, and this is why.
    fn absent(&mut self, problem: Problem) -> Next {
        warn!(code = problem.code, "{}", problem.message);
        self.answer_waiting(&Err(problem.clone()));
        self.publish(Snapshot::absent(Some(problem)));
        Next::Rest(None)
    }

    fn answer_waiting(&mut self, answer: &Result<(), Problem>) {
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(answer.clone()); // who does not listen any more has given up
        }
    }

    fn publish(&self, now: Snapshot) {
        self.snapshot.send_if_modified(|snapshot| {
            let differs = *snapshot != now;
            *snapshot = now;
            differs
        });
    }

    async fn holder(&self) -> Result<Option<Holder>, Problem> {
        let lock = self.paths.lock_file();
        let found = tokio::task::spawn_blocking(move || doorcode_engine::holder(&lock)).await;
        match found {
            Ok(found) => found.map_err(|error| Problem::from(&error)),
            Err(error) => Err(Problem::new("internal", error.to_string(), "doorcode logs --app")),
        }
    }
}
