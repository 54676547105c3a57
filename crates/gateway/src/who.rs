//! Who a request comes from. The same question for pages, programs and WebSockets; no path is exempt.

use std::sync::Arc;

use doorcode_settings::AuthMode;
use http::HeaderMap;
use tokio_util::sync::CancellationToken;

use crate::cookies;
use crate::policy::Policy;
use crate::session::{Session, TokenHash};
use crate::shared::Shared;
use crate::trusted_proxy::Proxied;

/// Somebody who may pass.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// Authentication is off. The token ends what they have open when it is switched on.
    Anyone(CancellationToken),
    /// Somebody who is signed in.
    Session(Arc<Session>),
    /// Somebody whom the proxy in front names.
    Proxied(Arc<Proxied>),
}

impl Who {
    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        match self {
            Who::Anyone(_) => None,
            Who::Session(session) => Some(session),
            Who::Proxied(proxied) => Some(&proxied.session),
        }
    }

    /// The identity that a proxy in front vouches for.
    pub(crate) fn user(&self) -> Option<&str> {
        self.session()?.user.as_deref()
    }

    /// Tells one person from another while both are held; never 0.
    pub(crate) fn key(&self) -> usize {
        self.session().map_or(1, |session| Arc::as_ptr(session).addr())
    }

    /// Whether they may no longer pass. Cheap enough for every piece of a response.
    pub(crate) fn has_ended(&self) -> bool {
        match self {
            Who::Anyone(end) => end.is_cancelled(),
            Who::Session(session) => session.has_ended(),
            Who::Proxied(proxied) => {
                let withdrawn = |key: &CancellationToken| key.is_cancelled();
                proxied.session.has_ended() || proxied.key.as_ref().is_some_and(withdrawn)
            }
        }
    }

    /// Ready when a WebSocket of theirs has to close; gives the reason for the access log.
    pub(crate) async fn end(self) -> &'static str {
        const SIGNED_OUT: &str = "signed_out";
        match self {
            Who::Anyone(end) => end.cancelled().await,
            Who::Session(session) => session.end().cancelled().await,
            Who::Proxied(proxied) => {
                let withdrawn = async {
                    match &proxied.key {
                        Some(key) => key.cancelled().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = proxied.session.end().cancelled_owned() => {}
                    () = withdrawn => return "trusted_proxy_key_withdrawn",
                    () = tokio::time::sleep(proxied.websocket) => return "websocket_time_over",
                }
            }
        }
        SIGNED_OUT
    }
}

/// `None` when they may not pass. Whom a proxy names, the proxy's gate has let pass before; without it nobody does.
pub(crate) fn identify(shared: &Shared, policy: &Policy, headers: &HeaderMap) -> Option<Who> {
    match policy.config.auth {
        AuthMode::None => Some(Who::Anyone(policy.anyone.clone())),
        AuthMode::Password => session(shared, headers).map(Who::Session),
        AuthMode::TrustedProxy => None,
    }
}

/// The session of the request's cookie.
pub(crate) fn session(shared: &Shared, headers: &HeaderMap) -> Option<Arc<Session>> {
    shared.sessions.find(&TokenHash::of(cookies::ours(headers)?)?)
}
