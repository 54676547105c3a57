//! Device checks: begun for a host, asked for by id, and remembered when they pass.

use std::time::Duration;

use doorcode_gateway::{CheckState, CheckView, Outcome, Test, TestId, Visitor};
use doorcode_settings::{HostName, Problem};
use serde::{Deserialize, Serialize};

use crate::control::Reply;
use crate::devices;
use crate::engine::blocking;
use crate::task::Core;

/// No check waits longer to be opened.
const LONGEST_CHECK: Duration = Duration::from_secs(10 * 60);

/// What a check found out so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CheckResult {
    /// How far it is.
    pub state: CheckState,
    /// The host whose certificate is checked.
    pub host: HostName,
    /// What was tested; empty before the page has reported.
    pub tests: Vec<CheckedTest>,
    /// Who opened the page.
    pub device: Option<Visitor>,
    /// Why it did not pass, and what to do.
    pub problem: Option<Problem>,
}

/// A test, and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CheckedTest {
    /// Which test.
    pub id: TestId,
    /// Whether it went as it should.
    pub passed: bool,
    /// Why it did not, or why that is not sure; one line.
    pub detail: String,
}

impl Core {
    /// Begins a check of `host`, the first configured one if none is named.
    pub(crate) fn begin_check(&self, host: Option<&HostName>, seconds: u64) -> Result<Reply, Problem> {
        let (host, url) = self.address_of(host)?;
        let lasts = Duration::from_secs(seconds).min(LONGEST_CHECK);
        let begun = self.gateway.begin_check(&host, lasts);
        Ok(Reply::Check {
            id: begun.id,
            url: format!("{}{}", url.trim_end_matches('/'), begun.path),
        })
    }

    /// What the check `id` found out so far.
    pub(crate) fn check_result(&self, id: &str) -> Result<Reply, Problem> {
        let view = self.gateway.check(id).ok_or_else(|| {
            Problem::new(
                "check_unknown",
                format!("there is no check {id}, or it is long over"),
                "doorcode trust check",
            )
        })?;
        Ok(Reply::CheckResult(Box::new(view.into())))
    }

    /// Remembers the device of a check that passed.
    pub(crate) async fn note_passed(&mut self, mut check: CheckView) {
        let Some(visitor) = check.visitor.take() else {
            return;
        };
        let root = self.certificates.root(&check.host);
        self.devices.note(check, visitor, root);
        self.save_devices().await;
        self.touch();
    }

    /// The devices that have been checked.
    pub(crate) fn list_devices(&self) -> Reply {
        Reply::Devices {
            devices: self.devices.list(|host| self.certificates.root(host)),
        }
    }

    /// Forgets the device `id`.
    pub(crate) async fn forget_device(&mut self, id: &str) -> Result<Reply, Problem> {
        self.devices.forget(id)?;
        self.save_devices().await;
        self.touch();
        Ok(Reply::Done)
    }

    async fn save_devices(&mut self) {
        let (file, proofs) = self.devices.to_save();
        let saved = blocking(move || devices::save(&file, &proofs)).await;
        self.devices_problem = saved.err();
    }
}

impl From<CheckView> for CheckResult {
    fn from(view: CheckView) -> Self {
        CheckResult {
            state: view.state,
            problem: problem(&view),
            host: view.host,
            device: view.visitor,
            tests: view.tests.into_iter().map(CheckedTest::from).collect(),
        }
    }
}

impl From<Test> for CheckedTest {
    fn from(test: Test) -> Self {
        CheckedTest {
            id: test.id,
            passed: test.passed(),
            detail: match test.outcome {
                Outcome::Passed => String::new(),
                Outcome::Missing if test.id == TestId::Certificate => {
                    "this browser does not tell whether it trusts the certificate or was told to accept it"
                        .to_owned()
                }
                Outcome::Missing => "this browser window does not offer it".to_owned(),
                Outcome::Refused if test.detail.is_empty() => "refused".to_owned(),
                Outcome::Refused => test.detail,
            },
        }
    }
}

/// The one thing to say about a check that is over and did not pass.
fn problem(view: &CheckView) -> Option<Problem> {
    let host = &view.host;
    let device = view
        .visitor
        .as_ref()
        .map_or("the browser", |visitor| &visitor.name);
    match view.state {
        CheckState::Waiting | CheckState::Opened | CheckState::Passed => None,
        CheckState::Expired => Some(Problem::new(
            "check_expired",
            match &view.visitor {
                None => format!("nobody opened the check of {host} in time"),
                Some(_) => format!("{device} opened the check of {host} and never reported"),
            },
            "doorcode trust check",
        )),
        CheckState::Failed => Some(mistaken(view).unwrap_or_else(|| failure(view, device))),
    }
}

/// Said of a check that somebody else than the device may have opened: nothing that it found is about the device.
fn mistaken(view: &CheckView) -> Option<Problem> {
    let (host, visitor) = (&view.host, view.visitor.as_ref()?);
    if view.other_readers.is_empty() {
        return None;
    }
    Some(Problem::new(
        "check_other_device",
        format!(
            "{} at {} opened the check of {host}, and its address had gone to {} without encryption: somebody on that network \
             may have opened it in place of the device, so nothing is remembered",
            visitor.name,
            visitor.client,
            view.other_readers.join(" and ")
        ),
        format!(
            "if all of these addresses are the device's, open there what this prints: doorcode trust check --host {host} --print; \
             if not, somebody else is on that network: compare the fingerprints again, in another one if you can"
        ),
    ))
}

fn failure(view: &CheckView, device: &str) -> Problem {
    let host = &view.host;
    let of = |id| {
        let test = view.tests.iter().find(|test| test.id == id);
        test.map_or(Outcome::Missing, |test| test.outcome)
    };
    match (of(TestId::Certificate), of(TestId::ServiceWorker)) {
        (Outcome::Refused, _) | (_, Outcome::Refused) => Problem::new(
            "check_not_trusted",
            format!(
                "{device} shows {host} but does not trust its certificate: somebody clicked through the warning. It will come back, \
                 and browsers like Chrome refuse service workers then, and with them previews and notebooks"
            ),
            "on this machine: `doorcode trust install`, then close that browser and open it again; on another device: \
             `doorcode trust devices --add`",
        ),
        (_, Outcome::Missing) => Problem::new(
            "check_no_workers",
            format!(
                "{device} offers no service workers in that window, as private windows often do; the editor's previews need them"
            ),
            "open a new check in a normal window: doorcode trust check",
        ),
        _ => {
            let failed: Vec<&str> = view
                .tests
                .iter()
                .filter(|test| !test.passed())
                .map(|test| match test.id {
                    TestId::SecureContext => "a secure context",
                    TestId::Certificate => "the certificate",
                    TestId::ServiceWorker => "service workers",
                    TestId::Websocket => "WebSockets",
                    TestId::Clipboard => "the clipboard",
                })
                .collect();
            Problem::new(
                "check_failed",
                format!(
                    "{device} reached {host}, but {} did not work there",
                    failed.join(" and ")
                ),
                "bring that browser up to date and look for an extension or proxy that blocks it, then: doorcode trust check",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(state: CheckState, [certificate, worker, socket]: [Outcome; 3]) -> CheckView {
        let test = |id, outcome| Test {
            id,
            outcome,
            detail: String::new(),
        };
        CheckView {
            id: "1".to_owned(),
            host: "code.test".parse().expect("a host"),
            state,
            tests: vec![
                test(TestId::Certificate, certificate),
                test(TestId::ServiceWorker, worker),
                test(TestId::Websocket, socket),
            ],
            visitor: Some(Visitor {
                name: "Firefox 153 on Linux".to_owned(),
                client: "10.0.0.2".to_owned(),
            }),
            other_readers: Vec::new(),
        }
    }

    #[test]
    fn what_went_wrong_is_said_by_its_code() {
        use CheckState::{Expired, Failed, Opened, Passed};
        use Outcome::{Missing, Passed as Good, Refused};
        for (state, outcomes, code) in [
            (Passed, [Good, Good, Good], None),
            (Opened, [Good, Good, Good], None),
            (Expired, [Good, Good, Good], Some("check_expired")),
            (Failed, [Refused, Refused, Refused], Some("check_not_trusted")),
            (Failed, [Refused, Good, Good], Some("check_not_trusted")),
            (Failed, [Missing, Refused, Good], Some("check_not_trusted")),
            (Failed, [Missing, Missing, Good], Some("check_no_workers")),
            (Failed, [Good, Good, Refused], Some("check_failed")),
        ] {
            let said = CheckResult::from(view(state, outcomes)).problem;
            assert_eq!(
                said.as_ref().map(|problem| &*problem.code),
                code,
                "{state:?} {outcomes:?}"
            );
        }
    }

    #[test]
    fn somebody_in_place_of_the_device_is_named_with_both_addresses() {
        let mut view = view(CheckState::Failed, [Outcome::Passed; 3]);
        view.other_readers = vec!["10.0.0.7".to_owned()];
        let problem = CheckResult::from(view).problem.expect("said");
        assert_eq!(problem.code, "check_other_device");
        assert!(
            problem.message.contains("at 10.0.0.2") && problem.message.contains("to 10.0.0.7"),
            "{}",
            problem.message
        );
        assert!(problem.fix.contains("--host code.test"), "{}", problem.fix);
    }

    #[test]
    fn a_test_that_failed_says_why() {
        let result = CheckResult::from(view(
            CheckState::Failed,
            [Outcome::Missing, Outcome::Missing, Outcome::Refused],
        ));
        let details: Vec<(bool, &str)> = result
            .tests
            .iter()
            .map(|test| (test.passed, &*test.detail))
            .collect();
        assert_eq!(
            details,
            [
                (
                    true,
                    "this browser does not tell whether it trusts the certificate or was told to accept it"
                ),
                (false, "this browser window does not offer it"),
                (false, "refused")
            ]
        );
    }
}
