//! The thread that watches: it looks by itself, and keeps what is known.
//!
//! A thread of its own, and not a task, because it runs for as long as the program does and mostly sleeps: it wakes up once
//! for a look, and once more for the editor's answer.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use doorcode_health::{BrowserTrust, Depth, Findings, LinkId, ProbeStatus, Subject, diagnose, glance};
use doorcode_supervisor::EditorState;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::close::{Close, close_look, is_closely_looked_at, look_at_everything};
use super::kills::Kills;
use super::subject::{Memory, Sources};
use super::{Doctor, Health};
use crate::task::lock;

/// Between two looks at what costs nearly nothing. A fault is named within this and the time that an editor has for its
/// answer, together less than 5 s.
const GLANCE: Duration = Duration::from_millis(3_500);
/// Between two looks at what takes connections, while nothing is wrong there.
const CLOSE_LOOK: Duration = Duration::from_secs(300);
/// The same while something is, so that the end of it is seen.
const CLOSE_LOOK_WHILE_WRONG: Duration = Duration::from_secs(3);
/// The public address, which is somebody else's machine, is asked so often only for this long; then like everything else.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// A change is followed by others: settings, then certificates.
const SETTLED: Duration = Duration::from_millis(300);

/// What the thread is told.
pub(super) enum Word {
    /// A person asks.
    Doctor(Doctor),
    /// A close look is over.
    Close(Close),
    /// Something that the probes depend on has changed.
    Changed,
    /// The editor's state has.
    Editor {
        /// It runs now.
        runs: bool,
    },
}

/// What is known, and what it is found out with.
pub(super) struct Watch {
    health: Health,
    sources: Sources,
    changed: watch::Sender<u64>,
    looked: mpsc::Sender<Close>,
    runtime: Handle,
    findings: Findings,
    kills: Kills,
    /// The editor's last lines, while it is down.
    log_tail: Vec<String>,
    /// When files of ours were changed last.
    files: Vec<(String, OffsetDateTime)>,
    memory: Memory,
    /// What the trust stores held when they were looked at last; none while nobody needs to know.
    browsers: Option<Vec<BrowserTrust>>,
    /// Where others took connections to the door's ports when it was looked at closely last.
    neighbours: Vec<SocketAddr>,
    glance_at: Instant,
    /// When the next close look comes by itself.
    close_at: Instant,
    /// When one is wanted because something has changed, since the last one began.
    wanted_at: Option<Instant>,
    public_wanted: bool,
    public_wrong_since: Option<Instant>,
    /// A close look is under way.
    looking: bool,
}

impl Watch {
    /// Close looks run on `runtime`, and come back by `looked` and [`Word::Close`].
    pub(super) fn new(
        health: Health,
        sources: Sources,
        changed: watch::Sender<u64>,
        looked: mpsc::Sender<Close>,
        runtime: Handle,
    ) -> Watch {
        let now = Instant::now();
        Watch {
            health,
            sources,
            changed,
            looked,
            runtime,
            findings: Findings::new(),
            kills: Kills::default(),
            log_tail: Vec::new(),
            files: Vec::new(),
            memory: Memory::default(),
            browsers: None,
            neighbours: Vec::new(),
            glance_at: now,
            close_at: now,
            wanted_at: None,
            public_wanted: true,
            public_wrong_since: None,
            looking: false,
        }
    }

    /// Runs until nobody is left who could tell anything.
    pub(super) fn run(mut self, heard: &Receiver<Word>) {
        loop {
            let sleep = self.next().saturating_duration_since(Instant::now());
            match heard.recv_timeout(sleep) {
                Ok(word) => self.hear(word),
                Err(RecvTimeoutError::Timeout) => {
                    if self.glance_at <= Instant::now() {
                        self.glance();
                        self.glance_at = Instant::now() + GLANCE;
                    }
                    self.look_closely_if_due();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn hear(&mut self, word: Word) {
        let now = Instant::now();
        match word {
            Word::Doctor(doctor) => self.answer(doctor),
            Word::Close(close) => {
                if self.take(close) {
                    // What it has learnt of these is to be seen now.
                    self.glance_at = now;
                }
            }
            Word::Changed => {
                let settled = now + SETTLED;
                self.public_wanted = true;
                self.wanted_at = Some(settled);
                self.glance_at = self.glance_at.min(settled);
            }
            Word::Editor { runs } => {
                // What the editor is now is worth knowing at once; whether the door leads to it, too.
                if runs {
                    self.wanted_at.get_or_insert(now + SETTLED);
                }
                self.glance_at = now;
            }
        }
    }

    fn glance(&mut self) {
        self.read_log();
        let subject = self.subject();
        let mut findings = self.findings.clone();
        glance(&subject, &mut findings);
        // An editor that was ended meanwhile says nothing of the one that runs now. That it was is about to be heard, and
        // leads to the next glance.
        if subject.editor.pid == self.editor() {
            self.findings = findings;
            self.health.publish(&self.findings, &self.changed);
        }
        self.look_beside_the_door();
    }

    fn read_log(&mut self) {
        let down = matches!(
            *self.sources.supervisor.state().borrow(),
            EditorState::Backoff { .. }
        );
        self.log_tail = match down {
            true => self.sources.log_tail(),
            false => Vec::new(),
        };
    }

    /// Somebody who begins to listen beside the door may get its visitors: that is looked at more closely.
    fn look_beside_the_door(&mut self) {
        if self.neighbours != self.sources.neighbours() {
            self.wanted_at.get_or_insert(Instant::now());
        }
    }

    /// The editor's process, while it runs.
    fn editor(&self) -> Option<u32> {
        match *self.sources.supervisor.state().borrow() {
            EditorState::Running { pid, .. } => Some(pid),
            _ => None,
        }
    }

    fn subject(&mut self) -> Subject {
        let kills = self.kills.look(self.editor().is_some());
        let told = lock(&self.health.shared.told).clone();
        let subject = self
            .sources
            .subject(&told, kills, &self.log_tail, &self.files, self.memory);
        Subject {
            browsers: self.doubting(&subject),
            ..subject
        }
    }

    /// What the stores hold, while a browser of this machine has just refused the certificate. Otherwise nobody needs to
    /// know: a browser that is never used need not believe anything.
    fn doubting(&mut self, subject: &Subject) -> Option<Vec<BrowserTrust>> {
        let refused = subject
            .door
            .as_ref()
            .is_some_and(|door| door.evidence.certificate_refused.is_some());
        match (refused, &self.browsers) {
            (true, None) => {
                self.wanted_at = Some(Instant::now());
                None
            }
            (true, Some(browsers)) => Some(browsers.clone()),
            (false, _) => {
                self.browsers = None;
                None
            }
        }
    }

    fn look_closely_if_due(&mut self) {
        if self.looking || Instant::now() < self.due() {
            return;
        }
        self.looking = true;
        self.wanted_at = None;
        self.neighbours = self.sources.neighbours();
        let depth = Depth {
            door: true,
            public: std::mem::take(&mut self.public_wanted) || self.public_wrong_since.is_some(),
            page: false,
        };
        let subject = self.subject();
        let doubts = subject
            .door
            .as_ref()
            .is_some_and(|door| door.evidence.certificate_refused.is_some());
        let (sources, looked, findings) = (self.sources.clone(), self.looked.clone(), self.findings.clone());
        self.runtime.spawn(async move {
            let close = close_look(&sources, &subject, depth, findings, doubts).await;
            // Refused when the engine ends.
            let _ = looked.send(close).await;
        });
    }

    /// When there is something to look at.
    fn next(&self) -> Instant {
        match self.looking {
            true => self.glance_at,
            false => self.glance_at.min(self.due()),
        }
    }

    /// When a close look is due.
    fn due(&self) -> Instant {
        self.wanted_at
            .map_or(self.close_at, |wanted| wanted.min(self.close_at))
    }

    /// Takes in what a close look has found; says whether a glance has something new to judge by.
    fn take(&mut self, close: Close) -> bool {
        let password = self.health.is_about_password();
        // The clock is held against files, which are looked at anew here.
        let clock = self
            .findings
            .get(&LinkId::Clock)
            .is_some_and(|clock| clock.status != ProbeStatus::Pass);
        self.looking &= close.asked;
        self.files = close.files;
        self.memory = close.memory;
        let browsers = close.browsers.is_some();
        if browsers {
            self.browsers = close.browsers;
        }
        for (id, finding) in close.findings {
            if is_closely_looked_at(id, close.depth) {
                self.findings.insert(id, finding);
            }
        }
        let now = Instant::now();
        let public_wrong = self.is_wrong(|id| id >= LinkId::PublicName);
        self.public_wrong_since = public_wrong.then(|| self.public_wrong_since.unwrap_or(now));
        let impatient = match self.public_wrong_since {
            Some(since) => now - since < PATIENCE,
            None => false,
        };
        let wrong = self.is_wrong(|id| id < LinkId::PublicName)
            || clock
            || self.browsers.is_some()
            || self.sources.password_is_unreadable();
        self.close_at = now
            + if wrong || impatient {
                CLOSE_LOOK_WHILE_WRONG
            } else {
                CLOSE_LOOK
            };
        self.health.publish(&self.findings, &self.changed);
        clock || browsers || (password && !self.sources.password_is_unreadable())
    }

    /// Whether a link is wrong that only a close look can see mended.
    fn is_wrong(&self, which: impl Fn(LinkId) -> bool) -> bool {
        self.findings.iter().any(|(id, finding)| {
            which(*id)
                && is_closely_looked_at(*id, Depth::FULL)
                && matches!(finding.status, ProbeStatus::Fail | ProbeStatus::Warn)
        })
    }

    /// Probes everything for a person, beside the loop; what was found counts for the loop as well.
    fn answer(&mut self, doctor: Doctor) {
        let Doctor { url, reply } = doctor;
        self.read_log();
        let subject = self.subject();
        let elsewhere = url.is_some() && url != subject.public;
        let subject = Subject {
            public: url.or(subject.public),
            ..subject
        };
        let (sources, looked) = (self.sources.clone(), self.looked.clone());
        self.runtime.spawn(async move {
            let close = look_at_everything(&sources, subject).await;
            // Nobody is left to tell when the person has gone.
            let _ = reply.send(diagnose(&close.findings, OffsetDateTime::now_utc()));
            let depth = Depth {
                // Another address than the configured one is nobody's concern but that person's.
                public: !elsewhere,
                ..Depth::FULL
            };
            let _ = looked.send(Close { depth, ..close }).await;
        });
    }
}
