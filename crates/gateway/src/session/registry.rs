//! All sessions: looked up by every request without a lock, changed rarely, written to a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use doorcode_settings::Problem;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};

use super::file::{self, Contents, Record};
use super::live::Session;
use super::token::TokenHash;
use crate::tuning::SESSIONS;

/// The sessions in force, and what of them is not on disk yet.
#[derive(Debug)]
pub(crate) struct Registry {
    path: PathBuf,
    /// Replaced as a whole: readers never wait.
    live: ArcSwap<Live>,
    limits: ArcSwap<Limits>,
    /// Held while `live` is replaced.
    changing: Mutex<()>,
    /// How often everybody was signed out. Written while `changing` is held.
    epoch: AtomicU64,
    /// Of the rules by which a proxy's word lets people in. Written while `changing` is held.
    generation: AtomicU64,
    /// Held while the file is written, so that an older state never overwrites a newer one.
    saving: Mutex<()>,
    unsaved: AtomicBool,
    trouble: Mutex<Option<Problem>>,
    /// Sessions came or went.
    pub(super) changed: Notify,
    /// Sessions were only used.
    pub(super) touched: Notify,
    /// How many people have signed in since the file was read.
    pub(super) sign_ins: AtomicU64,
    /// Told when sessions come or go.
    pub(super) news: watch::Sender<()>,
}

/// The time between two occasions on which everybody was signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// Sessions by what is kept of their tokens.
pub(super) type Live = HashMap<TokenHash, Arc<Session>>;

/// How long sessions last, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    #[serde(rename = "idle_seconds")]
    pub(crate) idle: i64,
    #[serde(rename = "absolute_seconds")]
    pub(crate) absolute: i64,
}

const DAY: i64 = 24 * 60 * 60;
/// In force until a gateway brings the settings' own.
const DEFAULT_LIMITS: Limits = Limits {
    idle: 7 * DAY,
    absolute: 30 * DAY,
};
impl Registry {
    /// Reads the file at `path`; the problem says what was wrong with it. Blocking.
    pub(super) fn open(path: &Path) -> (Registry, Option<Problem>) {
        let (contents, problem) = match file::load(path, now()) {
            Ok(contents) => (contents, None),
            Err(problem) => (None, Some(problem)),
        };
        let contents = contents.unwrap_or(Contents {
            limits: DEFAULT_LIMITS,
            sessions: Vec::new(),
        });
        let sessions = contents
            .sessions
            .into_iter()
            .take(SESSIONS)
            .filter_map(Record::into_session);
        let registry = Registry {
            path: path.to_owned(),
            live: ArcSwap::from_pointee(
                sessions
                    .map(|session| (session.hash, Arc::new(session)))
                    .collect(),
            ),
            limits: ArcSwap::from_pointee(contents.limits),
            changing: Mutex::default(),
            epoch: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            saving: Mutex::default(),
            unsaved: AtomicBool::new(false),
            trouble: Mutex::default(),
            changed: Notify::new(),
            touched: Notify::new(),
            sign_ins: AtomicU64::new(0),
            news: watch::Sender::default(),
        };
        registry.end_expired();
        (registry, problem)
    }

    pub(super) fn live(&self) -> Guard<Arc<Live>> {
        self.live.load()
    }

    pub(super) fn trouble(&self) -> Option<Problem> {
        lock(&self.trouble).clone()
    }

    pub(super) fn limit(&self, limits: Limits) {
        if self.limits() == limits {
            return;
        }
        self.limits.store(Arc::new(limits));
        self.end_expired();
        self.note_change();
    }

    pub(super) fn limits(&self) -> Limits {
        **self.limits.load()
    }

    /// Seconds until the next session ends, if any is left.
    pub(super) fn next_expiry(&self) -> Option<i64> {
        let limits = self.limits();
        let next = self
            .live
            .load()
            .values()
            .map(|session| session.expires(limits))
            .min()?;
        Some((next - now()).max(0))
    }

    /// Whether an editor is open in any of them.
    pub(super) fn has_tunnels(&self) -> bool {
        self.live.load().values().any(|session| session.tunnels() > 0)
    }

    pub(super) fn end_expired(&self) {
        let (limits, now) = (self.limits(), now());
        if self
            .live
            .load()
            .values()
            .any(|session| session.expires(limits) <= now)
        {
            self.end_where(|session| session.expires(limits) <= now);
        }
    }

    pub(super) fn end_where(&self, wanted: impl Fn(&Session) -> bool) -> usize {
        let mut ended = 0;
        self.change(|live| {
            live.retain(|_, session| {
                let ends = wanted(session);
                if ends {
                    session.finish();
                    ended += 1;
                }
                !ends
            });
        });
        ended
    }

    /// Ends them all, and with them what was begun before: see [`Registry::epoch`].
    pub(super) fn end_all(&self) -> usize {
        let mut ended = 0;
        self.change(|live| {
            self.epoch.fetch_add(1, Ordering::AcqRel);
            for (_, session) in live.drain() {
                session.finish();
                ended += 1;
            }
        });
        ended
    }

    /// Grows whenever everybody is signed out; inside [`Registry::change`] it stands still.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Grows with [`Registry::next_generation`]; inside [`Registry::change`] it stands still.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Ends the sessions that are `wanted`, and begins another generation, in one step; gives its number.
    pub(super) fn next_generation(&self, wanted: impl Fn(&Session) -> bool) -> u64 {
        let mut number = 0;
        self.change(|live| {
            number = self.generation.fetch_add(1, Ordering::AcqRel) + 1;
            live.retain(|_, session| {
                let ends = wanted(session);
                if ends {
                    session.finish();
                }
                !ends
            });
        });
        number
    }

    pub(super) fn change(&self, edit: impl FnOnce(&mut Live)) {
        let changing = lock(&self.changing);
        let mut live = Live::clone(&self.live.load());
        edit(&mut live);
        self.live.store(Arc::new(live));
        drop(changing);
        self.note_change();
    }

    fn note_change(&self) {
        self.unsaved.store(true, Ordering::Release);
        self.changed.notify_one();
        self.news.send_replace(());
    }

    pub(super) fn note_use(&self) {
        self.unsaved.store(true, Ordering::Release);
        self.touched.notify_one();
    }

    /// Writes the file if something has changed. Blocking.
    pub(super) fn save(&self) {
        let _saving = lock(&self.saving);
        if !self.unsaved.swap(false, Ordering::AcqRel) {
            return;
        }
        let now = now();
        let sessions = self
            .live
            .load()
            .values()
            // Whom a proxy names has nothing of ours to come back with.
            .filter(|session| session.user.is_none())
            .map(|session| Record::of(session, now))
            .collect();
        let saved = file::save(
            &self.path,
            &Contents {
                limits: self.limits(),
                sessions,
            },
        );
        let trouble = saved.err().map(|error| file::not_saved(&self.path, &error));
        if let Some(problem) = &trouble {
            self.unsaved.store(true, Ordering::Release);
            tracing::warn!(code = problem.code, "{}", problem.message);
        }
        *lock(&self.trouble) = trouble;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
