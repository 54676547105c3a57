//! Brings what happens in the engine to the thread that watches.

use std::sync::mpsc as threads;

use doorcode_supervisor::EditorState;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tracing::error;

use super::close::Close;
use super::subject::Sources;
use super::watch::{Watch, Word};
use super::{Health, Questions};

/// What the task works with.
pub(crate) struct Parts {
    pub(crate) health: Health,
    pub(crate) questions: Questions,
    pub(crate) sources: Sources,
    /// Counts the engine's changes, for those who watch.
    pub(crate) changed: watch::Sender<u64>,
}

/// Runs until the task is aborted, which ends the thread as well.
pub(crate) async fn run(parts: Parts) {
    let Parts {
        health,
        questions: Questions(mut questions),
        sources,
        changed,
    } = parts;
    let mut editor = sources.supervisor.state();
    let (looked, mut found) = mpsc::channel::<Close>(4);
    let (words, heard) = threads::channel();
    let runtime = Handle::current();
    let watch = Watch::new(health.clone(), sources, changed, looked, runtime);
    let thread = std::thread::Builder::new().name("health".into());
    if let Err(error) = thread.spawn(move || watch.run(&heard)) {
        error!(code = "health_unknown", %error, "nothing is probed: there is no thread for it");
        return;
    }
    loop {
        let word = tokio::select! {
            Some(doctor) = questions.recv() => Word::Doctor(doctor),
            Some(close) = found.recv() => Word::Close(close),
            () = health.shared.changed.notified() => Word::Changed,
            Ok(()) = editor.changed() => {
                let runs = matches!(*editor.borrow_and_update(), EditorState::Running { .. });
                Word::Editor { runs }
            }
        };
        if words.send(word).is_err() {
            return;
        }
    }
}
