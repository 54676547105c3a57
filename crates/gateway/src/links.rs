//! One-time links: whoever opens one is signed in.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::local_path::LocalPath;
use crate::session::{Token, TokenHash};
use crate::tuning::LINKS;

/// The links that can still be opened. They end with the engine.
#[derive(Debug, Default)]
pub(crate) struct Links {
    open: Mutex<HashMap<TokenHash, Link>>,
}

#[derive(Debug)]
struct Link {
    ends: Instant,
    to: LocalPath,
}

impl Links {
    /// A new code, good once and for `ttl`, that leads to `to`.
    pub(crate) fn mint(&self, ttl: Duration, to: LocalPath) -> Token {
        let now = Instant::now();
        let token = Token::generate();
        let mut open = self.lock();
        open.retain(|_, link| link.ends > now);
        if open.len() >= LINKS {
            let first = open
                .iter()
                .min_by_key(|(_, link)| link.ends)
                .map(|(hash, _)| *hash);
            first.and_then(|hash| open.remove(&hash));
        }
        open.insert(token.hash(), Link { ends: now + ttl, to });
        token
    }

    /// Uses the code up. `None` when it is unknown, used or too old.
    pub(crate) fn redeem(&self, code: &str) -> Option<LocalPath> {
        let hash = TokenHash::of(code)?;
        let link = self.lock().remove(&hash)?;
        (link.ends > Instant::now()).then_some(link.to)
    }

    /// Makes all of them void.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenHash, Link>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_link_works_once() {
        let links = Links::default();
        let code = links.mint(MINUTE, LocalPath::parse("/?folder=/x").expect("local"));
        assert_eq!(
            links.redeem(code.expose()).expect("the first time").as_str(),
            "/?folder=/x"
        );
        assert!(links.redeem(code.expose()).is_none());
    }

    #[test]
    fn a_link_ends_and_a_wrong_one_never_works() {
        let links = Links::default();
        let code = links.mint(Duration::ZERO, LocalPath::root());
        assert!(links.redeem(code.expose()).is_none(), "ended");
        assert!(links.redeem(Token::generate().expose()).is_none() && links.redeem("").is_none());
    }

    #[test]
    fn the_number_of_links_is_bounded() {
        let links = Links::default();
        let first = links.mint(MINUTE, LocalPath::root());
        for _ in 0..LINKS {
            links.mint(2 * MINUTE, LocalPath::root());
        }
        assert_eq!(links.lock().len(), LINKS);
        assert!(links.redeem(first.expose()).is_none());
    }
}
