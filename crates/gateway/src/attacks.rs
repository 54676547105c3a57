//! Who has been guessing passwords: what the limiter turned away, and the wrong passwords around it.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::limiter;

/// How far back is looked.
const WINDOW: Duration = Duration::from_secs(10 * 60);
/// What is counted together.
const SLICE: Duration = Duration::from_secs(60);
/// Addresses remembered of each slice; those beyond are only counted.
const ADDRESSES: usize = 256;
/// Addresses named.
const NAMED: usize = 3;

/// Wrong passwords of the last 10 minutes, while somebody was turned away in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInAttack {
    /// Wrong passwords.
    pub wrong: u64,
    /// Further attempts that were turned away unread.
    pub turned_away: u64,
    /// From how many addresses all of them came; an IPv6 network (/64) is one, and so is this machine. At least that many
    /// when there were very many.
    pub addresses: usize,
    /// The busiest of them, at most three, the busiest first.
    pub from: Vec<IpAddr>,
}

/// Counts, by minute and address.
#[derive(Debug)]
pub(crate) struct Attacks {
    slices: Mutex<VecDeque<Slice>>,
    news: watch::Sender<()>,
}

#[derive(Debug)]
struct Slice {
    began: Instant,
    wrong: u64,
    turned_away: u64,
    by_address: HashMap<IpAddr, u64>,
}

impl Attacks {
    /// Tells `news` when an attack begins or goes on.
    pub(crate) fn new(news: watch::Sender<()>) -> Attacks {
        Attacks {
            slices: Mutex::default(),
            news,
        }
    }

    /// A wrong password.
    pub(crate) fn wrong(&self, peer: IpAddr) {
        self.count(peer, Instant::now(), |slice| slice.wrong += 1);
    }

    /// An attempt beyond the limit.
    pub(crate) fn turned_away(&self, peer: IpAddr) {
        self.count(peer, Instant::now(), |slice| slice.turned_away += 1);
        self.news.send_replace(());
    }

    /// What there is to say now; `None` while nobody was turned away.
    pub(crate) fn now(&self) -> Option<SignInAttack> {
        self.at(Instant::now())
    }

    fn count(&self, peer: IpAddr, now: Instant, add: impl FnOnce(&mut Slice)) {
        let mut slices = self.recent(now);
        if slices.back().is_none_or(|slice| now - slice.began >= SLICE) {
            slices.push_back(Slice {
                began: now,
                wrong: 0,
                turned_away: 0,
                by_address: HashMap::new(),
            });
        }
        let Some(slice) = slices.back_mut() else { return };
        add(slice);
        let address = limiter::client(peer);
        if let Some(count) = slice.by_address.get_mut(&address) {
            *count += 1;
        } else if slice.by_address.len() < ADDRESSES {
            slice.by_address.insert(address, 1);
        }
    }

    fn at(&self, now: Instant) -> Option<SignInAttack> {
        let slices = self.recent(now);
        let turned_away = slices.iter().map(|slice| slice.turned_away).sum();
        if turned_away == 0 {
            return None;
        }
        let mut by_address: HashMap<IpAddr, u64> = HashMap::new();
        for (address, count) in slices.iter().flat_map(|slice| &slice.by_address) {
            *by_address.entry(*address).or_default() += count;
        }
        let mut busiest: Vec<(IpAddr, u64)> = by_address.into_iter().collect();
        busiest.sort_by_key(|(address, count)| (std::cmp::Reverse(*count), *address));
        Some(SignInAttack {
            wrong: slices.iter().map(|slice| slice.wrong).sum(),
            turned_away,
            addresses: busiest.len(),
            from: busiest.iter().take(NAMED).map(|(address, _)| *address).collect(),
        })
    }

    /// The slices of which a part is within the window.
    fn recent(&self, now: Instant) -> MutexGuard<'_, VecDeque<Slice>> {
        let mut slices = self.slices.lock().unwrap_or_else(PoisonError::into_inner);
        while slices
            .front()
            .is_some_and(|slice| now - slice.began >= WINDOW + SLICE)
        {
            slices.pop_front();
        }
        slices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn attacks() -> Attacks {
        Attacks::new(watch::Sender::default())
    }

    #[test]
    fn wrong_passwords_alone_are_no_attack() {
        let attacks = attacks();
        attacks.wrong(ip("10.0.0.1"));
        assert_eq!(attacks.now(), None);
    }

    #[test]
    fn an_attack_names_the_busiest_addresses_and_counts_the_others() {
        let attacks = attacks();
        let mut told = attacks.news.subscribe();
        for host in 1..=5 {
            for _ in 0..host {
                attacks.wrong(ip(&format!("10.0.0.{host}")));
            }
        }
        assert!(!told.has_changed().expect("open"));
        attacks.turned_away(ip("10.0.0.5"));
        assert!(told.has_changed().expect("open"));
        told.mark_unchanged();
        let expected = SignInAttack {
            wrong: 15,
            turned_away: 1,
            addresses: 5,
            from: ["10.0.0.5", "10.0.0.4", "10.0.0.3"].map(ip).to_vec(),
        };
        assert_eq!(attacks.now(), Some(expected));
    }

    #[test]
    fn it_is_over_ten_minutes_after_the_last_one_was_turned_away() {
        let attacks = attacks();
        let start = Instant::now();
        attacks.count(ip("::1"), start, |slice| slice.turned_away += 1);
        attacks.count(ip("::1"), start + WINDOW, |slice| slice.wrong += 1);
        assert!(attacks.at(start + WINDOW).is_some());
        assert_eq!(attacks.at(start + WINDOW + SLICE), None);
    }

    #[test]
    fn memory_is_bounded() {
        let attacks = attacks();
        for number in 0..10_000_u32 {
            attacks.turned_away(std::net::Ipv4Addr::from_bits(number).into());
        }
        let attack = attacks.now().expect("an attack");
        assert_eq!((attack.turned_away, attack.addresses), (10_000, ADDRESSES));
    }
}
