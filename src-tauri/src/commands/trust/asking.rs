//! The person at the window, asked by the thread that works on a trust store.

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorcode_settings::Problem;
use doorcode_trust::{Ask, CommandLine, Secret, State as StoreState, StoreId, StoreReport};
use serde::Serialize;
use tauri::{AppHandle, Manager, Runtime};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::commands::{Answer, Work};
use crate::window;

/// The event `trust`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum TrustEvent {
    /// This command wants to run with root's rights: `trust_answer` says whether it may.
    Command { line: String },
    /// A program wants a password: `trust_answer` brings it.
    Ask { prompt: String },
    /// A line that a command has printed.
    Output { text: String },
    /// A store has had its turn.
    Progress { id: StoreId, state: StoreState },
}

/// The work on the trust stores that is under way, if any: one at a time, since there is one person to ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asking(Arc<Mutex<Option<Errand>>>);

#[derive(Debug, Default)]
struct Errand {
    /// What the person is being asked. An answer is taken for this question or not at all: a second click must not approve
    /// the next command.
    question: Option<Question>,
    /// The window has closed.
    alone: bool,
}

#[derive(Debug)]
enum Question {
    May(Sender<bool>),
    Secret(Sender<Option<Secret>>),
}

impl Asking {
    /// Begins work that may ask; it ends when what is returned is dropped.
    ///
    /// # Errors
    /// `trust_busy`.
    pub(super) fn begin<R: Runtime>(&self, app: &AppHandle<R>) -> Answer<Person<R>> {
        let mut work = self.lock();
        if work.is_some() {
            return Err(Problem::new(
                "trust_busy",
                "the trust stores are being worked on already",
                "",
            ));
        }
        *work = Some(Errand::default());
        Ok(Person {
            _work: app.state::<Work>().begin(),
            app: app.clone(),
            asking: self.clone(),
        })
    }

    /// Says whether the command that was shown may run.
    ///
    /// # Errors
    /// `trust_not_asked`.
    pub(super) fn approve(&self, may: bool) -> Answer<()> {
        self.reply(|question| match question {
            Question::May(waiting) => waiting.send(may).ok(),
            Question::Secret(_) => None,
        })
    }

    /// Brings the password that was asked for; none calls the work off.
    ///
    /// # Errors
    /// `trust_not_asked`.
    pub(super) fn tell(&self, secret: Option<Secret>) -> Answer<()> {
        self.reply(|question| match question {
            Question::Secret(waiting) => waiting.send(secret).ok(),
            Question::May(_) => None,
        })
    }

    /// The person is gone: the answer to every question of this work is no.
    pub(crate) fn leave(&self) {
        if let Some(work) = self.lock().as_mut() {
            work.question = None;
            work.alone = true;
        }
    }

    fn reply(&self, send: impl FnOnce(Question) -> Option<()>) -> Answer<()> {
        let question = self.lock().as_mut().and_then(|work| work.question.take());
        question
            .and_then(send)
            .ok_or_else(|| Problem::new("trust_not_asked", "nothing of this kind is being asked", ""))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Errand>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The person at the window, for as long as one piece of work lasts.
pub(super) struct Person<R: Runtime> {
    _work: TaskTrackerToken,
    app: AppHandle<R>,
    asking: Asking,
}

impl<R: Runtime> Person<R> {
    /// Asks, and waits for the answer; `None` when nobody is there to give one.
    fn ask<T>(&self, question: fn(Sender<T>) -> Question, event: TrustEvent) -> Option<T> {
        let (waiting, answer) = mpsc::channel();
        match self.asking.lock().as_mut() {
            Some(work) if !work.alone => work.question = Some(question(waiting)),
            _ => return None,
        }
        window::tell(&self.app, "trust", event);
        answer.recv().ok()
    }
}

impl<R: Runtime> Ask for Person<R> {
    fn command(&self, command: &CommandLine) -> bool {
        let line = command.to_string();
        self.ask(Question::May, TrustEvent::Command { line })
            .unwrap_or(false)
    }

    fn secret(&self, prompt: &str) -> Option<Secret> {
        let prompt = prompt.to_owned();
        self.ask(Question::Secret, TrustEvent::Ask { prompt }).flatten()
    }

    fn output(&self, line: &str) {
        let text = line.to_owned();
        window::tell(&self.app, "trust", TrustEvent::Output { text });
    }

    fn progress(&self, report: &StoreReport) {
        let (id, state) = (report.id.clone(), report.state);
        window::tell(&self.app, "trust", TrustEvent::Progress { id, state });
    }
}

impl<R: Runtime> Drop for Person<R> {
    fn drop(&mut self) {
        *self.asking.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    fn app() -> tauri::App<tauri::test::MockRuntime> {
        let app = tauri::test::mock_app();
        app.manage(Work::default());
        app
    }

    fn wait_for_question(asking: &Asking) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while asking.lock().as_ref().is_none_or(|work| work.question.is_none()) {
            assert!(Instant::now() < deadline, "nothing was asked");
            thread::yield_now();
        }
    }

    fn command() -> CommandLine {
        CommandLine(vec!["update-ca-certificates".to_owned()])
    }

    #[test]
    fn an_answer_is_for_the_question_that_is_open() {
        let app = app();
        let asking = Asking::default();
        let person = asking.begin(app.handle()).expect("nothing is under way");
        assert_eq!(
            asking.begin(app.handle()).err().map(|problem| problem.code),
            Some("trust_busy".to_owned())
        );
        assert_eq!(
            asking.approve(true).expect_err("not asked").code,
            "trust_not_asked"
        );

        thread::scope(|scope| {
            let first = scope.spawn(|| person.command(&command()));
            wait_for_question(&asking);
            asking.approve(true).expect("asked");
            assert!(first.join().expect("answered"));
            // A second click comes too late for the first question and must not count for the next one.
            assert!(asking.approve(true).is_err());
            let second = scope.spawn(|| person.command(&command()));
            wait_for_question(&asking);
            asking.approve(false).expect("asked");
            assert!(!second.join().expect("answered"));

            let secret = scope.spawn(|| person.secret("Password:").is_some());
            wait_for_question(&asking);
            asking.tell(Some(Secret::new("x".to_owned()))).expect("asked");
            assert!(secret.join().expect("answered"));
        });
        drop(person);
        assert!(asking.begin(app.handle()).is_ok());
    }

    #[test]
    fn a_closed_window_answers_no() {
        let app = app();
        let asking = Asking::default();
        let person = asking.begin(app.handle()).expect("nothing is under way");
        thread::scope(|scope| {
            let waiting = scope.spawn(|| person.command(&command()));
            wait_for_question(&asking);
            asking.leave();
            assert!(!waiting.join().expect("answered"));
        });
        assert!(!person.command(&command()), "asked though nobody is there");
        assert!(person.secret("Password:").is_none());
    }
}
