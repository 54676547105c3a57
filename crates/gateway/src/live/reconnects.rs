//! How often a window had to connect again.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Windows remembered. Their tokens are the clients' own choice, so there is an end to it.
const WINDOWS: usize = 4096;

/// Counts, by window.
#[derive(Debug, Default)]
pub(crate) struct Reconnects {
    /// By what is made of the token, which is a secret of the window's.
    windows: Mutex<HashMap<u64, u32>>,
    hasher: RandomState,
    total: AtomicU64,
}

impl Reconnects {
    /// A WebSocket was opened with this query; gives how often its window has connected again by now.
    ///
    /// A window names itself by `reconnectionToken`, and says with `reconnection=true` that it was there before (VS Code,
    /// `remoteAgentConnection.ts`).
    pub(crate) fn opened(&self, query: Option<&str>) -> u32 {
        let Some((token, again)) = query.and_then(window) else {
            return 0;
        };
        let key = self.hasher.hash_one(token);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if !again {
            return windows.get(&key).copied().unwrap_or(0);
        }
        self.total.fetch_add(1, Ordering::Relaxed);
        if windows.len() >= WINDOWS && !windows.contains_key(&key) {
            windows.clear();
        }
        let count = windows.entry(key).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// All windows together, since the gateway started.
    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}

/// The window's token, and whether it was there before.
fn window(query: &str) -> Option<(&str, bool)> {
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    };
    let token = value("reconnectionToken").filter(|token| !token.is_empty())?;
    Some((token, value("reconnection") == Some("true")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(token: &str, again: bool) -> String {
        format!("reconnectionToken={token}&reconnection={again}&skipWebSocketFrames=false")
    }

    #[test]
    fn only_connecting_again_counts_and_each_window_for_itself() {
        let reconnects = Reconnects::default();
        for (token, again, expected) in [
            ("a", false, 0),
            ("a", true, 1),
            ("b", false, 0),
            ("a", true, 2),
            ("b", true, 1),
        ] {
            assert_eq!(
                reconnects.opened(Some(&query(token, again))),
                expected,
                "{token} {again}"
            );
        }
        assert_eq!(
            reconnects.opened(Some("reconnection=true")),
            0,
            "nobody in particular"
        );
        assert_eq!(reconnects.opened(None), 0);
        assert_eq!(reconnects.total(), 3);
    }

    #[test]
    fn memory_is_bounded() {
        let reconnects = Reconnects::default();
        for number in 0..2 * WINDOWS {
            reconnects.opened(Some(&query(&number.to_string(), true)));
        }
        let known = reconnects.windows.lock().expect("unpoisoned").len();
        assert!(known <= WINDOWS, "{known}");
    }
}
