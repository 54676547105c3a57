//! The keys in force: fetched before they are needed, again from time to time, and at once when somebody signs with a new one.
//!
//! One fetch runs at a time, and whoever needs it waits for the same one. What a client can ask for costs at most one fetch a minute:
//! a flood of key ids that nobody has published reaches nobody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use doorcode_settings::trusted_proxy::Algorithm;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::fetch::{FetchError, Fetcher};
use super::key_set::{Key, KeySet};

/// How often is fetched.
struct Pace {
    /// While everything is well. A key that is withdrawn is believed for as long.
    refresh: Duration,
    /// For a key id that is not known, at most.
    unknown: Duration,
    /// After a failure; doubled up to [`LONGEST_RETRY`].
    retry: Duration,
    /// Keys that could not be fetched again for so long are no longer believed: one of them may have been withdrawn.
    stale: Duration,
}

const LONGEST_RETRY: Duration = Duration::from_secs(60);

const OF_SERVER: Pace = Pace {
    refresh: Duration::from_secs(15 * 60),
    unknown: Duration::from_secs(60),
    retry: Duration::from_secs(5),
    stale: Duration::from_secs(24 * 60 * 60),
};
const OF_FILE: Pace = Pace {
    refresh: Duration::from_secs(30),
    unknown: Duration::from_secs(1),
    retry: Duration::from_secs(1),
    stale: Duration::from_secs(24 * 60 * 60),
};

/// The keys of one source. They are kept up to date until this is dropped.
pub(super) struct Keys {
    store: Arc<Store>,
    keeper: AbortHandle,
}

struct Store {
    fetcher: Fetcher,
    accepted: Vec<Algorithm>,
    pace: Pace,
    /// Where fetching runs: not on the thread of a connection, whose end must not end it.
    runtime: Handle,
    held: ArcSwapOption<Held>,
    /// Held while fetching.
    turn: tokio::sync::Mutex<Turn>,
    /// The failure that was last told in the log, so that each is told once.
    told: Mutex<Option<String>>,
}

struct Held {
    set: KeySet,
    at: Instant,
}

#[derive(Default)]
struct Turn {
    /// The last attempt, if it failed.
    failed: Option<Instant>,
    /// The last fetch that a key id caused.
    unknown: Option<Instant>,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// Its id is none that is published.
    Unknown,
    /// What is published cannot be had.
    Unavailable,
}

impl Keys {
    /// Starts to fetch. Must be called on a tokio runtime.
    pub(super) fn keep(fetcher: Fetcher, accepted: Vec<Algorithm>) -> Keys {
        let pace = if fetcher.is_local() { OF_FILE } else { OF_SERVER };
        Keys::keep_at(pace, fetcher, accepted)
    }

    fn keep_at(pace: Pace, fetcher: Fetcher, accepted: Vec<Algorithm>) -> Keys {
        let runtime = Handle::current();
        let store = Arc::new(Store {
            pace,
            fetcher,
            accepted,
            runtime: runtime.clone(),
            held: ArcSwapOption::empty(),
            turn: tokio::sync::Mutex::default(),
            told: Mutex::default(),
        });
        let keeper = runtime.spawn(store.clone().refresh()).abort_handle();
        Keys { store, keeper }
    }

    /// Whether what was fetched last may still be believed.
    pub(super) fn are_usable(&self) -> bool {
        self.store.usable().is_some()
    }

    /// The key with this id; fetches when there is none.
    pub(super) async fn find(&self, id: &str) -> Result<Arc<Key>, NoKey> {
        if let Some(key) = self.store.known(id) {
            return Ok(key);
        }
        let (store, id) = (self.store.clone(), id.to_owned());
        let finding = self
            .store
            .runtime
            .spawn(async move { store.fetch_for(&id).await });
        finding.await.unwrap_or(Err(NoKey::Unavailable))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Store {
    fn usable(&self) -> Option<Arc<Held>> {
        self.held
            .load_full()
            .filter(|held| held.at.elapsed() < self.pace.stale)
    }

    fn known(&self, id: &str) -> Option<Arc<Key>> {
        self.usable()?.set.find(id).cloned()
    }

    async fn fetch_for(&self, id: &str) -> Result<Arc<Key>, NoKey> {
        let mut turn = self.turn.lock().await;
        // Somebody may have fetched it while this waited.
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        let within = |at: Option<Instant>, pause: Duration| at.is_some_and(|at| at.elapsed() < pause);
        let usable = self.usable().is_some();
        if usable && within(turn.unknown, self.pace.unknown) {
            return Err(NoKey::Unknown);
        }
        if !usable && within(turn.failed, self.pace.retry) {
            return Err(NoKey::Unavailable);
        }
        if usable {
            turn.unknown = Some(Instant::now());
        }
        match self.fetch(&mut turn, Some(id)).await {
            Ok(()) | Err(FetchError::NoSuchKey) => self.known(id).ok_or(NoKey::Unknown),
            Err(_) => Err(NoKey::Unavailable),
        }
    }

    async fn refresh(self: Arc<Self>) {
        let mut retry = self.pace.retry;
        loop {
            let fetched = {
                let mut turn = self.turn.lock().await;
                self.fetch(&mut turn, None).await
            };
            let pause = match fetched {
                Ok(()) => {
                    retry = self.pace.retry;
                    self.pace.refresh
                }
                Err(_) => {
                    let pause = retry;
                    retry = LONGEST_RETRY.min(retry * 2);
                    pause
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn fetch(&self, turn: &mut Turn, wanted: Option<&str>) -> Result<(), FetchError> {
        let held = self.held.load_full();
        let known = held.iter().flat_map(|held| held.set.ids().cloned()).collect();
        let fetched = self.fetcher.fetch(known, wanted, &self.accepted).await;
        turn.failed = fetched.is_err().then(Instant::now);
        match fetched {
            Ok(set) => {
                let set = match &held {
                    Some(held) => set.replace(&held.set),
                    None => set,
                };
                let at = Instant::now();
                self.held.store(Some(Arc::new(Held { set, at })));
                self.tell(None);
                Ok(())
            }
            Err(error) => {
                self.tell(Some(error.to_string()));
                Err(error)
            }
        }
    }

    fn tell(&self, failure: Option<String>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told == failure {
            return;
        }
        match &failure {
            Some(failure) => tracing::warn!(
                code = "trusted_proxy_assertion_keys_unavailable",
                "the keys of the proxy's assertions: {failure}"
            ),
            None => tracing::info!("the keys of the proxy's assertions can be read again"),
        }
        *told = failure;
    }
}

#[cfg(test)]
mod tests {
    use doorcode_settings::trusted_proxy::KeySource;

    use super::*;

    const KEYS: &[u8] = br#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a",
        "x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;

    /// Waits until `keys` say so about key `a`.
    async fn becomes(keys: &Keys, wanted: Result<(), NoKey>) {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let found = keys.find("a").await.map(|_| ());
            if found == wanted {
                return;
            }
            assert!(Instant::now() < deadline, "{found:?}, and never {wanted:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn keys_outlive_their_source_for_a_while_and_no_longer() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("keys.json");
        doorcode_settings::files::write_private(&path, KEYS).expect("written");
        let fetcher = Fetcher::new(&KeySource::File(path.clone()), &[]).expect("a file needs no client");
        let pace = Pace {
            refresh: Duration::from_millis(10),
            unknown: Duration::from_millis(10),
            retry: Duration::from_millis(10),
            stale: Duration::from_millis(400),
        };
        let keys = Keys::keep_at(pace, fetcher, vec![Algorithm::Es256]);
        becomes(&keys, Ok(())).await;
        std::fs::remove_file(&path).expect("removed");
        let gone = Instant::now();
        assert!(keys.find("a").await.is_ok(), "still believed");
        becomes(&keys, Err(NoKey::Unavailable)).await;
        assert!(gone.elapsed() > Duration::from_millis(300) && !keys.are_usable());
        doorcode_settings::files::write_private(&path, KEYS).expect("written");
        becomes(&keys, Ok(())).await;
    }
}
