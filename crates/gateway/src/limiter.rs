//! How often one client may try to sign in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::tuning::LIMITED_CLIENTS;

/// Counts attempts by client address, so that nobody can lock the owner out from another one.
pub(crate) struct Limiter {
    attempts: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    per_minute: NonZeroU32,
    clients: usize,
}

impl Limiter {
    /// So many attempts at once, regained evenly over a minute.
    pub(crate) fn new(per_minute: NonZeroU32) -> Limiter {
        Limiter::with_room(per_minute, LIMITED_CLIENTS)
    }

    fn with_room(per_minute: NonZeroU32, clients: usize) -> Limiter {
        let attempts = RateLimiter::dashmap(Quota::per_minute(per_minute));
        Limiter {
            attempts,
            clock: DefaultClock::default(),
            per_minute,
            clients,
        }
    }

    /// The limit.
    pub(crate) fn per_minute(&self) -> NonZeroU32 {
        self.per_minute
    }

    /// Counts an attempt of `peer`.
    ///
    /// # Errors
    /// How long to wait when there were too many.
    pub(crate) fn attempt(&self, peer: IpAddr) -> Result<(), Duration> {
        if self.attempts.len() >= self.clients {
            self.attempts.retain_recent();
        }
        // An attack from thousands of addresses must not take our memory: their networks are counted instead.
        let key = if self.attempts.len() < self.clients {
            client(peer)
        } else {
            network(one_machine(peer))
        };
        self.attempts
            .check_key(&key)
            .map_err(|refused| refused.wait_time_from(self.clock.now()))
    }
}

/// All loopback addresses are this machine, where every program may choose among them.
fn one_machine(peer: IpAddr) -> IpAddr {
    let peer = peer.to_canonical();
    if peer.is_loopback() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        peer
    }
}

/// The address that stands for whoever is at `peer`, whose attempts are counted together: an IPv6 client has a /64 to
/// choose addresses from.
pub(crate) fn client(peer: IpAddr) -> IpAddr {
    masked(one_machine(peer), 32, 64)
}

/// At most 65,536 of each family.
fn network(peer: IpAddr) -> IpAddr {
    masked(peer, 16, 16)
}

fn masked(peer: IpAddr, v4_bits: u32, v6_bits: u32) -> IpAddr {
    match peer {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << (32 - v4_bits))).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - v6_bits))).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(clients: usize) -> Limiter {
        Limiter::with_room(NonZeroU32::new(3).expect("three"), clients)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_client_is_limited_and_another_is_not() {
        let limiter = limiter(100);
        for _ in 0..3 {
            limiter.attempt(ip("10.0.0.1")).expect("within the limit");
        }
        let wait = limiter.attempt(ip("10.0.0.1")).expect_err("the fourth");
        assert!(
            wait > Duration::from_secs(10) && wait <= Duration::from_secs(20),
            "{wait:?}"
        );
        limiter.attempt(ip("10.0.0.2")).expect("somebody else");
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let limiter = limiter(100);
        for host in 1..=3 {
            limiter
                .attempt(ip(&format!("2001:db8::{host}")))
                .expect("within the limit");
        }
        limiter.attempt(ip("2001:db8::ffff")).expect_err("the same /64");
        limiter.attempt(ip("2001:db8:0:1::1")).expect("another /64");
    }

    #[test]
    fn loopback_addresses_are_one_client() {
        let limiter = limiter(100);
        for address in ["127.0.0.1", "127.1.2.3", "::1"] {
            limiter.attempt(ip(address)).expect("within the limit");
        }
        for address in ["127.0.0.2", "::1", "::ffff:127.0.0.3"] {
            limiter.attempt(ip(address)).expect_err(address);
        }
        limiter.attempt(ip("10.0.0.1")).expect("another machine");
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = limiter(10);
        for host in 0..200 {
            let _ = limiter.attempt(ip(&format!("10.0.0.{host}")));
        }
        assert!(limiter.attempts.len() <= 11, "{}", limiter.attempts.len());
    }
}
