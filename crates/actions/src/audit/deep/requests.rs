//! The requests of the attacks.

use doorcode_audit::Attack;
use doorcode_settings::TrustedProxy;
use doorcode_settings::trusted_proxy::Proof;
use time::OffsetDateTime;

use super::victim;
use super::wire::Door;

/// A name that no rule about users refuses.
const SOMEBODY: &str = "somebody@example.com";
/// A domain that nobody can have (RFC 2606).
const STRANGER: &str = "attacker.example";

/// Headers by which the proxies that we know name a user.
const NAMING: [&str; 12] = [
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Preferred-Username",
    "X-Auth-Request-Email",
    "X-Auth-Request-User",
    "X-Pomerium-Claim-Email",
    "Tailscale-User-Login",
    "Cf-Access-Authenticated-User-Email",
    "X-Goog-Authenticated-User-Email",
    "Remote-User",
    "Remote-Email",
    "X-Authentik-Email",
];

/// Headers by which they send a signed statement.
const SIGNING: [&str; 5] = [
    "X-Pomerium-Jwt-Assertion",
    "Cf-Access-Jwt-Assertion",
    "X-Goog-Iap-Jwt-Assertion",
    "X-Amzn-Oidc-Data",
    "X-Authentik-Jwt",
];

/// Whom an attacker passes for, and how.
pub(super) struct Identity {
    user: String,
    naming: Vec<String>,
    signing: Vec<String>,
    /// Headers that must be there besides.
    required: Vec<String>,
    issuer: String,
    audience: String,
    claim: String,
}

impl Identity {
    /// What this proxy would send; something likely where there is none.
    pub(super) fn of(proxy: Option<&TrustedProxy>) -> Identity {
        let mut identity = Identity {
            user: proxy.and_then(victim).unwrap_or(SOMEBODY).to_owned(),
            naming: NAMING.map(str::to_owned).to_vec(),
            signing: SIGNING.map(str::to_owned).to_vec(),
            required: Vec::new(),
            issuer: STRANGER.to_owned(),
            audience: STRANGER.to_owned(),
            claim: "email".to_owned(),
        };
        let Some(proxy) = proxy else { return identity };
        identity.required = proxy.required_headers.clone();
        add(&mut identity.naming, proxy.user_header.as_deref());
        // A header that is both required and known is sent once.
        let known: Vec<String> = identity
            .naming
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        identity.required.retain(|name| !known.contains(name));
        if let Proof::Assertion(assertion) = &proxy.proof {
            add(&mut identity.signing, Some(&assertion.header));
            identity.issuer = assertion.issuer.first().cloned().unwrap_or_default();
            identity.audience = assertion.audience.clone();
            identity.claim = assertion.user_claim.clone();
        }
        identity
    }

    fn headers(&self, spelled: fn(&str) -> String) -> Vec<String> {
        let named = self
            .naming
            .iter()
            .map(|name| format!("{}: {}", spelled(name), self.user));
        let required = self.required.iter().map(|name| format!("{name}: {}", self.user));
        named.chain(required).collect()
    }

    /// A token of the right shape that nobody signed (RFC 7519 section 6).
    fn unsigned(&self) -> String {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let claims = serde_json::json!({
            self.claim.as_str(): self.user,
            "sub": self.user,
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now,
            "exp": now + 60,
        });
        let part = |value: &serde_json::Value| base64url(value.to_string().as_bytes());
        format!(
            "{}.{}.",
            part(&serde_json::json!({"alg": "none", "typ": "JWT"})),
            part(&claims)
        )
    }
}

/// Adds a header that is not there yet, however it is spelled.
fn add(names: &mut Vec<String>, name: Option<&str>) {
    if let Some(name) = name.filter(|name| !names.iter().any(|known| known.eq_ignore_ascii_case(name))) {
        names.push(name.to_owned());
    }
}

/// What is tried by somebody who has not signed in.
pub(super) fn without_sign_in(door: &Door, identity: &Identity) -> Vec<(Attack, &'static str, String)> {
    let attack = |attack, what, head| (attack, what, head);
    let borrowed = |headers: &[String]| -> String {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        get(door, "/", &headers)
    };
    let mut forged = identity.headers(str::to_owned);
    forged.push("X-Forwarded-For: 127.0.0.1".to_owned());
    let underscored = identity.headers(|name| name.replace('-', "_"));
    let dotted = identity.headers(|name| name.replace('-', "."));
    let token = identity.unsigned();
    let signed: Vec<String> = identity
        .signing
        .iter()
        .map(|name| format!("{name}: {token}"))
        .collect();
    let own = format!("https://{}", door.authority);
    vec![
        attack(
            Attack::ForgedIdentity,
            "GET / with forged identity headers",
            borrowed(&forged),
        ),
        attack(
            Attack::HeaderAlias,
            "GET / with identity headers spelled with _",
            borrowed(&underscored),
        ),
        attack(
            Attack::HeaderAlias,
            "GET / with identity headers spelled with dots",
            borrowed(&dotted),
        ),
        attack(
            Attack::UnsignedAssertion,
            "GET / with an unsigned statement",
            borrowed(&signed),
        ),
        attack(
            Attack::UpgradeWithoutSignIn,
            "a WebSocket to /healthz without a sign-in",
            upgrade(door, "/healthz", &own, None),
        ),
        attack(
            Attack::UpgradeWithoutSignIn,
            "a WebSocket to /proxy/3000/ without a sign-in",
            upgrade(door, "/proxy/3000/", &own, None),
        ),
    ]
}

/// What is tried with somebody's browser, signed in where that is possible.
pub(super) fn with_sign_in(door: &Door, cookie: Option<&str>) -> Vec<(Attack, &'static str, String)> {
    let foreign = format!("https://{STRANGER}");
    let mut headers: Vec<String> = cookie.iter().map(|cookie| format!("Cookie: {cookie}")).collect();
    headers.push("Accept: text/html".to_owned());
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    vec![
        (
            Attack::ForeignOrigin,
            if cookie.is_some() {
                "a WebSocket of another site's page, signed in"
            } else {
                "a WebSocket of another site's page"
            },
            upgrade(door, "/healthz", &foreign, cookie),
        ),
        (
            Attack::ForeignOrigin,
            "a WebSocket of a page without an origin",
            upgrade(door, "/healthz", "null", cookie),
        ),
        (
            Attack::ForeignHost,
            if cookie.is_some() {
                "GET / for another host, signed in"
            } else {
                "GET / for another host"
            },
            format!("GET / HTTP/1.1\r\nHost: {STRANGER}\r\nConnection: close\r\n{lines}\r\n"),
        ),
    ]
}

/// A browser's GET of a page, with further header lines.
pub(super) fn get(door: &Door, path: &str, headers: &[&str]) -> String {
    head(door, path, &[&["Accept: text/html"], headers].concat())
}

fn head(door: &Door, path: &str, headers: &[&str]) -> String {
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let close = if headers.iter().any(|line| line.starts_with("Connection:")) {
        ""
    } else {
        "Connection: close\r\n"
    };
    format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\n{close}{lines}\r\n",
        door.authority
    )
}

/// The beginning of a WebSocket (RFC 6455 section 4.1).
fn upgrade(door: &Door, path: &str, origin: &str, cookie: Option<&str>) -> String {
    let origin = format!("Origin: {origin}");
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}"));
    let mut headers = vec![
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        &origin,
    ];
    headers.extend(cookie.as_deref());
    head(door, path, &headers)
}

/// Base64 as in a JWT: URL-safe, without padding (RFC 7515 section 2).
fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
