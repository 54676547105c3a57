//! A configuration, prepared for the questions that every request asks.

use std::num::NonZeroU32;
use std::sync::Arc;

use doorcode_settings::HostName;

use crate::authority::Authority;
use crate::config::Config;
use crate::limiter::Limiter;

/// A configuration in force.
pub(crate) struct Policy {
    pub(crate) config: Config,
    pub(crate) limiter: Arc<Limiter>,
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
