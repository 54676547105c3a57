//! Paths that a probe of ours is about to ask for, so that it can be seen what of the request arrives; and the probe's own
//! connections, so that nobody counts them.
//!
//! An expected path gives no rights: whoever asks for it gets what anybody gets. Its token opens the echo of the device
//! checks, for some seconds, which says back what it is told.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

use crate::evidence::identity_headers;
use crate::session::{Token, TokenHash};

/// How long a path is expected.
const LIFE: Duration = Duration::from_secs(30);
/// Paths expected at the same time; beyond, the oldest goes.
const MOST: usize = 32;
/// Arrivals kept of one path.
const ARRIVALS: usize = 4;

/// What came to an expected path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeArrival {
    /// The host it named.
    pub host: String,
    /// The page it said to come from.
    pub origin: Option<String>,
    /// Whether it asked for a WebSocket properly.
    pub upgrade: bool,
    /// Whether it carried a WebSocket's key.
    pub websocket_key: bool,
    /// The headers by which proxies say who somebody is; names only.
    pub identity: Vec<&'static str>,
}

/// The expected paths and the probe's own connections.
#[derive(Debug, Default)]
pub(crate) struct Visits {
    expected: Mutex<Vec<Expected>>,
    ports: Mutex<HashSet<u16>>,
    /// How many ports there are, so that usually nobody takes the lock.
    open: AtomicUsize,
}

#[derive(Debug)]
struct Expected {
    token: TokenHash,
    until: Instant,
    arrivals: Vec<ProbeArrival>,
}

/// A probe's own connection; it is known as long as this lives.
#[derive(Debug)]
pub struct OwnConnection {
    visits: Arc<Visits>,
    port: u16,
}

impl Visits {
    /// Expects a path with the token that is given back.
    pub(crate) fn expect(&self) -> Token {
        let (token, now) = (Token::generate(), Instant::now());
        let mut expected = self.lock();
        expected.retain(|one| one.until > now);
        if expected.len() >= MOST {
            expected.remove(0);
        }
        expected.push(Expected {
            token: token.hash(),
            until: now + LIFE,
            arrivals: Vec::new(),
        });
        token
    }

    /// Whether `token` is one that was given out some seconds ago.
    pub(crate) fn is_expected(&self, token: &str) -> bool {
        TokenHash::of(token).is_some_and(|hash| find(&mut self.lock(), hash).is_some())
    }

    /// Notes what arrives at the path with `token`, if that is expected.
    pub(crate) fn note(&self, token: &str, headers: &HeaderMap) {
        let Some(hash) = TokenHash::of(token) else { return };
        let mut all = self.lock();
        let Some(expected) = find(&mut all, hash) else {
            return;
        };
        if expected.arrivals.len() >= ARRIVALS {
            return;
        }
        let text = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        expected.arrivals.push(ProbeArrival {
            host: text(HOST).unwrap_or_default(),
            origin: text(ORIGIN),
            upgrade: asks_for_websocket(headers),
            websocket_key: headers.contains_key("sec-websocket-key"),
            identity: identity_headers(headers).collect(),
        });
    }

    /// What has arrived so far.
    pub(crate) fn arrivals(&self, token: &str) -> Vec<ProbeArrival> {
        let found = TokenHash::of(token)
            .and_then(|hash| find(&mut self.lock(), hash).map(|expected| expected.arrivals.clone()));
        found.unwrap_or_default()
    }

    /// A connection of this machine from `port` is the probe's own.
    pub(crate) fn own(self: &Arc<Self>, port: u16) -> OwnConnection {
        let mut ports = lock(&self.ports);
        ports.insert(port);
        self.open.store(ports.len(), Ordering::Relaxed);
        OwnConnection {
            visits: self.clone(),
            port,
        }
    }

    /// Whether the connection from `peer`, which came in at `local`, is the probe's own. The port alone does not say it:
    /// another machine may use the same one.
    pub(crate) fn is_own(&self, peer: SocketAddr, local: IpAddr) -> bool {
        self.open.load(Ordering::Relaxed) > 0
            && (peer.ip().to_canonical().is_loopback() || peer.ip() == local)
            && lock(&self.ports).contains(&peer.port())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Expected>> {
        lock(&self.expected)
    }
}

impl Drop for OwnConnection {
    fn drop(&mut self) {
        let mut ports = lock(&self.visits.ports);
        ports.remove(&self.port);
        self.visits.open.store(ports.len(), Ordering::Relaxed);
    }
}

fn find(expected: &mut [Expected], hash: TokenHash) -> Option<&mut Expected> {
    let now = Instant::now();
    expected
        .iter_mut()
        .find(|one| one.token == hash && one.until > now)
}

fn asks_for_websocket(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(http::header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_what_comes_to_an_expected_path_is_noted_and_of_identities_the_names() {
        let visits = Visits::default();
        let token = visits.expect();
        let came = headers(&[
            ("host", "code.test"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-key", "x"),
            ("x-forwarded-email", "me@example.com"),
        ]);
        visits.note(Token::generate().expose(), &came);
        assert!(visits.arrivals(token.expose()).is_empty());
        visits.note(token.expose(), &came);
        let expected = ProbeArrival {
            host: "code.test".into(),
            origin: None,
            upgrade: true,
            websocket_key: true,
            identity: vec!["x-forwarded-email"],
        };
        assert_eq!(visits.arrivals(token.expose()), [expected]);
        assert!(visits.is_expected(token.expose()) && !visits.is_expected("x"));
    }

    #[test]
    fn a_connection_is_the_probes_own_only_from_this_machine_and_while_it_lasts() {
        let visits = Arc::new(Visits::default());
        let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
        let local: IpAddr = "192.0.2.7".parse().expect("an address");
        let own = visits.own(4000);
        assert!(visits.is_own(address("127.0.0.1:4000"), local));
        assert!(visits.is_own(address("192.0.2.7:4000"), local));
        assert!(!visits.is_own(address("192.0.2.8:4000"), local));
        assert!(!visits.is_own(address("127.0.0.1:4001"), local));
        drop(own);
        assert!(!visits.is_own(address("127.0.0.1:4000"), local));
    }

    #[test]
    fn memory_is_bounded() {
        let visits = Visits::default();
        let first = visits.expect();
        for _ in 0..MOST {
            visits.note(visits.expect().expose(), &headers(&[]));
        }
        assert_eq!(visits.lock().len(), MOST);
        assert!(!visits.is_expected(first.expose()));
        let last = visits.expect();
        for _ in 0..2 * ARRIVALS {
            visits.note(last.expose(), &headers(&[]));
        }
        assert_eq!(visits.arrivals(last.expose()).len(), ARRIVALS);
    }
}
