//! The desktop's way to the engine: hosted in this process when none runs, attached to when one does.
//!
//! Everything is asked over the control socket, also of the engine in this process, so there is one way to drive an engine.
//! [`keeper`] holds the engine and follows its status; everybody else has a clone of [`EngineLink`].

mod keeper;
mod separate;
mod sight;
mod snapshot;

use std::sync::Arc;

use doorcode_actions::app_log::AppLog;
use doorcode_actions::control;
use doorcode_engine::{Reply, Request};
use doorcode_settings::{Paths, Problem};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use keeper::Keeper;
pub(crate) use keeper::Wish;
pub(crate) use snapshot::{EngineSource, Snapshot};

/// A handle on the engine; clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct EngineLink {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    paths: Paths,
    snapshot: watch::Receiver<Snapshot>,
    wishes: mpsc::Sender<Wish>,
    runtime: Handle,
}

impl EngineLink {
    /// A link that does nothing before [`EngineLink::begin`]: a second launch makes one too, and must not host an engine.
    pub(crate) fn new(runtime: Handle, paths: Paths, log: AppLog) -> EngineLink {
        let (changes, snapshot) = watch::channel(Snapshot::first());
        let (wishes, heard) = mpsc::channel(8);
        runtime.spawn(Keeper::new(paths.clone(), log, changes).run(heard));
        EngineLink::kept_elsewhere(runtime, paths, snapshot, wishes)
    }

    /// A link for a process that is told how things are, and whose wishes somebody else grants: the window's.
    pub(crate) fn kept_elsewhere(
        runtime: Handle,
        paths: Paths,
        snapshot: watch::Receiver<Snapshot>,
        wishes: mpsc::Sender<Wish>,
    ) -> EngineLink {
        EngineLink {
            shared: Arc::new(Shared {
                paths,
                snapshot,
                wishes,
                runtime,
            }),
        }
    }

    /// Looks for an engine, and hosts one if there is none, on the link's own runtime.
    pub(crate) fn begin(&self) {
        let link = self.clone();
        // Why there is none is in the snapshot.
        self.runtime().spawn(async move { link.host().await });
    }

    /// Asks the engine, whoever hosts it, over a connection of its own.
    ///
    /// # Errors
    /// `not_running`; the engine's own problem when it refuses; `control_unreachable`.
    pub(crate) async fn ask(&self, request: Request) -> Result<Reply, Problem> {
        control::ask(self.paths(), &request).await
    }

    /// How things are.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.shared.snapshot.borrow().clone()
    }

    /// How things are, again at each change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Snapshot> {
        self.shared.snapshot.clone()
    }

    /// Where the files are.
    pub(crate) fn paths(&self) -> &Paths {
        &self.shared.paths
    }

    /// Where the engine runs when it is hosted; for tasks that must not hold up the window.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.shared.runtime
    }

    /// Sees to it that an engine runs, whoever hosts it.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn host(&self) -> Result<(), Problem> {
        self.wish(Wish::Host).await
    }

    /// Ends the engine that is ours and starts a new one.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn host_anew(&self) -> Result<(), Problem> {
        self.wish(Wish::HostAnew).await
    }

    /// Starts the editor, and an engine first where none runs. Answered once the editor runs or has failed.
    ///
    /// # Errors
    /// Why there is no engine, or why the editor does not start.
    pub(crate) async fn start_editor(&self) -> Result<(), Problem> {
        self.host().await?;
        self.drive(Request::Start).await
    }

    /// Stops the editor and everything it started; the engine stays.
    ///
    /// # Errors
    /// As [`EngineLink::ask`].
    pub(crate) async fn stop_editor(&self) -> Result<(), Problem> {
        self.drive(Request::Stop).await
    }

    /// Starts the editor anew; the engine too, where it is ours and settings wait for that.
    ///
    /// # Errors
    /// Why one of them does not start.
    pub(crate) async fn restart(&self) -> Result<(), Problem> {
        let now = self.snapshot();
        let waits = now
            .status
            .problems
            .iter()
            .any(|problem| problem.code == "restart_engine");
        match now.engine {
            EngineSource::Absent => self.start_editor().await,
            EngineSource::Hosted if waits => {
                self.host_anew().await?;
                self.drive(Request::Start).await
            }
            EngineSource::Hosted | EngineSource::Attached => self.drive(Request::Restart).await,
        }
    }

    /// Ends the engine if this process hosts it, with the editor and everything it started, and looks for no other.
    pub(crate) async fn end(&self) {
        // Whoever keeps the engine has ended only after a first call of this.
        let _ = self.wish(Wish::End).await;
    }

    async fn drive(&self, request: Request) -> Result<(), Problem> {
        match self.ask(request).await? {
            Reply::Done => Ok(()),
            _ => Err(control::unexpected()),
        }
    }

    /// What whoever asks for something hears when nobody grants it any more.
    pub(crate) fn ending() -> Problem {
        Problem::new(
            "desktop_ending",
            "the desktop application is ending",
            "doorcode status",
        )
    }

    async fn wish(&self, wish: fn(oneshot::Sender<Result<(), Problem>>) -> Wish) -> Result<(), Problem> {
        let (answer, answered) = oneshot::channel();
        if self.shared.wishes.send(wish(answer)).await.is_err() {
            return Err(EngineLink::ending());
        }
        answered.await.unwrap_or_else(|_| Err(EngineLink::ending()))
    }
}

#[cfg(test)]
mod tests;
