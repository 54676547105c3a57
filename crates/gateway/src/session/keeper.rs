//! Keeps the sessions' file up to date and ends sessions when their time has come.

use std::time::Duration;

use tokio::time::Instant;

use super::registry::Registry;
use super::store::SessionStore;

/// Use alone is written this long after it began, so that an editor in use costs one small write a minute.
const AFTER_USE: Duration = Duration::from_secs(60);
/// No sleep is longer: the clock it is measured by stands still while the machine is suspended, the sessions' does not.
const LONGEST_SLEEP: Duration = Duration::from_secs(600);

impl SessionStore {
    /// Saves changes at once and use once a minute, and ends sessions on time, until dropped.
    pub(crate) async fn keep(self) {
        let registry = self.registry();
        let mut save_at: Option<Instant> = None;
        loop {
            let wake = [
                Some(Instant::now() + LONGEST_SLEEP),
                save_at,
                next_expiry(registry),
            ];
            let wake = wake
                .into_iter()
                .flatten()
                .min()
                .expect("the first is always there");
            tokio::select! {
                () = registry.changed.notified() => {
                    save_at = None;
                    self.flush().await;
                    if self.trouble().is_some() {
                        save_at = Some(Instant::now() + AFTER_USE);
                    }
                }
                () = registry.touched.notified() => {
                    save_at.get_or_insert(Instant::now() + AFTER_USE);
                }
                () = tokio::time::sleep_until(wake) => {
                    registry.end_expired();
                    // So that a killed engine has not forgotten an editor that was open for days.
                    if save_at.is_none() && registry.has_tunnels() {
                        registry.note_use();
                    }
                    if save_at.is_some_and(|at| at <= Instant::now()) {
                        self.flush().await;
                        save_at = self.trouble().map(|_| Instant::now() + AFTER_USE);
                    }
                }
            }
        }
    }
}

fn next_expiry(registry: &Registry) -> Option<Instant> {
    // A second later: sessions end when their last second is over.
    let seconds = u64::try_from(registry.next_expiry()?).unwrap_or_default() + 1;
    Instant::now().checked_add(Duration::from_secs(seconds))
}
