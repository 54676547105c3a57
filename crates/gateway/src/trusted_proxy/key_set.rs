//! The keys that verify assertions, each with the algorithms it is for.

use std::collections::HashMap;
use std::sync::Arc;

use doorcode_settings::trusted_proxy::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

/// A public key.
pub(crate) struct Key {
    decoding: DecodingKey,
    fits: Vec<Algorithm>,
    /// What it was made of; tells a new key with an old id.
    material: Vec<u8>,
    /// Cancelled when its owner no longer publishes it.
    pub(crate) withdrawn: CancellationToken,
}

impl Key {
    /// Whether `signature`, as it stands in a token, is this key's under `message` by `algorithm`.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &str) -> bool {
        self.fits.contains(&algorithm)
            && jsonwebtoken::crypto::verify(signature, message, &self.decoding, of_library(algorithm))
                .unwrap_or(false)
    }
}

/// Keys by their ids.
#[derive(Default)]
pub(super) struct KeySet {
    keys: HashMap<String, Arc<Key>>,
}

/// A key set of more is not one application's.
pub(super) const MOST_KEYS: usize = 16;

/// What was fetched is of no use.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum KeySetError {
    #[error("it is no JSON Web Key Set: {0}")]
    Malformed(String),
    #[error("it holds {0} keys, and {MOST_KEYS} are accepted")]
    TooMany(usize),
    #[error("two of its keys have the id {0:?}")]
    SameId(String),
    #[error("none of its keys has an id and can verify what is signed with {0}")]
    NoneUsable(String),
    #[error("it is no PEM of an elliptic-curve key")]
    NoPem,
}

impl KeySet {
    /// Reads a JSON Web Key Set (RFC 7517). Keys that are for something else, or for other algorithms than `accepted`, are left out, as are
    /// those without an id.
    pub(super) fn parse(json: &[u8], accepted: &[Algorithm]) -> Result<KeySet, KeySetError> {
        #[derive(Deserialize)]
        struct Jwks {
            keys: Vec<serde_json::Value>,
        }
        let jwks: Jwks =
            serde_json::from_slice(json).map_err(|error| KeySetError::Malformed(error.to_string()))?;
        if jwks.keys.len() > MOST_KEYS {
            return Err(KeySetError::TooMany(jwks.keys.len()));
        }
        let mut keys = HashMap::new();
        for value in jwks.keys {
            let material = value.to_string().into_bytes();
            let Some((id, key)) = serde_json::from_value(value)
                .ok()
                .and_then(|jwk| usable(&jwk, material, accepted))
            else {
                continue;
            };
            if keys.insert(id.clone(), Arc::new(key)).is_some() {
                return Err(KeySetError::SameId(id));
            }
        }
        if keys.is_empty() {
            let names: Vec<_> = accepted.iter().map(|algorithm| algorithm.as_str()).collect();
            return Err(KeySetError::NoneUsable(names.join(", ")));
        }
        Ok(KeySet { keys })
    }

    /// Keys that came one by one, each as a PEM (AWS load balancers: ES256).
    pub(super) fn from_pems(pems: Vec<(String, Vec<u8>)>) -> Result<KeySet, KeySetError> {
        let key = |(id, pem): (String, Vec<u8>)| {
            let decoding = DecodingKey::from_ec_pem(&pem).map_err(|_| KeySetError::NoPem)?;
            let key = Key {
                decoding,
                fits: vec![Algorithm::Es256],
                material: pem,
                withdrawn: CancellationToken::new(),
            };
            Ok((id, Arc::new(key)))
        };
        let keys = pems.into_iter().map(key).collect::<Result<_, _>>()?;
        Ok(KeySet { keys })
    }

    pub(super) fn find(&self, id: &str) -> Option<&Arc<Key>> {
        self.keys.get(id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.keys.keys()
    }

    /// Takes the place of `old`: what is in both stays the same key, and what is only in `old` is withdrawn.
    pub(super) fn replace(mut self, old: &KeySet) -> KeySet {
        for (id, key) in &old.keys {
            match self.keys.get_mut(id) {
                Some(new) if new.material == key.material => *new = key.clone(),
                _ => key.withdrawn.cancel(),
            }
        }
        self
    }
}

fn usable(jwk: &Jwk, material: Vec<u8>, accepted: &[Algorithm]) -> Option<(String, Key)> {
    let common = &jwk.common;
    if matches!(&common.public_key_use, Some(named) if *named != PublicKeyUse::Signature) {
        return None;
    }
    let mut fits: Vec<Algorithm> = algorithms_of(&jwk.algorithm)
        .iter()
        .copied()
        .filter(|algorithm| accepted.contains(algorithm))
        .collect();
    if let Some(named) = common.key_algorithm {
        fits.retain(|algorithm| of_jwk(*algorithm) == named);
    }
    if fits.is_empty() {
        return None;
    }
    let key = Key {
        decoding: DecodingKey::from_jwk(jwk).ok()?,
        fits,
        material,
        withdrawn: CancellationToken::new(),
    };
    Some((common.key_id.clone()?, key))
}

/// A symmetric key fits nothing: whoever can read it could sign.
fn algorithms_of(parameters: &AlgorithmParameters) -> &'static [Algorithm] {
    match parameters {
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => &[Algorithm::Es256],
            EllipticCurve::P384 => &[Algorithm::Es384],
            _ => &[],
        },
        AlgorithmParameters::RSA(_) => &[Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512],
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            &[Algorithm::EdDsa]
        }
        _ => &[],
    }
}

fn of_library(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Es384 => jsonwebtoken::Algorithm::ES384,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Rs384 => jsonwebtoken::Algorithm::RS384,
        Algorithm::Rs512 => jsonwebtoken::Algorithm::RS512,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    }
}

fn of_jwk(algorithm: Algorithm) -> KeyAlgorithm {
    match algorithm {
        Algorithm::Es256 => KeyAlgorithm::ES256,
        Algorithm::Es384 => KeyAlgorithm::ES384,
        Algorithm::Rs256 => KeyAlgorithm::RS256,
        Algorithm::Rs384 => KeyAlgorithm::RS384,
        Algorithm::Rs512 => KeyAlgorithm::RS512,
        Algorithm::EdDsa => KeyAlgorithm::EdDSA,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A point on P-256: its generator (SEC 2 section 2.4.2).
    fn p256(id: &str) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "alg": "ES256",
            "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
            "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        })
    }

    fn ids(keys: &[Value], accepted: &[Algorithm]) -> Result<Vec<String>, KeySetError> {
        let json = json!({ "keys": keys }).to_string();
        let set = KeySet::parse(json.as_bytes(), accepted)?;
        let mut ids: Vec<_> = set.ids().cloned().collect();
        ids.sort_unstable();
        Ok(ids)
    }

    fn changed(key: Value, name: &str, value: Value) -> Value {
        let mut key = key;
        key[name] = value;
        key
    }

    #[test]
    fn only_keys_for_these_signatures_are_kept() {
        let symmetric = json!({ "kty": "oct", "kid": "oct", "k": "AAAA", "alg": "HS256" });
        let rsa = json!({ "kty": "RSA", "kid": "rsa", "n": "AAAA", "e": "AQAB" });
        let keys = [
            p256("a"),
            changed(p256("encrypts"), "use", json!("enc")),
            changed(p256("other"), "alg", json!("ES384")),
            changed(p256("x"), "kid", Value::Null),
            symmetric,
            rsa.clone(),
            json!({ "kty": "future", "kid": "f" }),
        ];
        assert_eq!(ids(&keys, &[Algorithm::Es256]), Ok(vec!["a".to_owned()]));
        assert_eq!(
            ids(&keys, &[Algorithm::Es256, Algorithm::Rs256]),
            Ok(vec!["a".to_owned(), "rsa".to_owned()])
        );
        assert_eq!(
            ids(&[rsa], &[Algorithm::Es256]),
            Err(KeySetError::NoneUsable("ES256".to_owned()))
        );
    }

    #[test]
    fn a_set_is_small_and_its_ids_differ() {
        let many: Vec<_> = (0..17).map(|number| p256(&number.to_string())).collect();
        assert_eq!(ids(&many, &[Algorithm::Es256]), Err(KeySetError::TooMany(17)));
        assert_eq!(ids(&many[..16], &[Algorithm::Es256]).map(|ids| ids.len()), Ok(16));
        assert_eq!(
            ids(&[p256("a"), p256("a")], &[Algorithm::Es256]),
            Err(KeySetError::SameId("a".to_owned()))
        );
        assert!(matches!(
            KeySet::parse(b"<html>", &[]),
            Err(KeySetError::Malformed(_))
        ));
    }

    #[test]
    fn a_key_that_is_no_longer_published_is_withdrawn() {
        let set = |keys: &[Value]| {
            KeySet::parse(
                json!({ "keys": keys }).to_string().as_bytes(),
                &[Algorithm::Es256],
            )
            .expect("keys")
        };
        let old = set(&[p256("stays"), p256("goes"), p256("changes")]);
        let held = |id: &str| old.find(id).expect("it is there").clone();
        let (stays, goes, changes) = (held("stays"), held("goes"), held("changes"));
        let new = set(&[
            p256("stays"),
            changed(p256("changes"), "x5t", json!("AAAA")),
            p256("comes"),
        ])
        .replace(&old);
        assert!(
            !stays.withdrawn.is_cancelled()
                && goes.withdrawn.is_cancelled()
                && changes.withdrawn.is_cancelled()
        );
        assert!(Arc::ptr_eq(new.find("stays").expect("kept"), &stays));
        assert!(!new.find("changes").expect("new").withdrawn.is_cancelled());
    }
}
