//! What a proxy that signs people in would add to each request, and the settings that believe it.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::header::HeaderName;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::KeyPair;
use serde_json::json;

use crate::error::BenchError;
use crate::identity::HOST;
use crate::site::write;

/// The header of the assertion.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-assertion");
const NAME: &str = "doorcode-bench";
const USER: &str = "you@example.com";
/// Seconds; longer than any run.
const LIFETIME: u64 = 60 * 60;

/// Signs an assertion with a new key (ES256, as Pomerium's), whose public half is written into `dir`. Gives it, and the settings that
/// believe it of who connects from 127.0.0.1.
pub(super) fn create(dir: &Path, port: u16) -> Result<(String, String), BenchError> {
    let unusable =
        |error: jsonwebtoken::errors::Error| BenchError::Unexpected(format!("no assertion: {error}"));
    let pem = KeyPair::generate()?.serialize_pem();
    let key = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(unusable)?;
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(unusable)?;
    jwk.common.key_id = Some(NAME.to_owned());
    let keys = dir.join("keys.json");
    write(&keys, &json!({ "keys": [jwk] }).to_string())?;

    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let claims = json!({ "iss": NAME, "aud": NAME, "email": USER, "iat": now, "exp": now + LIFETIME });
    let header = Header {
        kid: Some(NAME.to_owned()),
        ..Header::new(Algorithm::ES256)
    };
    let token = jsonwebtoken::encode(&header, &claims, &key).map_err(unusable)?;
    let settings = format!(
        r#"[auth.trusted_proxy]
preset = "custom"
public_url = "https://{HOST}:{port}"
proxies = ["127.0.0.1"]
allow_users = ["{USER}"]
proof = "assertion"
[auth.trusted_proxy.assertion]
header = "{HEADER}"
jwks_file = {keys:?}
issuer = "{NAME}"
audience = "{NAME}"
algorithms = ["ES256"]
user_claim = "email"
max_age = "1h"
"#
    );
    Ok((token, settings))
}
