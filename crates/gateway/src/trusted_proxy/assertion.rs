//! The signed statement of who a request is for: a JSON Web Token (RFC 7519) in its compact form.
//!
//! The settings pin everything that a token could otherwise choose for itself (RFC 8725): how it is signed, where keys come from, who
//! issued it, and for whom. Its key id is only looked up among the keys that are published; `jku`, `x5u` and `jwk` are never read.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorcode_settings::trusted_proxy::{Algorithm, Assertion};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::fetch::Fetcher;
use super::keys::{Keys, NoKey};
use super::refusals::{
    ASSERTION_AUDIENCE, ASSERTION_EXPIRED, ASSERTION_INVALID, ASSERTION_ISSUER, KEYS_UNAVAILABLE,
    USER_INVALID,
};
use super::seen::{Digested, Seen, Verified};
use crate::refusal::Refusal;

/// What two clocks may differ by, in seconds.
const SKEW: i64 = 30;

/// Verifies assertions by one set of rules.
pub(super) struct Verifier {
    pub(super) rules: Assertion,
    keys: Keys,
    seen: Seen,
}

impl Verifier {
    /// Starts to fetch the keys. Must be called on a tokio runtime.
    pub(super) fn new(rules: Assertion, fetcher: Fetcher) -> Verifier {
        Verifier {
            keys: Keys::keep(fetcher, rules.algorithms.clone()),
            rules,
            seen: Seen::default(),
        }
    }

    /// What `token` says, once its signature and its claims have been verified.
    pub(super) async fn verify(&self, token: &[u8]) -> Result<Arc<Verified>, Refusal> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let digest = Digested::of(token);
        if let Some(verified) = self.seen.find(&digest, now) {
            return if self.keys.are_usable() {
                Ok(verified)
            } else {
                Err(KEYS_UNAVAILABLE)
            };
        }
        let token = Token::parse(token, &self.rules)?;
        let key = self
            .keys
            .find(&token.header.kid)
            .await
            .map_err(|missing| match missing {
                NoKey::Unknown => ASSERTION_INVALID.saying("unknown_key"),
                NoKey::Unavailable => KEYS_UNAVAILABLE,
            })?;
        if !key.verifies(token.algorithm, token.signed, token.signature) {
            return Err(ASSERTION_INVALID.saying("signature"));
        }
        let claims: Map<String, Value> = json(token.payload).ok_or(ASSERTION_INVALID.saying("malformed"))?;
        let until = check(&self.rules, &token.header, &claims, now)?;
        let verified = Arc::new(Verified {
            user: user(&claims, &self.rules.user_claim)?,
            key,
            until,
        });
        self.seen.insert(digest, verified.clone());
        Ok(verified)
    }
}

/// A token in its parts; nothing of it is believed yet.
#[derive(Debug)]
struct Token<'a> {
    header: Header,
    algorithm: Algorithm,
    /// What the signature is over (RFC 7515 section 5.1).
    signed: &'a [u8],
    payload: &'a str,
    signature: &'a str,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: String,
    /// Extensions that must be understood (RFC 7515 section 4.1.11), of which we understand none.
    crit: Option<Value>,
    /// AWS: the load balancer that signed.
    signer: Option<String>,
    /// AWS: the client that the user signed in to.
    client: Option<String>,
}

impl<'a> Token<'a> {
    fn parse(token: &'a [u8], rules: &Assertion) -> Result<Token<'a>, Refusal> {
        let malformed = ASSERTION_INVALID.saying("malformed");
        let text = std::str::from_utf8(token).map_err(|_| malformed)?;
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let signed = &token[..header.len() + 1 + payload.len()];
        // AWS pads, which RFC 7515 forbids, and signs the padding too.
        let is_aws = rules.signer.is_some();
        let unpadded = |part: &'a str| if is_aws { part.trim_end_matches('=') } else { part };
        let header: Header = json(unpadded(header)).ok_or(malformed)?;
        if header.crit.is_some() {
            return Err(ASSERTION_INVALID.saying("critical_extension"));
        }
        let algorithm = rules
            .algorithms
            .iter()
            .find(|algorithm| algorithm.as_str() == header.alg);
        let algorithm = *algorithm.ok_or(ASSERTION_INVALID.saying("algorithm"))?;
        if rules.signer.is_some() && rules.signer != header.signer {
            return Err(ASSERTION_ISSUER.saying("signer"));
        }
        Ok(Token {
            header,
            algorithm,
            signed,
            payload: unpadded(payload),
            signature: unpadded(signature),
        })
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Checks the claims; gives the second, since 1970, from which the token is too old.
///
/// Load balancers of AWS state neither when they issued a token nor for whom, but sign the client's id beside the key's, and make
/// tokens that last for two minutes.
fn check(rules: &Assertion, header: &Header, claims: &Map<String, Value>, now: i64) -> Result<i64, Refusal> {
    let malformed = |detail| ASSERTION_INVALID.saying(detail);
    let time = |name: &str| claims.get(name).map(seconds).transpose();
    let is_aws = rules.signer.is_some();
    let max_age = i64::try_from(rules.max_age.as_secs()).unwrap_or(i64::MAX / 4);

    let expires = time("exp")
        .and_then(|exp| exp.ok_or(NotATime))
        .map_err(|_| malformed("exp"))?;
    let issued = match time("iat").map_err(|_| malformed("iat"))? {
        Some(issued) => issued,
        None if is_aws => now,
        None => return Err(malformed("iat")),
    };
    let not_before = time("nbf").map_err(|_| malformed("nbf"))?.unwrap_or(issued);
    if issued.max(not_before) > now + SKEW {
        return Err(malformed("not_yet_valid"));
    }
    if expires.saturating_sub(issued) > max_age + SKEW {
        return Err(malformed("lifetime"));
    }
    let until = expires.min(issued.saturating_add(max_age)).saturating_add(SKEW);
    if until <= now {
        return Err(ASSERTION_EXPIRED);
    }

    let audience_matches = match claims.get("aud") {
        Some(Value::String(audience)) => *audience == rules.audience,
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| *audience == rules.audience),
        Some(_) => false,
        None => is_aws && header.client.as_ref() == Some(&rules.audience),
    };
    if !audience_matches {
        return Err(ASSERTION_AUDIENCE);
    }
    let issuer = claims.get("iss").and_then(Value::as_str);
    if !issuer.is_some_and(|issuer| rules.issuer.iter().any(|accepted| accepted == issuer)) {
        return Err(ASSERTION_ISSUER);
    }
    Ok(until)
}

struct NotATime;

/// A NumericDate (RFC 7519 section 2), which may have a fraction.
fn seconds(value: &Value) -> Result<i64, NotATime> {
    /// The year 9999 and some more, so that nothing overflows.
    const LATEST: f64 = 1e12;
    let seconds = value.as_f64().ok_or(NotATime)?;
    // A fraction of a second is less than the clocks may differ by.
    if (0.0..LATEST).contains(&seconds) {
        Ok(seconds as i64)
    } else {
        Err(NotATime)
    }
}

/// An address that the provider itself calls unverified is one that somebody typed, and may be anybody's (OpenID Connect Core section
/// 5.7). Some providers write the claim as text.
fn user(claims: &Map<String, Value>, claim: &str) -> Result<Option<String>, Refusal> {
    let is_unverified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => !verified,
        Some(Value::String(verified)) => verified.eq_ignore_ascii_case("false"),
        _ => false,
    };
    if claim == "email" && is_unverified {
        return Err(USER_INVALID.saying("email_unverified"));
    }
    match claims.get(claim) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(user)) => Ok(Some(user.clone())),
        Some(_) => Err(ASSERTION_INVALID.saying("user_claim")),
    }
}

#[cfg(test)]
mod tests;
