//! The task that hears what happens, tells it, and writes the history.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use doorcode_gateway::{Refusals, SessionStore};
use doorcode_settings::Problem;
use doorcode_supervisor::EditorState;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;

use super::events::{Event, EventKind};
use super::history::{self, HistoryPoint};
use super::{Live, lock};
use crate::control::{Incoming, Reply, Request};
use crate::status::{State, Status};

/// How often, at most, the gateway is looked at.
const GATEWAY_EVERY: Duration = Duration::from_secs(1);
/// code-server closes the connection of a window that is gone within this.
const SETTLED: Duration = Duration::from_secs(2);

/// What the task works with.
pub(crate) struct Parts {
    pub(crate) live: Live,
    pub(crate) sessions: SessionStore,
    /// The engine, to be asked for its status.
    pub(crate) engine: mpsc::Sender<Incoming>,
    /// Counts the engine's changes.
    pub(crate) changed: watch::Receiver<u64>,
}

/// Runs until the engine is gone, or the task is aborted.
pub(crate) async fn run(parts: Parts) {
    let Parts {
        live,
        sessions,
        engine,
        mut changed,
    } = parts;
    let mut editor = live.supervisor.state();
    let mut news = live.gateway.news();
    let mut refused = live.gateway.refusal_news();
    let mut history = interval_at(Instant::now() + history::FIRST, history::EVERY);
    history.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Told::default();
    let (mut gateway_at, mut look_at) = (None, None);
    let mut last_gateway = Instant::now();
    loop {
        tokio::select! {
            Ok(()) = editor.changed() => {
                let state = editor.borrow_and_update().clone();
                told.editor(&live, &state);
            }
            Ok(()) = news.changed(), if gateway_at.is_none() => gateway_at = Some(last_gateway + GATEWAY_EVERY),
            Ok(()) = refused.changed(), if gateway_at.is_none() => gateway_at = Some(last_gateway + GATEWAY_EVERY),
            () = due(gateway_at) => {
                (gateway_at, last_gateway) = (None, Instant::now());
                news.mark_unchanged();
                refused.mark_unchanged();
                if told.gateway(&live, &sessions) {
                    look_at = Some(last_gateway + SETTLED);
                }
            }
            () = due(look_at) => {
                look_at = None;
                let live = live.clone();
                tokio::task::spawn_blocking(move || live.look());
            }
            Ok(()) = changed.changed() => {
                let Some(status) = status(&engine).await else { return };
                told.problems(&live, status.problems);
            }
            _ = history.tick() => {
                let Some(status) = status(&engine).await else { return };
                let write = lock(&live.history).add(HistoryPoint::of(&status));
                tokio::task::spawn_blocking(write);
                told.problems(&live, status.problems);
            }
            else => return,
        }
    }
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

/// `None` when the engine is gone.
async fn status(engine: &mpsc::Sender<Incoming>) -> Option<Box<Status>> {
    let (reply, answer) = oneshot::channel();
    let incoming = Incoming {
        request: Request::Status,
        reply,
        gone: CancellationToken::new(),
    };
    engine.send(incoming).await.ok()?;
    match answer.await.ok()? {
        Reply::Status(status) => Some(status),
        _ => None,
    }
}

/// What has been told already.
#[derive(Default)]
struct Told {
    /// The editor that was started again last.
    restarted: Option<u32>,
    sign_ins: u64,
    refusals: Refusals,
    tunnels: usize,
    problems: BTreeMap<String, Problem>,
}

impl Told {
    fn editor(&mut self, live: &Live, state: &EditorState) {
        if let EditorState::Running { pid, restarts, .. } = state
            && *restarts > 0
            && self.restarted != Some(*pid)
        {
            self.restarted = Some(*pid);
            live.restarts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        let word = State::from(state).word();
        live.events
            .publish(Event::now(EventKind::Editor, Some(word), in_words(state)));
    }

    /// True when windows have come or gone.
    fn gateway(&mut self, live: &Live, sessions: &SessionStore) -> bool {
        let sign_ins = sessions.sign_ins();
        let new = sign_ins.saturating_sub(self.sign_ins);
        self.sign_ins = sign_ins;
        let list = sessions.list();
        // The youngest are at the end; one that has left again already is not there.
        let first = list
            .len()
            .saturating_sub(usize::try_from(new).unwrap_or(usize::MAX));
        for session in &list[first..] {
            let message = format!(
                "somebody signed in from {}, session {}",
                session.client, session.id
            );
            live.events.publish(Event::now(EventKind::SignIn, None, message));
        }

        let refusals = live.gateway.refusals();
        for (code, count) in &refusals {
            let new = count - self.refusals.get(code).unwrap_or(&0);
            if new > 0 {
                let message = format!("{new} refused ({code}), {count} since the engine started");
                live.events
                    .publish(Event::now(EventKind::Refused, Some(code), message));
            }
        }
        self.refusals = refusals;

        let tunnels = live.gateway.tunnels();
        std::mem::replace(&mut self.tunnels, tunnels) != tunnels
    }

    fn problems(&mut self, live: &Live, problems: Vec<Problem>) {
        let now: BTreeMap<String, Problem> = problems
            .into_iter()
            .map(|problem| (problem.code.clone(), problem))
            .collect();
        for (code, problem) in now.iter().filter(|(code, _)| !self.problems.contains_key(*code)) {
            let message = problem.message.clone();
            live.events
                .publish(Event::now(EventKind::ProblemAppeared, Some(code), message));
        }
        for (code, problem) in self.problems.iter().filter(|(code, _)| !now.contains_key(*code)) {
            let message = format!("over: {}", problem.message);
            live.events
                .publish(Event::now(EventKind::ProblemCleared, Some(code), message));
        }
        self.problems = now;
    }
}

fn in_words(state: &EditorState) -> String {
    match state {
        EditorState::Stopped => "the editor is stopped".to_owned(),
        EditorState::Starting { .. } => "the editor is starting".to_owned(),
        EditorState::Running { version, pid, .. } => {
            format!("the editor runs: code-server {version}, process {pid}")
        }
        EditorState::Stopping => "the editor is being stopped".to_owned(),
        EditorState::Backoff { last, .. } => {
            format!("the editor ended by itself ({last}) and is started again soon")
        }
        EditorState::Failed { problem, .. } => problem.message.clone(),
    }
}
