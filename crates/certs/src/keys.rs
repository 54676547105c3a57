//! Whether a key can be used, and for which certificate.

use std::path::Path;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::flaw::Flaw;

/// rustls gives one error for all of these.
const UNUSABLE: &str = "it is damaged, an RSA key of less than 2048 bits, or of a kind that TLS does not use";

/// Fails unless `key` is one that TLS can use and belongs to the first certificate of `chain`, which must not be empty.
pub(crate) fn check(
    (cert_file, chain): (&Path, &[CertificateDer<'static>]),
    (key_file, key): (&Path, &PrivateKeyDer<'static>),
) -> Result<(), Flaw> {
    let key = any_supported_type(key).map_err(|_| Flaw::BadKey {
        path: key_file.to_owned(),
        detail: UNUSABLE.to_owned(),
    })?;
    let belongs_to = |certificate: &CertificateDer<'static>| {
        CertifiedKey::new(vec![certificate.clone()], key.clone()).keys_match()
    };
    let (cert, key) = (cert_file.to_owned(), key_file.to_owned());
    match belongs_to(&chain[0]) {
        Ok(()) => Ok(()),
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            match chain
                .iter()
                .position(|certificate| belongs_to(certificate).is_ok())
            {
                Some(index) => Err(Flaw::LeafNotFirst {
                    cert,
                    key,
                    position: index + 1,
                }),
                None => Err(Flaw::KeyMismatch { cert, key }),
            }
        }
        Err(error) => Err(Flaw::BadCertificate {
            path: cert,
            position: 1,
            detail: error.to_string(),
        }),
    }
}
