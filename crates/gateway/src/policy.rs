//! A configuration, prepared for the questions that every request asks.

use std::num::NonZeroU32;
use std::sync::Arc;

use doorcode_settings::{AuthMode, HostName};
use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::config::Config;
use crate::limiter::Limiter;

/// A configuration in force.
pub(crate) struct Policy {
    pub(crate) config: Config,
    pub(crate) limiter: Arc<Limiter>,
    /// Ends what was opened under this policy without a session. It belongs to the policy and not beside it: a request
    /// that was let in by an old policy must not hold on to what ends only under the next.
    pub(crate) anyone: CancellationToken,
    /// What can stand before the port in a `Host` header, and the host that it means.
    names: Vec<(String, HostName)>,
}

impl Policy {
    /// `previous` hands on its limiter while the limit stays: a change of settings forgives nobody.
    pub(crate) fn new(config: Config, previous: Option<&Policy>) -> Policy {
        let per_minute = NonZeroU32::new(config.sign_in_per_minute).unwrap_or(NonZeroU32::MIN);
        let limiter = match previous {
            Some(policy) if policy.limiter.per_minute() == per_minute => policy.limiter.clone(),
            _ => Arc::new(Limiter::new(per_minute)),
        };
        let stays_open =
            |policy: &&Policy| policy.config.auth == AuthMode::None && config.auth == AuthMode::None;
        let anyone = previous
            .filter(stays_open)
            .map_or_else(CancellationToken::new, |policy| policy.anyone.clone());
        let mut names: Vec<_> = config
            .hosts
            .iter()
            .map(|host| (host.authority(), host.clone()))
            .collect();
        let localhost = HostName::Dns("localhost".to_owned());
        if config.hosts.contains(&localhost) {
            names.extend(["127.0.0.1", "[::1]"].map(|address| (address.to_owned(), localhost.clone())));
        }
        Policy {
            config,
            limiter,
            anyone,
            names,
        }
    }

    /// The configured host that a request means, whatever port it names: a mapped port is none of our business.
    pub(crate) fn host(&self, authority: &Authority<'_>) -> Option<&HostName> {
        let (_, host) = self
            .names
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(authority.host()))?;
        Some(host)
    }

    /// Whether a request means one of the configured hosts.
    pub(crate) fn is_ours(&self, authority: &Authority<'_>) -> bool {
        self.host(authority).is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn policy(auth: AuthMode, previous: Option<&Policy>) -> Policy {
        let config = Config {
            hosts: vec![
                "localhost".parse().expect("a host"),
                "::2".parse().expect("a host"),
            ],
            certificates: Vec::new(),
            roots: Vec::new(),
            auth,
            idle: Duration::ZERO,
            absolute: Duration::ZERO,
            allow_ports: Vec::new(),
            sign_in_per_minute: 0,
            connections: 1,
        };
        Policy::new(config, previous)
    }

    #[test]
    fn hosts_have_their_aliases() {
        let policy = policy(AuthMode::None, None);
        let is_ours = |text| policy.is_ours(&Authority::parse(text).expect("well-formed"));
        for ours in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1:8443",
            "[::1]",
            "[::2]:8443",
        ] {
            assert!(is_ours(ours), "{ours}");
        }
        for foreign in ["localhost.", "127.0.0.2", "a.localhost", "[::3]"] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }

    /// A request that was let in under one policy must not end up with the token of the next, which nobody cancels.
    #[test]
    fn what_ends_with_a_policy_belongs_to_it() {
        let open = policy(AuthMode::None, None);
        let still_open = policy(AuthMode::None, Some(&open));
        let locked = policy(AuthMode::Password, Some(&still_open));
        let open_again = policy(AuthMode::None, Some(&locked));
        still_open.anyone.cancel();
        assert!(open.anyone.is_cancelled(), "the same door, open all the time");
        assert!(!locked.anyone.is_cancelled() && !open_again.anyone.is_cancelled());
    }
}
