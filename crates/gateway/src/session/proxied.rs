//! Sessions of people whom a proxy in front names. They have no token: the proxy says of each request whose it is. They are there so
//! that one can see who is connected, and end what somebody has open.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sha2::{Digest, Sha256};

use super::live::{Session, SignInMethod};
use super::registry::{Live, now};
use super::store::{SessionStore, kept_name, new_id};
use super::token::TokenHash;
use crate::tuning::{SESSIONS, SESSIONS_OF_USER};

/// A request of somebody whom the proxy names.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) user: &'a str,
    /// The client's address, as the proxy tells it.
    pub(crate) client: &'a str,
    pub(crate) user_agent: Option<&'a str>,
    /// Of the policy by which the proxy's word was believed.
    pub(crate) generation: u64,
    /// It is for the editor. One for the door's own pages signs nobody in: probes of this program ask for those.
    pub(crate) signs_in: bool,
}

impl SessionStore {
    /// The session of a user at one device; begins it with their first request for the editor. `None` when the policy that let them in is no longer in
    /// force.
    pub(crate) fn of_proxy(&self, arrival: &Arrival<'_>) -> Option<Arc<Session>> {
        let hash = arrival.hash();
        // Found first and compared then: a session of this generation is none of a later one, which other rules have let in.
        if let Some(session) = self.find(&hash)
            && self.generation() == arrival.generation
        {
            return Some(session);
        }
        let now = now();
        let about = (arrival.client.to_owned(), arrival.user_agent.map(kept_name));
        let begun =
            Session::new(new_id(), hash, (now, now), about, SignInMethod::Proxy).of_user(arrival.user);
        let mut session = None;
        let registry = self.registry();
        registry.change(|live| {
            if registry.generation() != arrival.generation {
                return;
            }
            // Another request of the same page may have been faster.
            if let Some(known) = live.get(&hash) {
                session = Some(known.clone());
                return;
            }
            if !arrival.signs_in {
                session = Some(Arc::new(begun));
                return;
            }
            make_room(live, arrival.user);
            let begun = Arc::new(begun);
            live.insert(hash, begun.clone());
            registry.sign_ins.fetch_add(1, Ordering::Relaxed);
            session = Some(begun);
        });
        session
    }

    /// Ends the sessions of users that are not to stay, and refuses whoever comes under a policy from before. Gives the number that the
    /// next policy's arrivals carry.
    pub(crate) fn end_proxied(&self, stays: impl Fn(&str) -> bool) -> u64 {
        self.registry()
            .next_generation(|session| session.user.as_deref().is_some_and(|user| !stays(user)))
    }

    /// The number of the policy in force; see [`SessionStore::end_proxied`].
    pub(crate) fn generation(&self) -> u64 {
        self.registry().generation()
    }

    /// Ends every session that was not begun by a proxy's word: where a proxy signs people in there is no other way in.
    pub(crate) fn end_signed_in(&self) {
        let is_one = |session: &Session| session.user.is_none();
        if self.registry().live().values().any(|session| is_one(session)) {
            self.registry().end_where(is_one);
        }
    }
}

/// One person cannot take the place of others: who has many devices loses the one that was idle longest.
fn make_room(live: &mut Live, user: &str) {
    let is_theirs = |session: &Arc<Session>| session.user.as_deref() == Some(user);
    if live.values().filter(|session| is_theirs(session)).count() >= SESSIONS_OF_USER {
        end_stalest(live, is_theirs);
    } else if live.len() >= SESSIONS {
        end_stalest(live, |_| true);
    }
}

fn end_stalest(live: &mut Live, may_go: impl Fn(&Arc<Session>) -> bool) {
    let stalest = live
        .values()
        .filter(|session| may_go(session))
        .min_by_key(|session| (session.tunnels() > 0, session.last_seen()))
        .cloned();
    if let Some(session) = stalest.and_then(|session| live.remove(&session.hash)) {
        session.finish();
    }
}

impl Arrival<'_> {
    /// What stands in a token's place. No cookie has this hash: a header's value has no zero byte.
    fn hash(&self) -> TokenHash {
        let mut hash = Sha256::new();
        for part in [
            "trusted-proxy",
            self.user,
            self.client,
            self.user_agent.unwrap_or_default(),
        ] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        TokenHash(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, SessionStore) {
        let dir = tempfile::tempdir().expect("a folder");
        let (store, problem) = SessionStore::open(&dir.path().join("sessions.json"));
        assert_eq!(problem, None);
        (dir, store)
    }

    fn arrival<'a>(user: &'a str, device: &'a str) -> Arrival<'a> {
        Arrival {
            user,
            client: "203.0.113.9",
            user_agent: Some(device),
            generation: 0,
            signs_in: true,
        }
    }

    fn arrive(store: &SessionStore, user: &str, device: &str) -> Arc<Session> {
        store
            .of_proxy(&arrival(user, device))
            .expect("the policy is in force")
    }

    #[test]
    fn whoever_asks_for_the_doors_own_pages_only_is_not_signed_in() {
        let (_dir, store) = store();
        let passing = Arrival {
            signs_in: false,
            ..arrival("a@x", "probe")
        };
        assert!(store.of_proxy(&passing).is_some());
        assert!(store.list().is_empty());
        assert_eq!(store.sign_ins(), 0);
        let signed_in = arrive(&store, "a@x", "probe");
        assert!(Arc::ptr_eq(
            &signed_in,
            &store.of_proxy(&passing).expect("theirs")
        ));
        store.end_proxied(|_| false);
        assert!(store.of_proxy(&passing).is_none(), "another policy is in force");
    }

    #[test]
    fn a_user_has_one_session_at_each_device() {
        let (_dir, store) = store();
        let one = arrive(&store, "a@x", "phone");
        assert!(Arc::ptr_eq(&one, &arrive(&store, "a@x", "phone")));
        arrive(&store, "a@x", "laptop");
        arrive(&store, "b@x", "phone");
        let mut users: Vec<_> = store.list().into_iter().filter_map(|view| view.user).collect();
        users.sort_unstable();
        assert_eq!(users, ["a@x", "a@x", "b@x"]);
        assert_eq!(store.list()[0].method, SignInMethod::Proxy);
    }

    #[tokio::test]
    async fn they_are_not_kept_on_disk() {
        let (dir, store) = store();
        arrive(&store, "a@x", "phone");
        store.flush().await;
        let text = std::fs::read_to_string(dir.path().join("sessions.json")).expect("written");
        assert!(
            !text.contains("a@x") && text.contains("\"sessions\":[]"),
            "{text}"
        );
    }

    #[test]
    fn revoking_ends_what_is_open_and_the_proxy_may_bring_them_back() {
        let (_dir, store) = store();
        let session = arrive(&store, "a@x", "phone");
        assert!(store.revoke(&session.id) && session.has_ended());
        let again = arrive(&store, "a@x", "phone");
        assert!(!again.has_ended() && again.id != session.id);
    }

    #[test]
    fn another_policy_ends_those_whom_it_does_not_let_in() {
        let (_dir, store) = store();
        let (stays, goes) = (arrive(&store, "a@x", "phone"), arrive(&store, "b@x", "phone"));
        let generation = store.end_proxied(|user| user == "a@x");
        assert!(!stays.has_ended() && goes.has_ended());
        assert!(
            store.of_proxy(&arrival("c@x", "phone")).is_none(),
            "let in by the old policy"
        );
        let now = Arrival {
            generation,
            ..arrival("c@x", "phone")
        };
        assert!(store.of_proxy(&now).is_some());
    }

    #[test]
    fn whom_the_old_rules_let_in_gets_no_session_of_the_new_ones() {
        let (_dir, store) = store();
        arrive(&store, "a@x", "phone");
        let generation = store.end_proxied(|_| false);
        let new = Arrival {
            generation,
            ..arrival("a@x", "phone")
        };
        let session = store.of_proxy(&new).expect("the policy is in force");
        assert!(
            store.of_proxy(&arrival("a@x", "phone")).is_none(),
            "by the old rules, at the device of somebody whom the new ones let in"
        );
        assert!(Arc::ptr_eq(&session, &store.of_proxy(&new).expect("still there")));
    }

    #[test]
    fn one_person_does_not_crowd_out_the_others() {
        let (_dir, store) = store();
        let other = arrive(&store, "b@x", "phone");
        for device in 0..3 * SESSIONS {
            arrive(&store, "a@x", &device.to_string());
        }
        assert!(!other.has_ended());
        assert_eq!(store.list().len(), 1 + SESSIONS_OF_USER);
    }
}
