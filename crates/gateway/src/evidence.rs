//! What requests looked like that did not get through: which rule refused them, and what a proxy in front seems to have done to
//! them. Kept for five minutes, for the diagnosis.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::header::{ORIGIN, VIA};
use http::{HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;

use crate::proxy::is_forwarding_header;

/// How far back is looked.
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// What is counted together.
const SLICE: Duration = Duration::from_secs(30);
/// Codes kept apart; there are some fifty, and one for each header that the settings require.
const CODES: usize = 128;
/// As much of an origin as is kept.
const ORIGIN_BYTES: usize = 300;

/// By these headers proxies say who somebody is.
const IDENTITY: [&str; 14] = [
    "x-pomerium-jwt-assertion",
    "x-pomerium-claim-email",
    "x-auth-request-email",
    "x-auth-request-user",
    "x-forwarded-email",
    "x-forwarded-user",
    "tailscale-user-login",
    "cf-access-jwt-assertion",
    "x-goog-iap-jwt-assertion",
    "x-amzn-oidc-data",
    "remote-email",
    "remote-user",
    "x-authentik-email",
    "x-authentik-jwt",
];

/// What was seen in the last five minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoorEvidence {
    /// Requests that were refused, by code.
    pub refused: Vec<RefusedLately>,
    /// A request with a WebSocket's key and without the upgrade that belongs to it: something on the way took that out.
    pub websocket_stripped: Option<Sighting>,
    /// Somebody whom a proxy has signed in was led to the page that asks for the password. The detail names the header.
    pub second_sign_in: Option<Sighting>,
    /// A browser that was on https already was led to https: the proxy on its way speaks http to the door.
    pub led_in_a_circle: Option<Sighting>,
    /// A client on this machine ended the handshake because it does not believe the certificate. The detail is its alert.
    pub certificate_refused: Option<Sighting>,
    /// Whether a request was let in at any time under the rules in force.
    pub let_in: bool,
}

/// Requests that were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLately {
    /// As in the access log.
    pub code: &'static str,
    /// How many.
    pub count: u64,
    /// The last one.
    pub last: Sighting,
    /// Whether a request was let in since.
    pub passed_since: bool,
}

/// One request, or one handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Its id in the access log; empty for a handshake.
    pub request: String,
    /// When.
    pub at: OffsetDateTime,
    /// Where it came from.
    pub client: IpAddr,
    /// The host it named; may be empty.
    pub host: String,
    /// The page it said to come from.
    pub origin: Option<String>,
    /// What it is about; may be empty.
    pub detail: String,
    /// Whether it had passed a proxy, by its own headers. A client can write those as well.
    pub proxied: bool,
}

/// What a request is known by.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) request: String,
    pub(crate) client: IpAddr,
    pub(crate) host: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// Collects it.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    kept: Mutex<Kept>,
    /// Something is kept that a request let in would outdate; so that those who pass need no lock.
    open: AtomicBool,
    /// A request was let in under the rules in force.
    let_in: AtomicBool,
}

#[derive(Debug, Default)]
struct Kept {
    slices: VecDeque<Slice>,
    last: BTreeMap<&'static str, (Sighting, bool)>,
    websocket_stripped: Option<Sighting>,
    second_sign_in: Option<Sighting>,
    led_in_a_circle: Option<Sighting>,
    certificate_refused: Option<Sighting>,
}

#[derive(Debug)]
struct Slice {
    began: Instant,
    counts: BTreeMap<&'static str, u64>,
}

impl Evidence {
    /// A request was refused.
    pub(crate) fn refused(&self, code: &'static str, seen: &Seen<'_>) {
        let sighting = seen.sighting(String::new());
        let mut kept = self.lock();
        kept.count(code, Instant::now());
        if kept.last.len() < CODES || kept.last.contains_key(code) {
            kept.last.insert(code, (sighting, false));
        }
        self.open.store(true, Ordering::Relaxed);
    }

    /// Somebody is led to the page that asks for the password.
    pub(crate) fn asked_to_sign_in(&self, seen: &Seen<'_>) {
        if let Some(name) = identity_headers(seen.headers).next() {
            let sighting = seen.sighting(name.to_owned());
            self.lock().second_sign_in = Some(sighting);
        }
    }

    /// A request has come that [`lacks_upgrade`].
    pub(crate) fn websocket_stripped(&self, seen: &Seen<'_>) {
        self.lock().websocket_stripped = Some(seen.sighting(String::new()));
        self.open.store(true, Ordering::Relaxed);
    }

    /// A request over plain http is led to https. That helps whoever typed an address; one whose browser is on https already,
    /// as a proxy says, comes back the same way.
    pub(crate) fn led_to_https(&self, seen: &Seen<'_>) {
        let proto = seen.headers.get("x-forwarded-proto");
        if proto.is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https")) {
            self.lock().led_in_a_circle = Some(seen.sighting(String::new()));
            self.open.store(true, Ordering::Relaxed);
        }
    }

    /// A request was let in.
    pub(crate) fn passed(&self, websocket: bool) {
        if !self.let_in.load(Ordering::Relaxed) {
            self.let_in.store(true, Ordering::Relaxed);
        }
        if !self.open.load(Ordering::Relaxed) {
            return;
        }
        let mut kept = self.lock();
        for (_, passed_since) in kept.last.values_mut() {
            *passed_since = true;
        }
        kept.led_in_a_circle = None;
        if websocket {
            kept.websocket_stripped = None;
        }
        self.open
            .store(kept.websocket_stripped.is_some(), Ordering::Relaxed);
    }

    /// A client ended the handshake with `alert`.
    pub(crate) fn handshake_ended(&self, client: IpAddr, alert: &str) {
        self.lock().certificate_refused = Some(Sighting {
            request: String::new(),
            at: OffsetDateTime::now_utc(),
            client,
            host: String::new(),
            origin: None,
            detail: alert.to_owned(),
            proxied: false,
        });
    }

    /// Other rules are in force: what was refused under the old ones says nothing any more.
    pub(crate) fn rules_changed(&self) {
        *self.lock() = Kept::default();
        self.let_in.store(false, Ordering::Relaxed);
    }

    /// What is known now.
    pub(crate) fn view(&self) -> DoorEvidence {
        let (now, clock) = (Instant::now(), OffsetDateTime::now_utc());
        let mut kept = self.lock();
        kept.forget(now);
        let young = |sighting: &Option<Sighting>| {
            sighting
                .clone()
                .filter(|sighting| (clock - sighting.at).unsigned_abs() < WINDOW)
        };
        let refused = kept.last.iter().filter_map(|(code, (last, passed_since))| {
            let count = kept
                .slices
                .iter()
                .filter_map(|slice| slice.counts.get(code))
                .sum();
            (count > 0).then(|| RefusedLately {
                code,
                count,
                last: last.clone(),
                passed_since: *passed_since,
            })
        });
        DoorEvidence {
            refused: refused.collect(),
            websocket_stripped: young(&kept.websocket_stripped),
            second_sign_in: young(&kept.second_sign_in),
            led_in_a_circle: young(&kept.led_in_a_circle),
            certificate_refused: young(&kept.certificate_refused),
            let_in: self.let_in.load(Ordering::Relaxed),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn count(&mut self, code: &'static str, now: Instant) {
        self.forget(now);
        if self.slices.back().is_none_or(|slice| now - slice.began >= SLICE) {
            self.slices.push_back(Slice {
                began: now,
                counts: BTreeMap::new(),
            });
        }
        if let Some(slice) = self.slices.back_mut()
            && (slice.counts.len() < CODES || slice.counts.contains_key(code))
        {
            *slice.counts.entry(code).or_default() += 1;
        }
    }

    fn forget(&mut self, now: Instant) {
        while self
            .slices
            .front()
            .is_some_and(|slice| now - slice.began >= WINDOW)
        {
            self.slices.pop_front();
        }
        let slices = &self.slices;
        self.last
            .retain(|code, _| slices.iter().any(|slice| slice.counts.contains_key(code)));
    }
}

impl Seen<'_> {
    fn sighting(&self, detail: String) -> Sighting {
        let origin = self.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        Sighting {
            request: self.request.clone(),
            at: OffsetDateTime::now_utc(),
            client: self.client,
            host: self.host.to_owned(),
            origin: origin
                .filter(|origin| origin.len() <= ORIGIN_BYTES)
                .map(str::to_owned),
            detail,
            proxied: was_forwarded(self.headers),
        }
    }
}

/// Whether a request carries a WebSocket's key without asking for one.
pub(crate) fn lacks_upgrade(headers: &HeaderMap, websocket: bool) -> bool {
    !websocket && headers.contains_key("sec-websocket-key")
}

/// The alert of a client that ended the handshake because it does not believe our certificate (RFC 8446 section 6.2).
pub(crate) fn disbelief(error: &std::io::Error) -> Option<&'static str> {
    use rustls::AlertDescription as Alert;
    match error.get_ref()?.downcast_ref()? {
        rustls::Error::AlertReceived(Alert::UnknownCA) => Some("unknown_ca"),
        rustls::Error::AlertReceived(Alert::BadCertificate) => Some("bad_certificate"),
        rustls::Error::AlertReceived(Alert::CertificateUnknown) => Some("certificate_unknown"),
        _ => None,
    }
}

/// The headers of a request by which a proxy says who somebody is; names only.
pub(crate) fn identity_headers(headers: &HeaderMap) -> impl Iterator<Item = &'static str> + '_ {
    let given = |name: &&'static str| headers.get(*name).is_some_and(|value| !value.is_empty());
    IDENTITY.into_iter().filter(given)
}

fn was_forwarded(headers: &HeaderMap) -> bool {
    let forwards =
        |(name, _): (&HeaderName, &HeaderValue)| *name == VIA || is_forwarding_header(name.as_str());
    headers.iter().any(forwards) || identity_headers(headers).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn seen(headers: &HeaderMap) -> Seen<'_> {
        Seen {
            request: "0a-7".into(),
            client: "10.0.0.1".parse().expect("an address"),
            host: "code.test",
            headers,
        }
    }

    #[test]
    fn a_browser_on_https_that_is_led_to_https_goes_in_a_circle_until_a_request_is_let_in() {
        let evidence = Evidence::default();
        for typed in [headers(&[]), headers(&[("x-forwarded-proto", "http")])] {
            evidence.led_to_https(&seen(&typed));
            assert_eq!(evidence.view().led_in_a_circle, None, "{typed:?}");
        }
        evidence.led_to_https(&seen(&headers(&[("x-forwarded-proto", "https")])));
        let circle = evidence.view().led_in_a_circle.expect("kept");
        assert_eq!((&*circle.request, circle.proxied), ("0a-7", true));
        evidence.passed(false);
        assert_eq!(evidence.view().led_in_a_circle, None);
    }

    #[test]
    fn refusals_are_counted_with_their_last_request_until_one_passes() {
        let evidence = Evidence::default();
        let proxied = headers(&[("x-forwarded-for", "192.0.2.1"), ("origin", "https://code.test")]);
        evidence.refused("origin_not_allowed", &seen(&proxied));
        evidence.refused("origin_not_allowed", &seen(&proxied));
        let [refused] = &evidence.view().refused[..] else {
            panic!("one code");
        };
        assert_eq!(
            (refused.code, refused.count, refused.passed_since),
            ("origin_not_allowed", 2, false)
        );
        assert!(refused.last.proxied);
        assert_eq!(refused.last.origin.as_deref(), Some("https://code.test"));
        evidence.passed(false);
        assert!(evidence.view().refused[0].passed_since);
        evidence.refused("origin_not_allowed", &seen(&proxied));
        assert!(!evidence.view().refused[0].passed_since, "and again");
    }

    #[test]
    fn five_minutes_later_it_is_forgotten() {
        let mut kept = Kept::default();
        let start = Instant::now();
        kept.count("x", start);
        kept.last
            .insert("x", (seen(&headers(&[])).sighting(String::new()), false));
        kept.forget(start + WINDOW - SLICE);
        assert_eq!(kept.last.len(), 1);
        kept.forget(start + WINDOW);
        assert!(kept.last.is_empty() && kept.slices.is_empty());
    }

    #[test]
    fn other_rules_make_it_void() {
        let evidence = Evidence::default();
        evidence.refused("trusted_proxy_user_not_allowed", &seen(&headers(&[])));
        assert!(!evidence.view().let_in);
        evidence.passed(false);
        assert!(evidence.view().let_in);
        evidence.rules_changed();
        assert_eq!(evidence.view(), DoorEvidence::default());
    }

    #[test]
    fn a_sign_in_behind_another_is_seen_by_the_header_of_the_first() {
        let evidence = Evidence::default();
        evidence.asked_to_sign_in(&seen(&headers(&[("user-agent", "x")])));
        assert_eq!(evidence.view().second_sign_in, None);
        evidence.asked_to_sign_in(&seen(&headers(&[("x-forwarded-email", "me@example.com")])));
        let sighting = evidence.view().second_sign_in.expect("seen");
        assert_eq!(sighting.detail, "x-forwarded-email", "the name, not the value");
    }

    #[test]
    fn a_websocket_that_passes_outdates_one_that_lost_its_upgrade() {
        let stripped = headers(&[("sec-websocket-key", "x"), ("sec-websocket-version", "13")]);
        assert!(lacks_upgrade(&stripped, false) && !lacks_upgrade(&stripped, true));
        assert!(!lacks_upgrade(&headers(&[]), false));
        let evidence = Evidence::default();
        evidence.websocket_stripped(&seen(&stripped));
        evidence.passed(false);
        assert!(evidence.view().websocket_stripped.is_some());
        evidence.passed(true);
        assert_eq!(evidence.view().websocket_stripped, None);
    }

    #[test]
    fn memory_is_bounded() {
        let evidence = Evidence::default();
        let codes: Vec<&'static str> = (0..3 * CODES).map(|n| &*format!("code_{n}").leak()).collect();
        let none = headers(&[]);
        for code in codes {
            evidence.refused(code, &seen(&none));
        }
        assert_eq!(evidence.view().refused.len(), CODES);
    }
}
