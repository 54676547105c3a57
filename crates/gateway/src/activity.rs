//! When a connection has to be closed because nothing happens on it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::time::{Duration, Instant};

use crate::config::Timing;

/// What a connection is doing. Written on its hot path: a few relaxed atomics, and the clock once a request.
#[derive(Debug)]
pub(crate) struct Activity {
    opened: Instant,
    requests: AtomicU32,
    in_flight: AtomicU32,
    /// Milliseconds after `opened`.
    idle_since: AtomicU64,
    /// The same, plus one; 0 while no head is half read.
    head_since: AtomicU64,
}

/// How to close a connection whose time is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// At once: the client keeps us waiting in the middle of something.
    Now(Instant),
    /// In good order: it only has nothing to ask.
    Gracefully(Instant),
}

impl Default for Activity {
    fn default() -> Self {
        Activity {
            opened: Instant::now(),
            requests: AtomicU32::new(0),
            in_flight: AtomicU32::new(0),
            idle_since: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
        }
    }
}

impl Activity {
    /// A request has arrived.
    pub(crate) fn begin(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Its response is sent, given up, or a page of ours that only waits for the client. `now` is the time of that.
    pub(crate) fn end(&self, now: Instant) {
        self.idle_since.store(self.millis(now), Ordering::Relaxed);
        self.in_flight.fetch_sub(1, Ordering::Release);
    }

    /// A head has begun and not ended, or no longer so. A head that goes on keeps its beginning.
    pub(crate) fn head_is_partial(&self, partial: bool) {
        let since = self.head_since.load(Ordering::Relaxed);
        match (partial, since) {
            (true, 0) => self
                .head_since
                .store(self.millis(Instant::now()) + 1, Ordering::Relaxed),
            (false, 1..) => self.head_since.store(0, Ordering::Relaxed),
            _ => {}
        }
    }

    /// When the connection is to be closed if nothing changes; `None` while a request is decided on or
    /// passed on. Pages of ours are for anybody, so they hold no connection open: one whose client takes none of it is idle.
    pub(crate) fn expiry(&self, timing: &Timing) -> Option<Expiry> {
        if self.in_flight.load(Ordering::Acquire) > 0 {
            return None;
        }
        match self.head_since.load(Ordering::Relaxed) {
            0 if self.requests.load(Ordering::Relaxed) == 0 => Some(Expiry::Now(self.opened + timing.head)),
            0 => {
                let since = self.opened + Duration::from_millis(self.idle_since.load(Ordering::Relaxed));
                Some(Expiry::Gracefully(since + timing.idle))
            }
            since => Some(Expiry::Now(
                self.opened + Duration::from_millis(since - 1) + timing.head,
            )),
        }
    }

    fn millis(&self, at: Instant) -> u64 {
        // 64 bits of milliseconds are half a billion years.
        at.saturating_duration_since(self.opened).as_millis() as u64
    }
}

impl Expiry {
    /// The time of it.
    pub(crate) fn at(self) -> Instant {
        match self {
            Expiry::Now(at) | Expiry::Gracefully(at) => at,
        }
    }
}
