//! The live diagnosis: probes that run by themselves, what they find, and the doctor's answer.
//!
//! A thread of its own looks every 3.5 seconds at what costs nearly nothing, every five minutes at what takes connections, and
//! every three seconds at those too while something is wrong there, so that a mended fault is seen as soon as a new one.
//! What takes long runs on the runtime and never holds the thread up. The public address is asked at the start, after a change,
//! and while something is wrong with it: nobody needs it otherwise.

mod browsers;
mod close;
mod kills;
mod published;
mod subject;
mod task;
mod visits;
mod watch;

use std::sync::{Arc, Mutex};

use doorcode_health::{Report, Severity};
use doorcode_settings::Problem;
use doorcode_settings::trusted_proxy::PublicUrl;
use time::OffsetDateTime;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::control::Reply;
use crate::live::HealthState;
use crate::task::lock;

pub(crate) use subject::{Sources, Told, ToldCertificate};
pub(crate) use task::{Parts, run};

/// What the rest of the engine knows of the diagnosis. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    shared: Arc<Shared>,
    doctor: mpsc::Sender<Doctor>,
}

#[derive(Debug, Default)]
struct Shared {
    report: Mutex<Option<Report>>,
    told: Mutex<Told>,
    /// Something that the probes depend on has changed.
    changed: Notify,
}

/// A person asks.
#[derive(Debug)]
struct Doctor {
    /// Another public address than the configured one.
    url: Option<PublicUrl>,
    reply: oneshot::Sender<Report>,
}

impl Health {
    /// The handle, and what [`run`] needs of it.
    pub(crate) fn new() -> (Health, Questions) {
        let (doctor, questions) = mpsc::channel(4);
        let health = Health {
            shared: Arc::default(),
            doctor,
        };
        (health, Questions(questions))
    }

    /// Tells what only the engine's task knows. The probes run again when it has changed.
    pub(crate) fn tell(&self, told: Told) {
        let mut known = lock(&self.shared.told);
        if *known != told {
            *known = told;
            self.shared.changed.notify_one();
        }
    }

    /// The last report; an empty one before the first.
    pub(crate) fn report(&self) -> Report {
        lock(&self.shared.report).clone().unwrap_or_else(|| Report {
            healthy: true,
            at: OffsetDateTime::now_utc(),
            probes: Vec::new(),
            causes: Vec::new(),
        })
    }

    /// The report in one word.
    pub(crate) fn state(&self) -> HealthState {
        let report = lock(&self.shared.report);
        let Some(report) = &*report else {
            return HealthState::Unknown;
        };
        let worst = report
            .causes
            .iter()
            .filter(|cause| !is_a_wish(&cause.code))
            .map(|cause| cause.severity)
            .max();
        match worst {
            None => HealthState::Healthy,
            Some(Severity::Warning) => HealthState::Warning,
            Some(Severity::Critical) => HealthState::Broken,
        }
    }

    /// The causes as problems, without those that `known` names already.
    pub(crate) fn problems(&self, known: &[Problem]) -> Vec<Problem> {
        let report = lock(&self.shared.report);
        let causes = report.iter().flat_map(|report| &report.causes);
        let new = causes.filter(|cause| {
            !is_a_wish(&cause.code) && known.iter().all(|problem| problem.code != cause.code)
        });
        new.map(|cause| Problem::new(&*cause.code, &*cause.message, &*cause.fix))
            .collect()
    }

    /// The codes of what keeps people from working.
    pub(crate) fn critical(&self) -> Vec<String> {
        let report = lock(&self.shared.report);
        let causes = report.iter().flat_map(|report| &report.causes);
        let critical = causes.filter(|cause| cause.severity == Severity::Critical);
        critical.map(|cause| cause.code.clone()).collect()
    }

    /// Answers [`crate::Request::Doctor`] from a task of its own.
    pub(crate) fn answer_doctor(&self, url: Option<String>, reply: oneshot::Sender<Reply>) {
        let doctor = self.doctor.clone();
        tokio::spawn(async move {
            let answer = ask(&doctor, url.as_deref()).await;
            let _ = reply.send(answer.map_or_else(Reply::Problem, |report| Reply::Doctor(Box::new(report))));
        });
    }
}

/// What [`run`] hears of people who ask.
#[derive(Debug)]
pub(crate) struct Questions(mpsc::Receiver<Doctor>);

/// A state that somebody asked for is in the status anyway, and no problem.
fn is_a_wish(code: &str) -> bool {
    code == "editor_stopped"
}

async fn ask(doctor: &mpsc::Sender<Doctor>, url: Option<&str>) -> Result<Report, Problem> {
    let url = url.map(public_url).transpose()?;
    let ending = || Problem::new("engine_ending", "the engine is ending", "doorcode status");
    let (reply, answer) = oneshot::channel();
    doctor.send(Doctor { url, reply }).await.map_err(|_| ending())?;
    answer.await.map_err(|_| ending())
}

/// The public address that a person names.
///
/// # Errors
/// `public_url_malformed`.
pub fn public_url(text: &str) -> Result<PublicUrl, Problem> {
    text.parse().map_err(|error| {
        Problem::new(
            "public_url_malformed",
            format!("{text} is no public address: {error}"),
            "doorcode doctor --url https://code.example.com",
        )
    })
}

#[cfg(test)]
mod tests {
    use doorcode_health::Cause;

    use super::*;

    fn with(causes: Vec<Cause>) -> Health {
        let (health, _) = Health::new();
        *lock(&health.shared.report) = Some(Report {
            healthy: causes.is_empty(),
            at: OffsetDateTime::UNIX_EPOCH,
            probes: Vec::new(),
            causes,
        });
        health
    }

    #[test]
    fn a_cause_becomes_a_problem_once_and_a_wish_becomes_none() {
        let health = with(vec![
            Cause::critical("certificate_expired", "over", "renew it"),
            Cause::critical("disk_full", "full", "df -h"),
            Cause::warning("editor_stopped", "stopped", "doorcode start"),
        ]);
        let known = [Problem::new("certificate_expired", "said already", "")];
        let problems = health.problems(&known);
        assert_eq!(problems, [Problem::new("disk_full", "full", "df -h")]);
        assert_eq!(health.critical(), ["certificate_expired", "disk_full"]);
        assert_eq!(health.state(), HealthState::Broken);
    }

    #[test]
    fn an_editor_that_somebody_stopped_is_healthy() {
        let health = with(vec![Cause::warning(
            "editor_stopped",
            "stopped",
            "doorcode start",
        )]);
        assert_eq!(health.state(), HealthState::Healthy);
        assert!(health.problems(&[]).is_empty());
        assert_eq!(Health::new().0.state(), HealthState::Unknown);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(public_url("https://code.example.com").is_ok());
        let problem = public_url("http://code.example.com").expect_err("refused");
        assert_eq!(problem.code, "public_url_malformed");
    }
}
