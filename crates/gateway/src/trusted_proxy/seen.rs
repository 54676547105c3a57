//! Assertions that were verified a moment ago, so that the other requests of a page do not pay for the signature again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::key_set::Key;

/// A verified assertion.
pub(super) struct Verified {
    /// The value of the claim that names the user, if it is there.
    pub(super) user: Option<String>,
    pub(super) key: Arc<Key>,
    /// Seconds since 1970 from which it is too old.
    pub(super) until: i64,
}

/// SHA-256 of an assertion: the text itself, which lets whoever has it in, is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digested([u8; 32]);

impl Digested {
    pub(super) fn of(token: &[u8]) -> Digested {
        Digested(Sha256::digest(token).into())
    }
}

/// As many as two generations hold. Some proxies sign each request anew, so most are never seen again.
const GENERATION: usize = 512;

/// The assertions of the last minutes, so many at most.
#[derive(Default)]
pub(super) struct Seen {
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Digested, Arc<Verified>>,
    old: HashMap<Digested, Arc<Verified>>,
}

impl Seen {
    /// What was found out about this assertion, unless it is too old by now or its key was withdrawn.
    pub(super) fn find(&self, token: &Digested, now: i64) -> Option<Arc<Verified>> {
        let verified = {
            let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
            generations
                .young
                .get(token)
                .or_else(|| generations.old.get(token))?
                .clone()
        };
        (now < verified.until && !verified.key.withdrawn.is_cancelled()).then_some(verified)
    }

    pub(super) fn insert(&self, token: Digested, verified: Arc<Verified>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= GENERATION {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(token, verified);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trusted_proxy::key_set::KeySet;

    fn key() -> Arc<Key> {
        let json = br#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a",
            "x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;
        let set =
            KeySet::parse(json, &[doorcode_settings::trusted_proxy::Algorithm::Es256]).expect("a key set");
        set.find("a").expect("the key").clone()
    }

    fn verified(key: &Arc<Key>, until: i64) -> Arc<Verified> {
        Arc::new(Verified {
            user: None,
            key: key.clone(),
            until,
        })
    }

    #[test]
    fn an_assertion_is_remembered_until_its_end_or_its_keys() {
        let (seen, key, token) = (Seen::default(), key(), Digested::of(b"token"));
        assert!(seen.find(&token, 10).is_none());
        seen.insert(token, verified(&key, 20));
        assert!(seen.find(&token, 19).is_some() && seen.find(&token, 20).is_none());
        assert!(seen.find(&Digested::of(b"token2"), 19).is_none());
        key.withdrawn.cancel();
        assert!(seen.find(&token, 19).is_none());
    }

    #[test]
    fn memory_is_bounded_and_the_youngest_stay() {
        let (seen, key) = (Seen::default(), key());
        let token = |number: usize| Digested::of(&number.to_be_bytes());
        for number in 0..5 * GENERATION {
            seen.insert(token(number), verified(&key, 20));
        }
        let generations = seen.generations.lock().expect("nobody panicked");
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
        drop(generations);
        assert!(seen.find(&token(5 * GENERATION - GENERATION), 19).is_some());
    }
}
