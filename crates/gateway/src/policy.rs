//! A configuration, prepared for the questions that every request asks.

use std::num::NonZeroU32;
use std::sync::Arc;

use doorcode_settings::{AuthMode, HostName};
use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::config::Config;
use crate::limiter::Limiter;
use crate::refusal::Refusal;
use crate::trusted_proxy::{self, Gate};

/// A configuration in force.
pub(crate) struct Policy {
    pub(crate) config: Config,
    pub(crate) limiter: Arc<Limiter>,
    /// Ends what was opened under this policy without a session. It belongs to the policy and not beside it: a request
    /// that was let in by an old policy must not hold on to what ends only under the next.
    pub(crate) anyone: CancellationToken,
    /// The proxy in front, where one signs people in; the refusal of everybody, where it could not be set up.
    gate: Option<Result<Gate, Refusal>>,
    /// What can stand before the port in a `Host` header, and the host that it means.
    names: Vec<(String, HostName)>,
}

impl Policy {
    /// `previous` hands on its limiter while the limit stays: a change of settings forgives nobody. `generation` is the sessions'; see
    /// [`crate::session::SessionStore::end_proxied`].
    pub(crate) fn new(config: Config, previous: Option<&Policy>, generation: u64) -> Policy {
        let gate = Gate::new(&config, previous.and_then(Policy::open_gate), generation);
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
        if let Some(Ok(gate)) = &gate {
            names.push((gate.host().authority(), gate.host().clone()));
        }
        Policy {
            gate,
            config,
            limiter,
            anyone,
            names,
        }
    }

    /// The proxy in front, if one signs people in.
    pub(crate) fn gate(&self) -> Option<Result<&Gate, Refusal>> {
        self.gate
            .as_ref()
            .map(|gate| gate.as_ref().map_err(|refusal| *refusal))
    }

    /// The same, if it is set up.
    pub(crate) fn open_gate(&self) -> Option<&Gate> {
        self.gate.as_ref().and_then(|gate| gate.as_ref().ok())
    }

    /// A refusal as it is shown and named in the mode in force.
    pub(crate) fn translated(&self, refusal: Refusal) -> Refusal {
        match self.gate {
            Some(_) => trusted_proxy::translated(refusal),
            None => refusal,
        }
    }

    /// Whether a connection may go without TLS: one over a unix socket, or to a door that was told so, and only from a proxy.
    pub(crate) fn admits_plain(&self, by_socket: bool) -> bool {
        self.gate.is_some() && (by_socket || self.config.plain)
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
            trusted_proxy: None,
            plain: false,
            idle: Duration::ZERO,
            absolute: Duration::ZERO,
            allow_ports: Vec::new(),
            sign_in_per_minute: 0,
            connections: 1,
        };
        Policy::new(config, previous, 0)
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

    #[test]
    fn without_its_settings_the_proxys_mode_lets_nobody_in() {
        let policy = policy(AuthMode::TrustedProxy, None);
        assert!(
            matches!(policy.gate(), Some(Err(refusal)) if refusal.code == "trusted_proxy_not_configured")
        );
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
