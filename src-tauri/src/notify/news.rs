//! What is worth telling, as pure functions of how things were and are.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use doorcode_actions::open::LINK_SECONDS;
use doorcode_engine::{CertificateStatus, HealthState, State, Status};
use doorcode_gateway::{SessionView, SignInMethod};
use doorcode_settings::{HostName, Notifications, Problem};

use crate::engine_link::{EngineSource, Snapshot};

/// Something that a person wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// The editor ended by itself, and is started again.
    Crash(Option<Problem>),
    /// The editor is not started again.
    GivenUp(Option<Problem>),
    /// A certificate ends in so many days, or ended so many days ago.
    Certificate { host: HostName, days_left: i64 },
    /// Somebody signed in.
    NewDevice {
        client: String,
        user_agent: Option<String>,
        method: SignInMethod,
        /// Whom a proxy in front names.
        user: Option<String>,
    },
    /// Somebody guesses passwords.
    Attack(Problem),
    /// The editor runs, and people cannot get to it.
    Unreachable(Problem),
}

impl News {
    pub(super) fn is_wanted(&self, wanted: &Notifications) -> bool {
        match self {
            News::Crash(_) => wanted.crash,
            // To whoever waits for the editor it is the same.
            News::GivenUp(_) | News::Unreachable(_) => wanted.given_up,
            News::Certificate { .. } => wanted.certificate,
            News::NewDevice { .. } => wanted.new_device,
            News::Attack(_) => wanted.sign_in_attack,
        }
    }
}

/// What has happened between `before` and `now`, apart from sign-ins. What was true before is not told again.
pub(super) fn between(before: &Snapshot, now: &Snapshot) -> Vec<News> {
    let mut news = Vec::new();
    news.extend(editor(&before.status, &now.status));
    news.extend(certificates(&before.status, &now.status));
    let attack = |status: &Status| problem(status, "sign_in_attack");
    if attack(&before.status).is_none() {
        news.extend(attack(&now.status).map(News::Attack));
    }
    news.extend(unreachable(&before.status, &now.status));
    news
}

/// What keeps people out of an editor that runs; one that does not run is told of as that.
fn unreachable(before: &Status, now: &Status) -> Option<News> {
    let is_broken = |status: &Status| status.health.state == HealthState::Broken;
    if now.state != State::Running || is_broken(before) || !is_broken(now) {
        return None;
    }
    let is_new = |problem: &&Problem| before.problems.iter().all(|other| other.code != problem.code);
    now.problems.iter().find(is_new).cloned().map(News::Unreachable)
}

/// Whether another engine is followed than before, and whether anybody has signed in since.
pub(super) fn sign_ins(before: &Snapshot, now: &Snapshot) -> (bool, bool) {
    if now.engine == EngineSource::Absent {
        return (false, false);
    }
    let is_new_engine = before.status.engine.pid != now.status.engine.pid;
    let anybody = before.status.sessions_seen != now.status.sessions_seen;
    (is_new_engine, anybody)
}

/// A crash is told when it ends a run; that it goes on crashing while it is started again is the same news, until it is given
/// up. A snapshot between two may be missing, so a run with one restart more tells of a crash too.
fn editor(before: &Status, now: &Status) -> Option<News> {
    match (before.state, now.state) {
        (State::Running, State::Backoff) => Some(News::Crash(problem(now, "editor_exited"))),
        (State::Running, State::Running | State::Starting) if restarted(before, now) => {
            Some(News::Crash(None))
        }
        (State::Failed, State::Failed) => None,
        (State::Running | State::Backoff, State::Failed) => {
            Some(News::GivenUp(now.problems.first().cloned()))
        }
        (_, State::Failed) => problem(now, "editor_gave_up").map(|problem| News::GivenUp(Some(problem))),
        _ => None,
    }
}

fn restarted(before: &Status, now: &Status) -> bool {
    before.engine == now.engine && now.editor.restarts > before.editor.restarts
}

/// How pressing a certificate's end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Fine,
    /// In a month at most.
    Due,
    /// In a week at most.
    Soon,
    Ended,
}

fn stage(certificate: &CertificateStatus) -> Stage {
    match certificate.days_left {
        ..0 => Stage::Ended,
        0..=7 => Stage::Soon,
        8..=30 => Stage::Due,
        _ => Stage::Fine,
    }
}

fn certificates(before: &Status, now: &Status) -> Vec<News> {
    let earlier = |certificate: &CertificateStatus| {
        let same = |other: &&CertificateStatus| {
            (&other.host, &other.fingerprint) == (&certificate.host, &certificate.fingerprint)
        };
        before.certificates.iter().find(same).map_or(Stage::Fine, stage)
    };
    now.certificates
        .iter()
        .filter(|certificate| stage(certificate) > earlier(certificate))
        .map(|certificate| News::Certificate {
            host: certificate.host.clone(),
            days_left: certificate.days_left,
        })
        .collect()
}

fn problem(status: &Status, code: &str) -> Option<Problem> {
    status
        .problems
        .iter()
        .find(|problem| problem.code == code)
        .cloned()
}

/// Whose sign-ins are known.
#[derive(Debug, Default)]
pub(super) struct Devices {
    known: HashSet<String>,
    /// When this program opened a link in this machine's browser that nobody has come by yet.
    own: Vec<Instant>,
}

impl Devices {
    /// These were there before anybody looked.
    pub(super) fn know(&mut self, sessions: &[SessionView]) {
        self.known = ids(sessions);
    }

    /// This program is about to open a link in this machine's browser.
    pub(super) fn expect_own(&mut self) {
        self.own.push(Instant::now());
    }

    /// Those of `sessions` that are new, but for those that this program caused itself.
    pub(super) fn new_among(&mut self, sessions: &[SessionView]) -> Vec<News> {
        self.own
            .retain(|opened| opened.elapsed() < Duration::from_secs(LINK_SECONDS));
        let mut news = Vec::new();
        for session in sessions
            .iter()
            .filter(|session| !self.known.contains(&session.id))
        {
            if is_of_this_machine(session) && self.own.pop().is_some() {
                continue;
            }
            news.push(News::NewDevice {
                client: session.client.clone(),
                user_agent: session.user_agent.clone(),
                method: session.method,
                user: session.user.clone(),
            });
        }
        self.known = ids(sessions);
        news
    }
}

fn is_of_this_machine(session: &SessionView) -> bool {
    let from_here = session
        .client
        .parse()
        .is_ok_and(|client: IpAddr| client.is_loopback());
    from_here && session.method == SignInMethod::Link
}

fn ids(sessions: &[SessionView]) -> HashSet<String> {
    sessions.iter().map(|session| session.id.clone()).collect()
}

#[cfg(test)]
mod tests;
