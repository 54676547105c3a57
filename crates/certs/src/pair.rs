//! What the gateway is given to serve, and what people are told about it.

use std::path::PathBuf;
use std::sync::Arc;

use doorcode_settings::HostName;
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::Serialize;
use time::OffsetDateTime;

/// A certificate with its key, checked: the two belong together, and the dates and names were right when it was loaded.
#[derive(Debug)]
pub struct Pair {
    /// What is sent to clients, leaf first. A self-signed certificate is the leaf alone.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's key. Its `Debug` form does not show it.
    pub key: PrivateKeyDer<'static>,
    /// The root that trust stores are given; none for a custom pair.
    pub root: Option<CertificateDer<'static>>,
    /// What the leaf says.
    pub info: Certificate,
}

impl Pair {
    /// The pair in the form that rustls serves.
    pub fn certified_key(&self) -> Result<Arc<CertifiedKey>, rustls::Error> {
        CertifiedKey::from_der(
            self.chain.clone(),
            self.key.clone_key(),
            &aws_lc_rs::default_provider(),
        )
        .map(Arc::new)
    }
}

/// What a host's certificate says, at the time it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The host it is for; the first of the configured hosts for a custom one.
    pub host: HostName,
    /// Subject alternative names, in the certificate's order: DNS names, and IP addresses without brackets.
    pub sans: Vec<String>,
    /// Begin of the validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// End of the validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// Whole days until `not_after`, rounded down: 0 on the last day, negative once it is over.
    pub days_left: i64,
    /// SHA-256 of the leaf, `AA:BB:…`: what a browser shows for the site.
    pub fingerprint: String,
    /// SHA-256 of the root, `AA:BB:…`: what a trust store shows; none for a custom certificate.
    pub root_fingerprint: Option<String>,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// The serial number, `AA:BB:…`.
    pub serial: String,
    /// Whether it is time to renew: 30 days or less are left.
    pub due: bool,
    /// The file the certificate was read from.
    pub cert_file: PathBuf,
    /// The file its key was read from.
    pub key_file: PathBuf,
    /// Whether nobody vouches for it but this machine.
    pub self_signed: bool,
}
