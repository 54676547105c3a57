//! The handle: asks the task to do something and waits for the answer.

use std::sync::Arc;

use doorcode_settings::Problem;
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::SupervisorError;
use crate::launch::Launch;
use crate::state::EditorState;
use crate::task::{Command, Reply, Task};

/// Controls the editor. Clones control the same one; when the last is dropped, the editor is stopped.
#[derive(Debug, Clone)]
pub struct Supervisor {
    commands: mpsc::Sender<Command>,
    state: watch::Receiver<EditorState>,
}

impl Supervisor {
    /// A supervisor whose editor is stopped. `launch` is asked anew for each start, on a thread where it may block, so that
    /// changed settings apply. Must be called within a tokio runtime.
    pub fn new(launch: impl Fn() -> Result<Launch, Problem> + Send + Sync + 'static) -> Supervisor {
        let (commands, incoming) = mpsc::channel(16);
        let (state, seen) = watch::channel(EditorState::Stopped);
        tokio::spawn(Task::new(Arc::new(launch), incoming, state).run());
        Supervisor {
            commands,
            state: seen,
        }
    }

    /// Starts the editor unless it runs, and waits until it does. After a failure this starts anew.
    ///
    /// # Errors
    /// When it was given up, or stopped before it was ready.
    pub async fn start(&self) -> Result<(), Problem> {
        self.ask(Command::Start).await
    }

    /// Stops the editor with everything it started, within 7 s; at once when it does not run. What a person detached on
    /// purpose is left alone.
    ///
    /// # Errors
    /// When a process did not end, even by SIGKILL.
    pub async fn stop(&self) -> Result<(), Problem> {
        self.ask(Command::Stop).await
    }

    /// Stops the editor if it runs, then as [`Supervisor::start`].
    ///
    /// # Errors
    /// As [`Supervisor::start`].
    pub async fn restart(&self) -> Result<(), Problem> {
        self.ask(Command::Restart).await
    }

    /// Stops the editor and ends the supervisor; every later call is refused.
    pub async fn shutdown(&self) {
        // Refused means that it has ended already.
        let _ = self.ask(Command::ShutDown).await;
    }

    /// The editor's state, as it changes.
    pub fn state(&self) -> watch::Receiver<EditorState> {
        self.state.clone()
    }

    async fn ask(&self, command: impl FnOnce(Reply) -> Command) -> Result<(), Problem> {
        let (reply, answer) = oneshot::channel();
        let ended = || Problem::from(&SupervisorError::ShutDown);
        self.commands.send(command(reply)).await.map_err(|_| ended())?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }
}
