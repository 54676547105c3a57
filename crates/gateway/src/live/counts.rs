//! How many requests there were, and which were refused and why.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::view::{Refusals, RequestCounts};
use crate::workers;

/// Counted on every thread, and added up when somebody asks.
#[derive(Debug)]
pub(crate) struct Counts {
    threads: Vec<Thread>,
    /// Somebody has been told of a refusal and has not looked yet.
    told: AtomicBool,
    news: watch::Sender<()>,
}

/// What one thread writes; aligned so that no other's is in the same cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Thread {
    by_class: [AtomicU64; 5],
    refusals: Mutex<BTreeMap<&'static str, u64>>,
}

/// nginx's code for a client that left before there was an answer: nobody refused it.
const CLIENT_LEFT: u16 = 499;
/// The code of somebody who is led to the sign-in page, which is a redirect.
const LED_TO_SIGN_IN: u16 = 302;

impl Counts {
    pub(crate) fn new() -> Counts {
        Counts {
            threads: (0..workers::count()).map(|_| Thread::default()).collect(),
            told: AtomicBool::new(false),
            news: watch::Sender::default(),
        }
    }

    /// A request is over. `code` is why it was refused, or broke off.
    pub(crate) fn over(&self, status: u16, code: Option<&'static str>) {
        let thread = &self.threads[workers::current()];
        if let Some(class) = thread.by_class.get(usize::from(status / 100).wrapping_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(code) = code.filter(|_| is_refusal(status)) {
            *lock(&thread.refusals).entry(code).or_default() += 1;
            // Telling takes a lock that all threads share: once for as many as come before somebody looks.
            if !self.told.swap(true, Ordering::AcqRel) {
                self.news.send_replace(());
            }
        }
    }

    pub(crate) fn requests(&self) -> RequestCounts {
        let mut counts = RequestCounts::default();
        for thread in &self.threads {
            for (sum, class) in counts.by_class.iter_mut().zip(&thread.by_class) {
                *sum += class.load(Ordering::Relaxed);
            }
        }
        counts
    }

    /// All refusals so far; the next one is told again.
    pub(crate) fn refusals(&self) -> Refusals {
        self.told.store(false, Ordering::Release);
        let mut sum = Refusals::new();
        for thread in &self.threads {
            for (code, count) in lock(&thread.refusals).iter() {
                *sum.entry(code).or_default() += count;
            }
        }
        sum
    }

    /// Changes when a request was refused, until somebody has looked.
    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }
}

/// Whether an answer with a code is a refusal: those of the 5xx are the editor's trouble.
fn is_refusal(status: u16) -> bool {
    status == LED_TO_SIGN_IN || (matches!(status, 400..500) && status != CLIENT_LEFT)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_once_until_somebody_looks() {
        let counts = Counts::new();
        let mut news = counts.news();
        for _ in 0..3 {
            counts.over(421, Some("host_foreign"));
        }
        assert!(news.has_changed().expect("open"));
        news.mark_unchanged();
        counts.over(403, Some("origin_foreign"));
        assert!(!news.has_changed().expect("open"), "told already");
        let expected = Refusals::from([("host_foreign", 3), ("origin_foreign", 1)]);
        assert_eq!(counts.refusals(), expected);
        counts.over(401, Some("not_signed_in"));
        assert!(news.has_changed().expect("open"));
    }

    #[test]
    fn what_broke_off_or_failed_behind_the_door_is_no_refusal() {
        let counts = Counts::new();
        for (status, code) in [
            (499, Some("signed_out")),
            (200, Some("upstream_aborted")),
            (101, Some("stopping")),
            (502, Some("editor_unreachable")),
            (404, None),
            (0, None),
        ] {
            counts.over(status, code);
        }
        assert_eq!(counts.refusals(), Refusals::new());
        assert_eq!(counts.requests().by_class, [1, 1, 0, 2, 1]);
    }
}
