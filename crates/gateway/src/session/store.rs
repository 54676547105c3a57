//! The sessions as the rest of the program sees them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use doorcode_settings::Problem;
use tokio::sync::watch;

use super::live::{Session, SessionView, SignInMethod};
use super::registry::{Epoch, Limits, Registry, now};
use super::token::{Token, TokenHash, random_bytes};
use crate::tuning::SESSIONS;

/// Everybody who is signed in. Clones are the same store.
///
/// Changes are written to the file by the gateway that uses the store, or by [`SessionStore::flush`].
#[derive(Debug, Clone)]
pub struct SessionStore {
    registry: Arc<Registry>,
}

/// Somebody who signs in.
#[derive(Debug)]
pub(crate) struct Newcomer<'a> {
    pub(crate) client: String,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) method: SignInMethod,
    /// When they began to prove who they are.
    pub(crate) since: Epoch,
    /// The session that the browser had until now.
    pub(crate) replaces: Option<Arc<Session>>,
}

/// As much of a browser's name as is kept.
const USER_AGENT_CHARS: usize = 200;
/// Random bytes of a session's short name: enough to tell a hundred apart and too few to type wrong.
const ID_BYTES: usize = 4;

impl SessionStore {
    /// Reads the sessions kept at `path`. A file that cannot be used is set aside as `….corrupt-<seconds>`, and the problem
    /// says so: then everybody signs in again. Blocking, but only for one small file.
    pub fn open(path: &Path) -> (SessionStore, Option<Problem>) {
        let (registry, problem) = Registry::open(path);
        let store = SessionStore {
            registry: Arc::new(registry),
        };
        (store, problem)
    }

    /// Everybody who is signed in, the longest first.
    pub fn list(&self) -> Vec<SessionView> {
        let (limits, now) = (self.registry.limits(), now());
        let mut views: Vec<_> = self
            .registry
            .live()
            .values()
            .map(|session| session.view(limits, now))
            .collect();
        views.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        views
    }

    /// Ends the session with this id, and closes its WebSockets. False when there is none.
    pub fn revoke(&self, id: &str) -> bool {
        self.registry.end_where(|session| session.id == id) > 0
    }

    /// Ends every session, and refuses whoever is just signing in. Gives how many sessions there were.
    pub fn revoke_all(&self) -> usize {
        self.registry.end_all()
    }

    /// How many people have signed in since the store was opened, those who have left again included.
    pub fn sign_ins(&self) -> u64 {
        self.registry.sign_ins.load(Ordering::Relaxed)
    }

    /// Why the last attempt to write the file failed, until one succeeds.
    pub fn trouble(&self) -> Option<Problem> {
        self.registry.trouble()
    }

    /// Writes the file now if something has changed. A failure is [`SessionStore::trouble`]'s.
    pub async fn flush(&self) {
        let registry = self.registry.clone();
        // It fails only when the runtime ends, which takes the file's writer with it.
        let _ = tokio::task::spawn_blocking(move || registry.save()).await;
    }

    pub(crate) fn limit(&self, idle: Duration, absolute: Duration) {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let limits = Limits {
            idle: seconds(idle),
            absolute: seconds(absolute),
        };
        self.registry.limit(limits);
    }

    /// The session of a token, which counts as use of it.
    pub(crate) fn find(&self, hash: &TokenHash) -> Option<Arc<Session>> {
        let session = self.registry.live().get(hash)?.clone();
        let now = now();
        if session.expires(self.registry.limits()) <= now {
            self.registry.end_expired();
            return None;
        }
        if session.touch(now) {
            self.registry.note_use();
        }
        Some(session)
    }

    /// To be taken before a password or a link is looked at, and to be shown when that lets somebody in.
    pub(crate) fn epoch(&self) -> Epoch {
        self.registry.epoch()
    }

    /// Signs somebody in. The session that the browser had ends, unless an editor is still open in it.
    ///
    /// `None` when everybody was signed out since they began: what let them in may no longer be good.
    pub(crate) fn sign_in(&self, newcomer: Newcomer<'_>) -> Option<(Token, Arc<Session>)> {
        let now = now();
        let token = Token::generate();
        let about = (newcomer.client, newcomer.user_agent.map(kept_name));
        let session = Arc::new(Session::new(
            new_id(),
            token.hash(),
            (now, now),
            about,
            newcomer.method,
        ));
        let replaced = newcomer.replaces.filter(|old| old.tunnels() == 0);
        let mut in_time = false;
        self.registry.change(|live| {
            in_time = self.registry.epoch() == newcomer.since;
            if !in_time {
                return;
            }
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
            self.registry.sign_ins.fetch_add(1, Ordering::Relaxed);
        });
        in_time.then_some((token, session))
    }

    /// Ends this session, and closes its WebSockets.
    pub(crate) fn sign_out(&self, session: &Session) {
        self.registry.end_where(|other| other.hash == session.hash);
    }

    /// Counts a WebSocket in `session` for as long as the guard lives.
    pub(crate) fn tunnel(&self, session: &Arc<Session>) -> TunnelGuard {
        session.tunnel_opened();
        self.registry.news.send_replace(());
        TunnelGuard {
            session: session.clone(),
            store: self.registry.clone(),
        }
    }

    /// Told when sessions come or go, or an editor in one; the gateway tells it of more.
    pub(crate) fn news(&self) -> watch::Sender<()> {
        self.registry.news.clone()
    }

    pub(super) fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }
}

/// A short name for a session.
pub(super) fn new_id() -> String {
    random_bytes::<ID_BYTES>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What is kept of a browser's name.
pub(super) fn kept_name(user_agent: &str) -> String {
    user_agent.chars().take(USER_AGENT_CHARS).collect()
}

/// A WebSocket, counted in its session while this lives.
#[derive(Debug)]
pub(crate) struct TunnelGuard {
    session: Arc<Session>,
    store: Arc<Registry>,
}

impl Drop for TunnelGuard {
    fn drop(&mut self) {
        self.session.tunnel_closed(now());
        self.store.note_use();
        self.store.news.send_replace(());
    }
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

    fn newcomer(store: &SessionStore) -> Newcomer<'static> {
        Newcomer {
            since: store.epoch(),
            client: "127.0.0.1".into(),
            user_agent: Some("a browser"),
            method: SignInMethod::Password,
            replaces: None,
        }
    }

    fn sign_in(store: &SessionStore) -> (Token, Arc<Session>) {
        store
            .sign_in(newcomer(store))
            .expect("nobody was signed out meanwhile")
    }

    #[test]
    fn whoever_began_before_everybody_was_signed_out_is_not_let_in() {
        let (_dir, store) = store();
        let late = newcomer(&store);
        assert_eq!(store.revoke_all(), 0);
        assert!(store.sign_in(late).is_none() && store.list().is_empty());
        sign_in(&store);
        assert_eq!(store.list().len(), 1);
    }

    #[tokio::test]
    async fn sessions_survive_a_restart_and_the_file_holds_no_token() {
        let (dir, store) = store();
        let (token, session) = sign_in(&store);
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
        let (token, _) = sign_in(&store);
        store.limit(Duration::from_secs(60), Duration::from_secs(3600));
        assert!(store.find(&token.hash()).is_some());
        store.limit(Duration::ZERO, Duration::from_secs(3600));
        assert!(
            store.find(&token.hash()).is_none() && store.list().is_empty(),
            "idle"
        );

        store.limit(Duration::from_secs(60), Duration::from_secs(3600));
        let (token, session) = sign_in(&store);
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
    fn an_editor_that_opens_or_closes_is_news() {
        let (_dir, store) = store();
        let (_, session) = sign_in(&store);
        let mut news = store.news().subscribe();
        let is_news = |news: &mut watch::Receiver<()>| {
            let changed = news.has_changed().expect("the store is there");
            news.mark_unchanged();
            changed
        };
        let open = store.tunnel(&session);
        assert!(is_news(&mut news));
        drop(open);
        assert!(is_news(&mut news));
    }

    #[test]
    fn revoking_ends_one_or_all() {
        let (_dir, store) = store();
        let (_, one) = sign_in(&store);
        let (token, _) = sign_in(&store);
        assert!(!store.revoke("unknown") && store.revoke(&one.id) && one.has_ended());
        assert!(store.find(&token.hash()).is_some());
        assert_eq!((store.revoke_all(), store.list().len()), (1, 0));
        assert!(store.find(&token.hash()).is_none());
    }

    #[test]
    fn the_stalest_session_makes_room() {
        let (_dir, store) = store();
        let (_, first) = sign_in(&store);
        let open = store.tunnel(&first);
        for _ in 0..SESSIONS + 5 {
            sign_in(&store);
        }
        assert_eq!(store.list().len(), SESSIONS);
        assert!(!first.has_ended(), "one with an open editor stays");
        drop(open);
    }

    #[test]
    fn signing_in_again_replaces_the_browsers_own_session() {
        let (_dir, store) = store();
        let (_, old) = sign_in(&store);
        let again = store.sign_in(Newcomer {
            replaces: Some(old.clone()),
            ..newcomer(&store)
        });
        assert!(again.is_some());
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
        let (token, _) = sign_in(&store);
        store.flush().await;
        assert_eq!(store.trouble().expect("a problem").code, "sessions_not_saved");
        assert!(store.find(&token.hash()).is_some());
        std::fs::create_dir(dir.path().join("missing")).expect("created");
        store.flush().await;
        assert_eq!(store.trouble(), None, "written once it can be");
    }
}
