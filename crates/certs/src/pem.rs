//! PEM in and out: certificates and keys, with errors that say what a file holds instead.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::flaw::Flaw;
use crate::inspect;

/// The first octets of a certificate or key in DER: a SEQUENCE longer than 255 octets.
const DER_START: [u8; 2] = [0x30, 0x82];
/// PKCS #8 and traditional OpenSSL encryption.
const ENCRYPTED: [&[u8]; 2] = [
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----",
    b"Proc-Type: 4,ENCRYPTED",
];
const LINE: usize = 64;

/// All certificates in `text`, at least one, each of them parsed once. Other sections are passed over.
pub(crate) fn certificates(path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Flaw> {
    let mut found = Vec::new();
    for section in CertificateDer::pem_slice_iter(text) {
        let position = found.len() + 1;
        let flaw = |detail: String| Flaw::BadCertificate {
            path: path.to_owned(),
            position,
            detail,
        };
        let certificate = section.map_err(|error| flaw(describe(&error)))?;
        inspect::parse(&certificate).map_err(flaw)?;
        found.push(certificate);
    }
    if found.is_empty() {
        return Err(Flaw::NoCertificate {
            path: path.to_owned(),
            der: text.starts_with(&DER_START),
        });
    }
    Ok(found)
}

/// The one private key in `text`: PKCS #8, PKCS #1 or SEC 1, not encrypted. Other sections are passed over.
pub(crate) fn private_key(path: &Path, text: &[u8]) -> Result<PrivateKeyDer<'static>, Flaw> {
    let path = path.to_owned();
    if ENCRYPTED.iter().any(|mark| contains(text, mark)) {
        return Err(Flaw::EncryptedKey { path });
    }
    let mut keys = Vec::new();
    for key in PrivateKeyDer::pem_slice_iter(text) {
        match key {
            Ok(key) => keys.push(key),
            Err(error) => {
                return Err(Flaw::BadKey {
                    path,
                    detail: describe(&error),
                });
            }
        }
    }
    match (keys.pop(), keys.len()) {
        (Some(key), 0) => Ok(key),
        (Some(_), others) => Err(Flaw::SeveralKeys {
            path,
            count: others + 1,
        }),
        (None, _) => Err(Flaw::NoKey {
            path,
            der: text.starts_with(&DER_START),
        }),
    }
}

/// Whether `text` holds a private key of any kind.
pub(crate) fn holds_private_key(text: &[u8]) -> bool {
    contains(text, b"PRIVATE KEY-----")
}

/// One certificate as PEM (RFC 7468).
pub(crate) fn encode(certificate: &CertificateDer<'_>) -> String {
    let body = STANDARD.encode(certificate);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for at in (0..body.len()).step_by(LINE) {
        text.push_str(&body[at..body.len().min(at + LINE)]);
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

/// The library prints text in its errors as lists of numbers.
fn describe(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => "it breaks off before its END line".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "its BEGIN line is damaged".to_owned(),
        pem::Error::Base64Decode(_) => "it is not base64 throughout".to_owned(),
        other => other.to_string(),
    }
}

fn contains(text: &[u8], mark: &[u8]) -> bool {
    text.windows(mark.len()).any(|window| window == mark)
}
