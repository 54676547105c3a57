//! One session.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::registry::Limits;
use super::token::TokenHash;

/// What people may know of a session. Times are UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SessionView {
    /// A short name for it; says nothing about its token.
    pub id: String,
    /// When somebody signed in.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub created: OffsetDateTime,
    /// The last request, to half a minute; now, while an editor is open.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub last_seen: OffsetDateTime,
    /// When it ends if nothing more is asked for.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub expires: OffsetDateTime,
    /// The address somebody signed in from.
    pub client: String,
    /// What the browser called itself then.
    pub user_agent: Option<String>,
    /// How somebody signed in.
    pub method: SignInMethod,
    /// Open WebSockets; an editor window has two.
    pub tunnels: usize,
    /// Whom the proxy in front names, where one signs people in.
    #[serde(default)]
    pub user: Option<String>,
}

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum SignInMethod {
    /// With the password.
    Password,
    /// With a one-time link.
    Link,
    /// At the proxy in front.
    Proxy,
}

/// A session in force. Times are seconds since 1970.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) hash: TokenHash,
    pub(crate) created: i64,
    pub(crate) client: String,
    pub(crate) user_agent: Option<String>,
    pub(crate) method: SignInMethod,
    /// Whom the proxy in front names.
    pub(crate) user: Option<String>,
    last_seen: AtomicI64,
    tunnels: AtomicUsize,
    ended: AtomicBool,
    end: CancellationToken,
}

/// `last_seen` moves in steps of this many seconds: the hot path writes nothing most of the time.
const SEEN_STEP: i64 = 30;

impl Session {
    pub(crate) fn new(
        id: String,
        hash: TokenHash,
        (created, last_seen): (i64, i64),
        (client, user_agent): (String, Option<String>),
        method: SignInMethod,
    ) -> Session {
        Session {
            id,
            hash,
            created,
            client,
            user_agent,
            method,
            user: None,
            last_seen: AtomicI64::new(last_seen),
            tunnels: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
            end: CancellationToken::new(),
        }
    }

    /// The same, of somebody whom the proxy in front names.
    pub(crate) fn of_user(self, user: &str) -> Session {
        Session {
            user: Some(user.to_owned()),
            ..self
        }
    }

    pub(crate) fn last_seen(&self) -> i64 {
        self.last_seen.load(Ordering::Relaxed)
    }

    /// Notes a request. True when that moved [`Session::last_seen`].
    pub(crate) fn touch(&self, now: i64) -> bool {
        let moved = now - self.last_seen() >= SEEN_STEP;
        if moved {
            self.last_seen.store(now, Ordering::Relaxed);
        }
        moved
    }

    /// When it ends. An open editor keeps it alive up to its absolute end.
    pub(crate) fn expires(&self, limits: Limits) -> i64 {
        let absolute = self.created.saturating_add(limits.absolute);
        if self.tunnels() > 0 {
            return absolute;
        }
        absolute.min(self.last_seen().saturating_add(limits.idle))
    }

    pub(crate) fn tunnels(&self) -> usize {
        self.tunnels.load(Ordering::Relaxed)
    }

    pub(super) fn tunnel_opened(&self) {
        self.tunnels.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on it can expire by idleness again.
    pub(super) fn tunnel_closed(&self, now: i64) {
        self.last_seen.store(now, Ordering::Relaxed);
        self.tunnels.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether it has ended. Cheap enough for every piece of a response.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Cancelled when it ends.
    pub(crate) fn end(&self) -> CancellationToken {
        self.end.clone()
    }

    /// Ends it, and with it its tunnels.
    pub(crate) fn finish(&self) {
        self.ended.store(true, Ordering::Relaxed);
        self.end.cancel();
    }

    pub(crate) fn view(&self, limits: Limits, now: i64) -> SessionView {
        let tunnels = self.tunnels();
        SessionView {
            id: self.id.clone(),
            created: moment(self.created),
            last_seen: moment(if tunnels > 0 { now } else { self.last_seen() }),
            expires: moment(self.expires(limits)),
            client: self.client.clone(),
            user_agent: self.user_agent.clone(),
            method: self.method,
            tunnels,
            user: self.user.clone(),
        }
    }
}

fn moment(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::macros::datetime!(9999-12-31 0:00 UTC))
}
