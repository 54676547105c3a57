//! All sessions: looked up by every request without a lock, changed rarely.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use doorcode_settings::Problem;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::Notify;

use super::file::{self, Contents, Record};
use super::live::{Session, SessionView, SignInMethod};
use super::token::{Token, TokenHash, random_bytes};
use crate::tuning::SESSIONS;

/// Everybody who is signed in. Clones are the same store.
///
/// Changes are written to the file by the gateway that uses the store, or by [`SessionStore::flush`].
#[derive(Debug, Clone)]
pub struct SessionStore {
    inner: Arc<Inner>,
}

/// How long sessions last, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    #[serde(rename = "idle_seconds")]
    pub(crate) idle: i64,
    #[serde(rename = "absolute_seconds")]
    pub(crate) absolute: i64,
}

/// Somebody who signs in.
#[derive(Debug)]
pub(crate) struct Newcomer<'a> {
    pub(crate) client: String,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) method: SignInMethod,
    /// The session that the browser had until now.
    pub(crate) replaces: Option<Arc<Session>>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    path: PathBuf,
    /// Replaced as a whole: readers never wait.
    live: ArcSwap<HashMap<TokenHash, Arc<Session>>>,
    limits: ArcSwap<Limits>,
    /// Held while `live` is replaced.
    changing: Mutex<()>,
    /// Held while the file is written, so that an older state never overwrites a newer one.
    saving: Mutex<()>,
    unsaved: AtomicBool,
    trouble: Mutex<Option<Problem>>,
    /// Sessions came or went.
    pub(super) changed: Notify,
    /// Sessions were only used.
    pub(super) touched: Notify,
}

const DAY: i64 = 24 * 60 * 60;
/// In force until a gateway brings the settings' own.
const DEFAULT_LIMITS: Limits = Limits {
    idle: 7 * DAY,
    absolute: 30 * DAY,
};
/// As much of a browser's name as is kept.
const USER_AGENT_CHARS: usize = 200;
/// Random bytes of a session's short name: enough to tell a hundred apart and too few to type wrong.
const ID_BYTES: usize = 4;

impl SessionStore {
    /// Reads the sessions kept at `path`. A file that cannot be used is set aside as `….corrupt-<seconds>`, and the problem
    /// says so: then everybody signs in again. Blocking, but only for one small file.
    pub fn open(path: &Path) -> (SessionStore, Option<Problem>) {
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
        let inner = Inner {
            path: path.to_owned(),
            live: ArcSwap::from_pointee(
                sessions
                    .map(|session| (session.hash, Arc::new(session)))
                    .collect(),
            ),
            limits: ArcSwap::from_pointee(contents.limits),
            changing: Mutex::default(),
            saving: Mutex::default(),
            unsaved: AtomicBool::new(false),
            trouble: Mutex::default(),
            changed: Notify::new(),
            touched: Notify::new(),
        };
        let store = SessionStore {
            inner: Arc::new(inner),
        };
        store.inner.end_expired();
        (store, problem)
    }

    /// Everybody who is signed in, the longest first.
    pub fn list(&self) -> Vec<SessionView> {
        let (limits, now) = (self.inner.limits(), now());
        let mut views: Vec<_> = self
            .inner
            .live
            .load()
            .values()
            .map(|session| session.view(limits, now))
            .collect();
        views.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        views
    }

    /// Ends the session with this id, and closes its WebSockets. False when there is none.
    pub fn revoke(&self, id: &str) -> bool {
        self.inner.end_where(|session| session.id == id) > 0
    }

    /// Ends every session. Gives how many there were.
    pub fn revoke_all(&self) -> usize {
        self.inner.end_where(|_| true)
    }

    /// Why the last attempt to write the file failed, until one succeeds.
    pub fn trouble(&self) -> Option<Problem> {
        lock(&self.inner.trouble).clone()
    }

    /// Writes the file now if something has changed. A failure is [`SessionStore::trouble`]'s.
    pub async fn flush(&self) {
        let inner = self.inner.clone();
        // It fails only when the runtime ends, which takes the file's writer with it.
        let _ = tokio::task::spawn_blocking(move || inner.save()).await;
    }

    pub(crate) fn limit(&self, idle: Duration, absolute: Duration) {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let limits = Limits {
            idle: seconds(idle),
            absolute: seconds(absolute),
        };
        if self.inner.limits() != limits {
            self.inner.limits.store(Arc::new(limits));
            self.inner.end_expired();
            self.inner.note_change();
        }
    }

    /// The session of a token, which counts as use of it.
    pub(crate) fn find(&self, hash: &TokenHash) -> Option<Arc<Session>> {
        let session = self.inner.live.load().get(hash)?.clone();
        let now = now();
        if session.expires(self.inner.limits()) <= now {
            self.inner.end_expired();
            return None;
        }
        if session.touch(now) {
            self.inner.note_use();
        }
        Some(session)
    }

    /// Signs somebody in. The session that the browser had ends, unless an editor is still open in it.
    pub(crate) fn sign_in(&self, newcomer: Newcomer<'_>) -> (Token, Arc<Session>) {
        let now = now();
        let token = Token::generate();
        let id: String = random_bytes::<ID_BYTES>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let user_agent = newcomer
            .user_agent
            .map(|name| name.chars().take(USER_AGENT_CHARS).collect());
        let about = (newcomer.client, user_agent);
        let session = Arc::new(Session::new(id, token.hash(), (now, now), about, newcomer.method));
        let replaced = newcomer.replaces.filter(|old| old.tunnels() == 0);
        self.inner.change(|live| {
            if let Some(old) = replaced.and_then(|old| live.remove(&old.hash)) {
                old.finish();
            }
            if live.len() >= SESSIONS {
                let stalest = live
                    .values()
                    .min_by_key(|old| (old.tunnels() > 0, old.last_seen()))
                    .cloned();
                if let Some(old) = stalest.and_then(|old| live.remove(&old.hash)) {
                    old.finish();
                }
            }
            live.insert(session.hash, session.clone());
        });
        (token, session)
    }

    /// Ends this session, and closes its WebSockets.
    pub(crate) fn sign_out(&self, session: &Session) {
        self.inner.end_where(|other| other.hash == session.hash);
    }

    /// Counts a WebSocket in `session` for as long as the guard lives.
    pub(crate) fn tunnel(&self, session: &Arc<Session>) -> TunnelGuard {
        session.tunnel_opened();
        TunnelGuard {
            session: session.clone(),
            store: self.inner.clone(),
        }
    }

    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }
}

/// A WebSocket, counted in its session while this lives.
#[derive(Debug)]
pub(crate) struct TunnelGuard {
    session: Arc<Session>,
    store: Arc<Inner>,
}

impl Drop for TunnelGuard {
    fn drop(&mut self) {
        self.session.tunnel_closed(now());
        self.store.note_use();
    }
}

impl Inner {
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

    fn end_where(&self, wanted: impl Fn(&Session) -> bool) -> usize {
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

    fn change(&self, edit: impl FnOnce(&mut HashMap<TokenHash, Arc<Session>>)) {
        let changing = lock(&self.changing);
        let mut live = HashMap::clone(&self.live.load());
        edit(&mut live);
        self.live.store(Arc::new(live));
        drop(changing);
        self.note_change();
    }

    fn note_change(&self) {
        self.unsaved.store(true, Ordering::Release);
        self.changed.notify_one();
    }

    fn note_use(&self) {
        self.unsaved.store(true, Ordering::Release);
        self.touched.notify_one();
    }

    /// Writes the file if something has changed. Blocking.
    pub(super) fn save(&self) {
        let _saving = lock(&self.saving);
        if !self.unsaved.swap(false, Ordering::AcqRel) {
            return;
        }
        let sessions = self
            .live
            .load()
            .values()
            .map(|session| Record::of(session))
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

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, SessionStore) {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, problem) = SessionStore::open(&dir.path().join("sessions.json"));
        assert_eq!(problem, None, "no file yet");
        (dir, store)
    }

    fn newcomer() -> Newcomer<'static> {
        Newcomer {
            client: "127.0.0.1".into(),
            user_agent: Some("a browser"),
            method: SignInMethod::Password,
            replaces: None,
        }
    }

    #[tokio::test]
    async fn sessions_survive_a_restart_and_the_file_holds_no_token() {
        let (dir, store) = store();
        let (token, session) = store.sign_in(newcomer());
        store.flush().await;
        assert_eq!(store.trouble(), None);
        let text = std::fs::read_to_string(dir.path().join("sessions.json")).expect("written");
        assert!(
            !text.contains(token.expose()) && text.contains(&session.id),
            "{text}"
        );

        let (again, problem) = SessionStore::open(&dir.path().join("sessions.json"));
        assert_eq!(problem, None);
        assert_eq!(again.find(&token.hash()).expect("still signed in").id, session.id);
        assert_eq!(again.list(), store.list());
    }

    #[test]
    fn idle_and_absolute_limits_end_sessions() {
        let (_dir, store) = store();
        let (token, _) = store.sign_in(newcomer());
        store.limit(Duration::from_secs(60), Duration::from_secs(3600));
        assert!(store.find(&token.hash()).is_some());
        store.limit(Duration::ZERO, Duration::from_secs(3600));
        assert!(
            store.find(&token.hash()).is_none() && store.list().is_empty(),
            "idle"
        );

        store.limit(Duration::from_secs(60), Duration::from_secs(3600));
        let (token, session) = store.sign_in(newcomer());
        let guard = store.tunnel(&session);
        store.limit(Duration::ZERO, Duration::from_secs(3600));
        assert!(
            store.find(&token.hash()).is_some(),
            "an open editor counts as use"
        );
        store.limit(Duration::ZERO, Duration::ZERO);
        assert!(
            store.find(&token.hash()).is_none() && session.has_ended(),
            "the absolute limit spares nobody"
        );
        drop(guard);
    }

    #[test]
    fn revoking_ends_one_or_all() {
        let (_dir, store) = store();
        let (_, one) = store.sign_in(newcomer());
        let (token, _) = store.sign_in(newcomer());
        assert!(!store.revoke("unknown") && store.revoke(&one.id) && one.has_ended());
        assert!(store.find(&token.hash()).is_some());
        assert_eq!((store.revoke_all(), store.list().len()), (1, 0));
        assert!(store.find(&token.hash()).is_none());
    }

    #[test]
    fn the_stalest_session_makes_room() {
        let (_dir, store) = store();
        let (_, first) = store.sign_in(newcomer());
        let open = store.tunnel(&first);
        for _ in 0..SESSIONS + 5 {
            store.sign_in(newcomer());
        }
        assert_eq!(store.list().len(), SESSIONS);
        assert!(!first.has_ended(), "one with an open editor stays");
        drop(open);
    }

    #[test]
    fn signing_in_again_replaces_the_browsers_own_session() {
        let (_dir, store) = store();
        let (_, old) = store.sign_in(newcomer());
        store.sign_in(Newcomer {
            replaces: Some(old.clone()),
            ..newcomer()
        });
        assert!(old.has_ended());
        assert_eq!(store.list().len(), 1);
    }

    #[test]
    fn a_corrupt_file_is_set_aside() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("sessions.json");
        doorcode_settings::files::write_private(&path, b"{\"sessions\": [").expect("written");
        let (store, problem) = SessionStore::open(&path);
        assert_eq!(problem.expect("a problem").code, "sessions_unreadable");
        assert!(store.list().is_empty());
        let names: Vec<_> = std::fs::read_dir(dir.path())
            .expect("readable")
            .flatten()
            .map(|e| e.file_name())
            .collect();
        assert!(
            names
                .iter()
                .any(|name| name.to_string_lossy().starts_with("sessions.json.corrupt-")),
            "{names:?}"
        );
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_a_problem_and_not_a_crash() {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, _) = SessionStore::open(&dir.path().join("missing/sessions.json"));
        let (token, _) = store.sign_in(newcomer());
        store.flush().await;
        assert_eq!(store.trouble().expect("a problem").code, "sessions_not_saved");
        assert!(store.find(&token.hash()).is_some());
        std::fs::create_dir(dir.path().join("missing")).expect("created");
        store.flush().await;
        assert_eq!(store.trouble(), None, "written once it can be");
    }
}
