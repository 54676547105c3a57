//! Device checks: a page that a browser can open once, which finds out whether that browser really trusts the host's
//! certificate, and reports back.
//!
//! A check is begun over the control socket. Its nonce, in the page's address, is the permission to open it, and is used
//! up by that; the page gets a token of its own, which is the permission to report, once. Both are kept as hashes. So
//! whoever finds an old address learns nothing and cannot speak for the browser that opened it.

mod browser;
mod echo;
mod readers;
mod report;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use doorcode_settings::HostName;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

pub(crate) use browser::{Browser, Platform};
pub(crate) use echo::Echo;
pub use readers::Readers;
pub(crate) use report::Report;
pub use report::{Outcome, Test, TestId};

use crate::session::{Token, TokenHash, random_bytes};
use crate::tuning::{CHECK_AFTERLIFE, CHECK_RUNS, CHECKS};

/// What is known of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckView {
    /// Its public name; says nothing about its nonce.
    pub id: String,
    /// The host whose certificate is checked.
    pub host: HostName,
    /// How far it is.
    pub state: CheckState,
    /// What the page found out, in the order of [`TestId`]; empty before it has reported.
    pub tests: Vec<Test>,
    /// Who opened the page.
    pub visitor: Option<Visitor>,
    /// The addresses other than the visitor's to which the page's address had gone over plain http when it was opened, so
    /// that it may not be the device that it was meant for.
    pub other_readers: Vec<String>,
}

impl CheckView {
    /// Whether the browser showed that it trusts the certificate, which one that passed need not have: see
    /// [`TestId::Certificate`].
    pub fn proves_trust(&self) -> bool {
        let trusts = |test: &Test| test.id == TestId::Certificate && test.outcome == Outcome::Passed;
        self.state == CheckState::Passed && self.tests.iter().any(trusts)
    }
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum CheckState {
    /// Nobody has opened the page yet.
    Waiting,
    /// Somebody has, and it has not reported yet.
    Opened,
    /// Every test passed, in the browser that it was meant for as far as one can tell.
    Passed,
    /// A test did not, or somebody else may have opened the page.
    Failed,
    /// Nobody opened it, or it did not report, in time.
    Expired,
}

/// The browser that opened a check, as it names itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Visitor {
    /// Such as `Firefox 153 on Linux`.
    pub name: String,
    /// The address it came from.
    pub client: String,
}

/// A check that has just been begun.
#[derive(Debug)]
pub struct BegunCheck {
    /// Its name for [`crate::Gateway::check`].
    pub id: String,
    /// The page's path, with the nonce. A secret until it is opened.
    pub path: String,
    /// For whoever shows that path over plain http, to note to whom.
    pub readers: Readers,
}

/// The checks under way, and for a while those that are over. They end with the engine.
#[derive(Debug)]
pub(crate) struct Checks {
    known: Mutex<Vec<Check>>,
    passed: broadcast::Sender<CheckView>,
}

#[derive(Debug)]
struct Check {
    id: String,
    host: HostName,
    ends: Instant,
    nonce: TokenHash,
    readers: Readers,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Waiting,
    Opened { page: TokenHash, opener: Opener },
    Reported { tests: Vec<Test>, opener: Opener },
}

#[derive(Debug, Clone)]
struct Opener {
    visitor: Visitor,
    /// Who else could have.
    other_readers: Vec<String>,
}

impl Default for Checks {
    fn default() -> Self {
        Checks {
            known: Mutex::default(),
            passed: broadcast::channel(CHECKS).0,
        }
    }
}

impl Checks {
    /// A new check of `host`, which can be opened within `ttl`; gives its id, its nonce, and whom to note
    /// as readers of that.
    pub(crate) fn begin(&self, host: &HostName, ttl: Duration) -> (String, Token, Readers) {
        let now = Instant::now();
        let nonce = Token::generate();
        let readers = Readers::default();
        let id = format!("{:016x}", u64::from_ne_bytes(random_bytes()));
        let mut known = self.lock();
        known.retain(|check| check.ends + CHECK_AFTERLIFE > now);
        if known.len() >= CHECKS {
            let first = (0..known.len()).min_by_key(|&index| known[index].ends);
            first.map(|index| known.swap_remove(index));
        }
        known.push(Check {
            id: id.clone(),
            host: host.clone(),
            ends: now + ttl,
            nonce: nonce.hash(),
            readers: readers.clone(),
            stage: Stage::Waiting,
        });
        (id, nonce, readers)
    }

    /// Uses the nonce up and gives the page's token. `None` when it is unknown, another host's, used or too old.
    ///
    /// The page then has time for its tests, however late it was opened.
    pub(crate) fn open(&self, nonce: &str, host: &HostName, visitor: Visitor) -> Option<Token> {
        let (hash, now) = (TokenHash::of(nonce)?, Instant::now());
        let mut known = self.lock();
        let check = known
            .iter_mut()
            .find(|check| check.nonce == hash && check.host == *host)?;
        if check.ends <= now || !matches!(check.stage, Stage::Waiting) {
            return None;
        }
        let page = Token::generate();
        check.ends = check.ends.max(now + CHECK_RUNS);
        check.stage = Stage::Opened {
            page: page.hash(),
            opener: Opener {
                other_readers: check.readers.other_than(&visitor.client),
                visitor,
            },
        };
        Some(page)
    }

    /// Whether `page` is the token of a page that may still report.
    pub(crate) fn is_open(&self, page: &str, host: &HostName) -> bool {
        TokenHash::of(page).is_some_and(|hash| find_open(&mut self.lock(), hash, host).is_some())
    }

    /// What a page found out: this once. False when its token is unknown, another host's, used or too old.
    pub(crate) fn report(&self, report: Report, host: &HostName) -> bool {
        let Some(hash) = TokenHash::of(report.page()) else {
            return false;
        };
        let mut known = self.lock();
        let Some(check) = find_open(&mut known, hash, host) else {
            return false;
        };
        let Stage::Opened { opener, .. } = &check.stage else {
            unreachable!("find_open finds opened ones only");
        };
        check.stage = Stage::Reported {
            opener: opener.clone(),
            tests: report.into_tests(),
        };
        let view = check.view(Instant::now());
        drop(known);
        if view.state == CheckState::Passed {
            // Nobody may be listening, which is fine.
            let _ = self.passed.send(view);
        }
        true
    }

    /// The check called `id`.
    pub(crate) fn view(&self, id: &str) -> Option<CheckView> {
        let known = self.lock();
        let check = known.iter().find(|check| check.id == id)?;
        Some(check.view(Instant::now()))
    }

    /// Every check that passes from now on.
    pub(crate) fn passed(&self) -> broadcast::Receiver<CheckView> {
        self.passed.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Check>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find_open<'a>(known: &'a mut [Check], hash: TokenHash, host: &HostName) -> Option<&'a mut Check> {
    let now = Instant::now();
    known.iter_mut().find(|check| {
        check.ends > now
            && check.host == *host
            && matches!(&check.stage, Stage::Opened { page, .. } if *page == hash)
    })
}

impl Check {
    fn view(&self, now: Instant) -> CheckView {
        let is_over = self.ends <= now;
        let (state, tests, opener) = match &self.stage {
            Stage::Reported { tests, opener } => {
                let passed = opener.other_readers.is_empty() && tests.iter().all(Test::passed);
                let state = if passed {
                    CheckState::Passed
                } else {
                    CheckState::Failed
                };
                (state, tests.clone(), Some(opener))
            }
            Stage::Opened { opener, .. } if is_over => (CheckState::Expired, Vec::new(), Some(opener)),
            Stage::Opened { opener, .. } => (CheckState::Opened, Vec::new(), Some(opener)),
            Stage::Waiting if is_over => (CheckState::Expired, Vec::new(), None),
            Stage::Waiting => (CheckState::Waiting, Vec::new(), None),
        };
        CheckView {
            id: self.id.clone(),
            host: self.host.clone(),
            state,
            tests,
            visitor: opener.map(|opener| opener.visitor.clone()),
            other_readers: opener.map_or_else(Vec::new, |opener| opener.other_readers.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
