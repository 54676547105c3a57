//! Since when no window has held an extension host.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use doorcode_supervisor::{ExtensionHost, Identity};
use time::OffsetDateTime;

use super::view::LingeringHost;

/// A window that is only reconnecting comes back within seconds; its host is left alone for this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The hosts that were without a window when they were last looked at.
#[derive(Debug, Default)]
pub(crate) struct Lingering {
    hosts: HashMap<Identity, Unheld>,
    /// How often windows had connected again by then.
    reconnects: u64,
}

#[derive(Debug, Clone, Copy)]
struct Unheld {
    seen: Instant,
    since: OffsetDateTime,
    rss: u64,
}

impl Lingering {
    /// These are all hosts there are now, and windows have connected again so often.
    pub(super) fn seen(&mut self, hosts: &[ExtensionHost], reconnects: u64) {
        self.seen_at(hosts, reconnects, Instant::now());
    }

    fn seen_at(&mut self, hosts: &[ExtensionHost], reconnects: u64, now: Instant) {
        if reconnects != self.reconnects {
            // Any of them may have had its window back in between, however briefly.
            self.hosts.clear();
            self.reconnects = reconnects;
        }
        let unheld = hosts.iter().filter(|host| !host.held);
        self.hosts = unheld
            .map(|host| {
                let known = self.hosts.get(&host.id).copied();
                let first = Unheld {
                    seen: now,
                    since: OffsetDateTime::now_utc(),
                    rss: host.rss,
                };
                let unheld = Unheld {
                    rss: host.rss,
                    ..known.unwrap_or(first)
                };
                (host.id, unheld)
            })
            .collect();
    }

    /// Those whose window has been gone for so long that it is not just reconnecting, the largest first.
    pub(super) fn hosts(&self) -> Vec<LingeringHost> {
        let mut hosts: Vec<LingeringHost> = self
            .lingering(Instant::now())
            .map(|(id, unheld)| LingeringHost {
                pid: id.pid,
                rss_bytes: unheld.rss,
                since: unheld.since,
            })
            .collect();
        hosts.sort_by_key(|host| (std::cmp::Reverse(host.rss_bytes), host.pid));
        hosts
    }

    pub(super) fn identities(&self) -> Vec<Identity> {
        self.lingering(Instant::now()).map(|(id, _)| *id).collect()
    }

    fn lingering(&self, now: Instant) -> impl Iterator<Item = (&Identity, &Unheld)> {
        self.hosts
            .iter()
            .filter(move |(_, unheld)| now.duration_since(unheld.seen) >= PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(pid: u32, held: bool) -> ExtensionHost {
        ExtensionHost {
            id: Identity { pid, started: 1 },
            rss: u64::from(pid),
            held,
        }
    }

    fn pids(lingering: &Lingering, at: Instant) -> Vec<u32> {
        let mut pids: Vec<u32> = lingering.lingering(at).map(|(id, _)| id.pid).collect();
        pids.sort_unstable();
        pids
    }

    #[test]
    fn only_a_host_without_a_window_for_a_minute_on_end_lingers() {
        let mut lingering = Lingering::default();
        let start = Instant::now();
        lingering.seen_at(&[host(1, false), host(2, true), host(3, false)], 0, start);
        assert!(pids(&lingering, start + PATIENCE - Duration::from_millis(1)).is_empty());
        // The window of 1 came back for a moment, that of 2 has gone.
        let later = start + PATIENCE / 2;
        lingering.seen_at(&[host(1, true), host(2, false), host(3, false)], 0, later);
        lingering.seen_at(&[host(1, false), host(2, false), host(3, false)], 0, later);
        assert_eq!(pids(&lingering, start + PATIENCE), [3]);
        assert_eq!(pids(&lingering, later + PATIENCE), [1, 2, 3]);
    }

    #[test]
    fn a_window_that_came_back_unseen_begins_the_minute_anew() {
        let mut lingering = Lingering::default();
        let start = Instant::now();
        lingering.seen_at(&[host(1, false)], 0, start);
        lingering.seen_at(&[host(1, false)], 1, start + PATIENCE);
        assert!(pids(&lingering, start + PATIENCE).is_empty());
        assert_eq!(pids(&lingering, start + 2 * PATIENCE), [1]);
    }

    #[test]
    fn a_process_that_has_ended_and_another_with_its_number_are_not_the_same() {
        let mut lingering = Lingering::default();
        let start = Instant::now();
        lingering.seen_at(&[host(1, false)], 0, start);
        let other = ExtensionHost {
            id: Identity { pid: 1, started: 2 },
            ..host(1, false)
        };
        lingering.seen_at(&[other], 0, start + PATIENCE);
        assert!(pids(&lingering, start + PATIENCE).is_empty());
    }
}
