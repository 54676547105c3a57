//! `auth = trusted-proxy`: a proxy in front has signed people in, and says of each request who sent it.
//!
//! What the proxy says is believed only after the connection, a proof and the form of the request have been checked, in this order,
//! the same for every path and for WebSockets. Whoever fails is refused; there is no other way in beside it.
//!
//! | step | file | refused as |
//! |---|---|---|
//! | framing, aliases, duplicates, hop-by-hop | `guard`, [`headers`] | `trusted_proxy_bad_request` |
//! | the host is ours | `guard` | `_host_not_allowed` |
//! | the connection comes from the proxy | [`peer`] | `_untrusted_source` |
//! | the request does | [`proof`] | `_proof_invalid` |
//! | what the proxy must say is there | [`headers`] | `_missing_header_<name>` |
//! | the signed statement holds | [`assertion`], [`keys`] | `_assertion_…` |
//! | it names one user, who may come in | [`user`] | `_user_…` |
//! | it was made by one of our own pages | `origin` | `_origin_not_allowed` |
//!
//! The same files see to it that nothing of this goes on to the editor ([`identity`]).

mod assertion;
mod config;
mod fetch;
mod files;
mod headers;
mod identity;
mod key_set;
mod keys;
mod peer;
mod proof;
mod refusals;
mod seen;
mod user;

use std::sync::Arc;
use std::time::Duration;

use doorcode_settings::trusted_proxy::Proof;
use doorcode_settings::{AuthMode, HostName};
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio_util::sync::CancellationToken;

use crate::access::Entry;
use crate::config::Config;
use crate::link::Link;
use crate::refusal::Refusal;
use crate::session::{Arrival, Session, SessionStore};
use assertion::Verifier;
use refusals::{ASSERTION_MISSING, POLICY_CHANGED, USER_MISMATCH, USER_MISSING};
use user::Allowed;

pub use config::TrustedProxyConfig;
pub(crate) use peer::is_this_machine;
pub(crate) use proof::{AuthorityId, ClientAuthority};
pub(crate) use refusals::{MISSING_HEADER, translated};

/// The code of a connection whose client showed no certificate that counts.
pub(crate) const PROOF_INVALID: &str = refusals::PROOF_INVALID.code;

/// The mode in force.
pub(crate) struct Gate {
    config: TrustedProxyConfig,
    allowed: Allowed,
    user_header: Option<HeaderName>,
    assertion: Option<(HeaderName, Arc<Verifier>)>,
    authority: HeaderValue,
    /// See [`SessionStore::end_proxied`].
    generation: u64,
}

/// Somebody whom the proxy named.
#[derive(Debug)]
pub(crate) struct Proxied {
    pub(crate) session: Arc<Session>,
    /// Cancelled when the key that said so is withdrawn.
    pub(crate) key: Option<CancellationToken>,
    /// How long a WebSocket of theirs may live.
    pub(crate) websocket: Duration,
}

impl Gate {
    /// `None` in another mode. `previous` hands on its keys while the rules for assertions stay the same. Must be called on a tokio
    /// runtime when there are assertions to verify.
    ///
    /// # Errors
    /// The refusal that everybody gets: the mode is on, and what it needs is not there.
    pub(crate) fn new(
        config: &Config,
        previous: Option<&Gate>,
        generation: u64,
    ) -> Option<Result<Gate, Refusal>> {
        if config.auth != AuthMode::TrustedProxy {
            return None;
        }
        let gate = config
            .trusted_proxy
            .as_ref()
            .and_then(|trusted| Gate::of(trusted, previous, generation));
        Some(gate.ok_or(refusals::NOT_CONFIGURED))
    }

    fn of(config: &TrustedProxyConfig, previous: Option<&Gate>, generation: u64) -> Option<Gate> {
        let settings = config.settings();
        let assertion = match &settings.proof {
            Proof::Assertion(rules) => {
                let kept = previous
                    .and_then(|gate| gate.assertion.as_ref())
                    .filter(|(_, verifier)| verifier.rules == **rules);
                let verifier = match kept {
                    Some((_, verifier)) => verifier.clone(),
                    None => Arc::new(Verifier::new((**rules).clone(), config.fetcher()?.clone())),
                };
                Some((HeaderName::try_from(&rules.header).ok()?, verifier))
            }
            _ => None,
        };
        let user_header = settings
            .user_header
            .as_ref()
            .map(HeaderName::try_from)
            .transpose()
            .ok()?;
        Some(Gate {
            allowed: Allowed::new(&settings.allow_users),
            user_header,
            assertion,
            authority: HeaderValue::try_from(settings.public_url.authority()).ok()?,
            config: config.clone(),
            generation,
        })
    }

    /// Whether the connection comes from one of the proxies, by its address.
    pub(crate) fn believes(&self, link: &Link) -> bool {
        peer::check(link, &self.config.settings().proxies).is_ok()
    }

    /// What a refusal of the guard with `code` says of the proxy: nothing, where another sent the request. Whether that is one that
    /// the settings do not know, or somebody who tries, is the first question then.
    pub(crate) fn told_of(&self, link: &Link, code: &'static str) -> &'static str {
        match code == refusals::HOST_NOT_ALLOWED.code && !self.believes(link) {
            true => refusals::UNTRUSTED_SOURCE.code,
            false => code,
        }
    }

    /// Who sent a request that the guard let pass; see the table above. It `signs_in` where it is for the editor.
    pub(crate) async fn identify(
        &self,
        sessions: &SessionStore,
        link: &Link,
        (headers, signs_in): (&HeaderMap, bool),
        entry: &mut Option<Box<Entry>>,
    ) -> Result<Proxied, Refusal> {
        let (settings, protected) = (self.config.settings(), self.config.protected());
        peer::check(link, &settings.proxies)?;
        protected.check_source(headers)?;
        self.config.evidence().check(link, headers)?;
        protected.check_required(headers)?;
        let (user, key) = self.user(headers).await?;
        if let Some(entry) = entry {
            entry.set_user(&user);
        }
        self.allowed.check(&user)?;
        let client = peer::forwarded_for(headers, &settings.proxies).unwrap_or(link.peer);
        let arrival = Arrival {
            user: &user,
            client: &client.to_string(),
            user_agent: headers.get(USER_AGENT).and_then(|name| name.to_str().ok()),
            generation: self.generation,
            signs_in,
        };
        Ok(Proxied {
            session: sessions.of_proxy(&arrival).ok_or(POLICY_CHANGED)?,
            key,
            websocket: self.config.websocket(),
        })
    }

    /// The user, by the signed claim where there is one. A plain header beside it must name the same: a proxy that says two things is
    /// set up wrongly, or not the one who speaks.
    async fn user(&self, headers: &HeaderMap) -> Result<(String, Option<CancellationToken>), Refusal> {
        let shape = self.config.settings().user_shape;
        let plain = || match &self.user_header {
            Some(name) => {
                let value = headers.get(name).ok_or(USER_MISSING)?;
                user::parse(value.as_bytes(), shape).map(Some)
            }
            None => Ok(None),
        };
        let Some((header, verifier)) = &self.assertion else {
            return Ok((plain()?.ok_or(USER_MISSING)?, None));
        };
        let token = headers
            .get(header)
            .filter(|token| !token.is_empty())
            .ok_or(ASSERTION_MISSING)?;
        let verified = verifier.verify(token.as_bytes()).await?;
        let claimed = verified.user.as_deref().ok_or(USER_MISSING)?;
        let user = user::parse(claimed.as_bytes(), shape)?;
        match plain()? {
            Some(other) if other != user => Err(USER_MISMATCH),
            _ => Ok((user, Some(verified.key.withdrawn.clone()))),
        }
    }

    /// Checks the form of what this mode decides by; part of the guard.
    pub(crate) fn check_form(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        self.config.protected().check_form(headers)
    }

    /// Takes out of a request what the editor is not to see.
    pub(crate) fn strip_request(&self, headers: &mut HeaderMap) {
        identity::strip(headers, self.config.protected());
    }

    /// Takes out of an answer what no app behind us has a say in.
    pub(crate) fn strip_response(headers: &mut HeaderMap) {
        identity::drop_set(headers);
    }

    /// The host that browsers use.
    pub(crate) fn host(&self) -> &HostName {
        self.config.host()
    }

    /// The host and port that browsers use, whatever the proxy writes in `Host`.
    pub(crate) fn authority(&self) -> &HeaderValue {
        &self.authority
    }
}

/// Ends the sessions that the next policy does not let in, or for other reasons than before; gives the number that its arrivals carry.
pub(crate) fn turn_out(sessions: &SessionStore, previous: Option<&Gate>, next: &Config) -> u64 {
    let is_proxys = next.auth == AuthMode::TrustedProxy;
    if is_proxys {
        sessions.end_signed_in();
    }
    let (previous, next) = match (previous, next.trusted_proxy.as_ref().filter(|_| is_proxys)) {
        (Some(previous), Some(next)) => (previous, next),
        (None, None) => return sessions.generation(),
        _ => return sessions.end_proxied(|_| false),
    };
    if !previous.config.differs_only_in_users(next) {
        return sessions.end_proxied(|_| false);
    }
    if previous.config.settings().allow_users == next.settings().allow_users {
        return previous.generation;
    }
    let allowed = Allowed::new(&next.settings().allow_users);
    sessions.end_proxied(|user| allowed.contains(user))
}
