//! Who a request comes from. The same question for pages, programs and WebSockets; no path is exempt.

use std::sync::Arc;

use doorcode_settings::AuthMode;
use http::HeaderMap;
use tokio_util::sync::CancellationToken;

use crate::cookies;
use crate::policy::Policy;
use crate::session::{Session, TokenHash};
use crate::shared::Shared;

/// Somebody who may pass.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// Authentication is off. The token ends what they have open when it is switched on.
    Anyone(CancellationToken),
    /// Somebody who is signed in.
    Session(Arc<Session>),
}

impl Who {
    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        match self {
            Who::Anyone(_) => None,
            Who::Session(session) => Some(session),
        }
    }

    /// The identity that a proxy in front vouches for.
    pub(crate) fn user(&self) -> Option<&str> {
        None
    }

    /// Tells one person from another while both are held; never 0.
    pub(crate) fn key(&self) -> usize {
        match self {
            Who::Anyone(_) => 1,
            Who::Session(session) => Arc::as_ptr(session).addr(),
        }
    }

    /// Whether they may no longer pass. Cheap enough for every piece of a response.
    pub(crate) fn has_ended(&self) -> bool {
        match self {
            Who::Anyone(end) => end.is_cancelled(),
            Who::Session(session) => session.has_ended(),
        }
    }

    /// Cancelled when they may no longer pass.
    pub(crate) fn end(&self) -> CancellationToken {
        match self {
            Who::Anyone(end) => end.clone(),
            Who::Session(session) => session.end(),
        }
    }
}

/// `None` when they may not pass.
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
