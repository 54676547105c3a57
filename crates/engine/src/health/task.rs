//! The task that probes by itself.

use std::time::Duration;

use doorcode_health::{
    BrowserTrust, Depth, Findings, LinkId, ProbeStatus, Report, Subject, diagnose, glance, look_closely,
};
use doorcode_supervisor::EditorState;
use time::OffsetDateTime;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

use super::kills::Kills;
use super::subject::{Memory, Sources};
use super::{Doctor, Health, Questions, browsers};
use crate::task::lock;

/// Between two looks at what costs nearly nothing. A fault is named within this and the time that an editor has for its
/// answer, together less than 5 s.
const GLANCE: Duration = Duration::from_secs(3);
/// Between two looks at what takes connections, while nothing is wrong there.
const CLOSE_LOOK: Duration = Duration::from_secs(60);
/// The same while something is, so that the end of it is seen.
const CLOSE_LOOK_WHILE_WRONG: Duration = Duration::from_secs(3);
/// The public address, which is somebody else's machine, is asked so often only for this long; then like everything else.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// A change is followed by others: settings, then certificates.
const SETTLED: Duration = Duration::from_millis(300);

/// What the task works with.
pub(crate) struct Parts {
    pub(crate) health: Health,
    pub(crate) questions: Questions,
    pub(crate) sources: Sources,
    /// Counts the engine's changes, for those who watch.
    pub(crate) changed: watch::Sender<u64>,
}

/// Runs until the task is aborted.
pub(crate) async fn run(parts: Parts) {
    let Parts {
        health,
        questions: Questions(mut questions),
        sources,
        changed,
    } = parts;
    let mut editor = sources.supervisor.state();
    let (looked, mut found) = mpsc::channel(4);
    let mut watch = Watch {
        health: health.clone(),
        sources,
        changed,
        looked,
        findings: Findings::new(),
        kills: Kills::default(),
        log_tail: Vec::new(),
        files: Vec::new(),
        memory: Memory::default(),
        browsers: None,
        close_at: Instant::now(),
        wanted_at: None,
        public_wanted: true,
        public_wrong_since: None,
        looking: false,
    };
    let mut glance_at = Instant::now();
    loop {
        tokio::select! {
            Some(doctor) = questions.recv() => watch.answer(doctor),
            Some(close) = found.recv() => {
                if watch.take(close) {
                    // What it has learnt of these is to be seen now.
                    glance_at = Instant::now();
                }
            }
            () = health.shared.changed.notified() => {
                let settled = Instant::now() + SETTLED;
                watch.public_wanted = true;
                watch.wanted_at = Some(settled);
                glance_at = glance_at.min(settled);
            }
            Ok(()) = editor.changed() => {
                // What the editor is now is worth knowing at once; whether its WebSocket opens, too.
                if matches!(*editor.borrow_and_update(), EditorState::Running { .. }) {
                    watch.wanted_at.get_or_insert(Instant::now() + SETTLED);
                }
                glance_at = Instant::now();
            }
            () = sleep_until(watch.next(glance_at)) => {
                if glance_at <= Instant::now() {
                    watch.glance().await;
                    glance_at = Instant::now() + GLANCE;
                }
                watch.look_closely_if_due();
            }
        }
    }
}

/// What a close look found.
struct Close {
    findings: Findings,
    browsers: Option<Vec<BrowserTrust>>,
    files: Vec<(String, OffsetDateTime)>,
    memory: Memory,
    depth: Depth,
    /// The editor that was looked at.
    editor: Option<u32>,
    /// It was for a person, beside the loop's own.
    asked: bool,
}

struct Watch {
    health: Health,
    sources: Sources,
    changed: watch::Sender<u64>,
    looked: mpsc::Sender<Close>,
    findings: Findings,
    kills: Kills,
    /// The editor's last lines, while it is down.
    log_tail: Vec<String>,
    /// When files of ours were changed last.
    files: Vec<(String, OffsetDateTime)>,
    memory: Memory,
    /// What the trust stores held when they were looked at last; none while nobody needs to know.
    browsers: Option<Vec<BrowserTrust>>,
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
    async fn glance(&mut self) {
        self.read_log().await;
        let subject = self.subject();
        glance(&subject, &mut self.findings).await;
        self.publish();
    }

    async fn read_log(&mut self) {
        let down = matches!(
            *self.sources.supervisor.state().borrow(),
            EditorState::Backoff { .. }
        );
        self.log_tail.clear();
        if down {
            let sources = self.sources.clone();
            let read = tokio::task::spawn_blocking(move || sources.log_tail());
            self.log_tail = read.await.unwrap_or_default();
        }
    }

    fn subject(&mut self) -> Subject {
        let runs = matches!(
            *self.sources.supervisor.state().borrow(),
            EditorState::Running { .. }
        );
        let kills = self.kills.look(runs);
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
        tokio::spawn(async move {
            let close = close_look(&sources, &subject, depth, findings, doubts).await;
            // Refused when the engine ends.
            let _ = looked.send(close).await;
        });
    }

    /// When there is something to look at.
    fn next(&self, glance_at: Instant) -> Instant {
        match self.looking {
            true => glance_at,
            false => glance_at.min(self.due()),
        }
    }

    /// When a close look is due.
    fn due(&self) -> Instant {
        self.wanted_at
            .map_or(self.close_at, |wanted| wanted.min(self.close_at))
    }

    /// Takes in what a close look has found; says whether a glance has something new to judge by.
    fn take(&mut self, close: Close) -> bool {
        let keyring = lock(&self.health.shared.report)
            .as_ref()
            .is_some_and(is_about_keyring);
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
        // An editor that was being stopped meanwhile says nothing of the one that runs now.
        let same_editor = close.editor == running(&self.sources.supervisor.state().borrow());
        for (id, finding) in close.findings {
            if is_closely_looked_at(id, close.depth) && (same_editor || id != LinkId::EditorWebSocket) {
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
            || self.sources.keyring_is_broken();
        self.close_at = now
            + if wrong || impatient {
                CLOSE_LOOK_WHILE_WRONG
            } else {
                CLOSE_LOOK
            };
        self.publish();
        clock || browsers || (keyring && !self.sources.keyring_is_broken())
    }

    /// Whether a link is wrong that only a close look can see mended.
    fn is_wrong(&self, which: impl Fn(LinkId) -> bool) -> bool {
        self.findings.iter().any(|(id, finding)| {
            which(*id)
                && is_closely_looked_at(*id, Depth::FULL)
                && matches!(finding.status, ProbeStatus::Fail | ProbeStatus::Warn)
        })
    }

    fn publish(&mut self) {
        let report = diagnose(&self.findings, OffsetDateTime::now_utc());
        let mut last = lock(&self.health.shared.report);
        let differs = match &*last {
            None => true,
            Some(last) => last.causes.iter().map(said).ne(report.causes.iter().map(said)),
        };
        if differs {
            tell_log(last.as_ref(), &report);
        }
        *last = Some(report);
        drop(last);
        if differs {
            self.changed.send_modify(|count| *count += 1);
        }
    }

    /// Probes everything for a person, beside the loop; what was found counts for the loop as well.
    fn answer(&mut self, doctor: Doctor) {
        let Doctor { url, reply } = doctor;
        let subject = self.subject();
        let elsewhere = url.is_some() && url != subject.public;
        let subject = Subject {
            public: url.or(subject.public),
            ..subject
        };
        let (sources, looked) = (self.sources.clone(), self.looked.clone());
        tokio::spawn(async move {
            let mut findings = Findings::new();
            let browsers = look_at_browsers(&sources).await;
            let subject = Subject {
                browsers: Some(browsers),
                ..subject
            };
            glance(&subject, &mut findings).await;
            let close = close_look(&sources, &subject, Depth::FULL, findings, false).await;
            // Nobody is left to tell when the person has gone.
            let _ = reply.send(diagnose(&close.findings, OffsetDateTime::now_utc()));
            let depth = Depth {
                // Another address than the configured one is nobody's concern but that person's.
                public: !elsewhere,
                ..Depth::FULL
            };
            let close = Close {
                depth,
                asked: true,
                ..close
            };
            let _ = looked.send(close).await;
        });
    }
}

async fn close_look(
    sources: &Sources,
    subject: &Subject,
    depth: Depth,
    mut findings: Findings,
    doubts: bool,
) -> Close {
    look_closely(subject, depth, &mut findings).await;
    let browsers = match doubts {
        true => Some(look_at_browsers(sources).await),
        false => None,
    };
    sources.retry_keyring().await;
    let (files, memory) = {
        let sources = sources.clone();
        let looked = tokio::task::spawn_blocking(move || (sources.changed_files(), sources.memory()));
        looked.await.unwrap_or_default()
    };
    Close {
        findings,
        browsers,
        files,
        memory,
        depth,
        editor: subject.editor.pid,
        asked: false,
    }
}

/// The process that runs.
fn running(state: &EditorState) -> Option<u32> {
    match state {
        EditorState::Running { pid, .. } => Some(*pid),
        _ => None,
    }
}

async fn look_at_browsers(sources: &Sources) -> Vec<BrowserTrust> {
    let (paths, settings) = (sources.paths.clone(), sources.settings.load_full());
    let looked = tokio::task::spawn_blocking(move || browsers::look(&paths, &settings)).await;
    looked.unwrap_or_default()
}

/// What only a close look of that depth finds out. A page that was asked for a person's sake is not asked again, so what it
/// said is not kept.
fn is_closely_looked_at(id: LinkId, depth: Depth) -> bool {
    match id {
        LinkId::EditorWebSocket
        | LinkId::HostNames
        | LinkId::Tls
        | LinkId::Redirect
        | LinkId::SignIn
        | LinkId::DoorWebSocket => depth.door,
        id => id >= LinkId::PublicName && depth.public,
    }
}

/// What of a cause is worth telling anew; its evidence counts up with every request.
fn said(cause: &doorcode_health::Cause) -> (&str, &str) {
    (&cause.code, &cause.message)
}

fn is_about_keyring(report: &Report) -> bool {
    report
        .causes
        .iter()
        .any(|cause| cause.code.starts_with("keyring_"))
}

fn tell_log(before: Option<&Report>, now: &Report) {
    let known = |report: Option<&Report>, code: &str| {
        report.is_some_and(|report| report.causes.iter().any(|cause| cause.code == code))
    };
    for cause in now.causes.iter().filter(|cause| !known(before, &cause.code)) {
        warn!(code = cause.code, evidence = cause.evidence, "{}", cause.message);
    }
    for cause in before.iter().flat_map(|report| &report.causes) {
        if !known(Some(now), &cause.code) {
            info!(code = cause.code, "over: {}", cause.message);
        }
    }
}
