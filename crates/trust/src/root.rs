//! A host's root: the one certificate that trust stores are given.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorcode_certs::CertStore;
use doorcode_settings::{HostName, Problem};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use crate::recognise;

/// A root of the shape that this program issues: it vouches for the names of one host and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The host it is for.
    pub host: HostName,
    /// PEM, this certificate alone.
    pub pem: String,
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256, `AA:BB:…`, as in the status and in browsers.
    pub fingerprint: String,
    /// What stores call it: no two roots share one, and there is no colon in it (NSS takes that for a token's name).
    pub nickname: String,
}

impl Root {
    /// The root of the certificate that `store` has for `host`.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it has not the shape that keeps it harmless.
    pub fn of(store: &CertStore, host: &HostName) -> Result<Root, Problem> {
        let pem = store.export(host).map_err(|error| Problem::from(&error))?;
        let root = Root::recognise_pem(&pem)
            .into_iter()
            .find(|root| root.host == *host);
        root.ok_or_else(|| {
            Problem::new(
                "root_shape",
                format!("the root of {host} is not limited to that host; no store is given it"),
                format!("doorcode cert issue {host}"),
            )
        })
    }

    /// Tells whether a certificate in DER is one that this program made, for whatever host, by what it says and not by
    /// what a store calls it.
    pub fn recognise(der: &[u8]) -> Option<Root> {
        let host = recognise::host_of(der)?;
        let fingerprint = fingerprint(der);
        let nickname = nickname(&host, &fingerprint);
        Some(Root {
            host,
            pem: pem(der),
            der: der.to_vec(),
            fingerprint,
            nickname,
        })
    }

    /// The roots of our shape among the certificates in `pem`; other sections, and damaged ones, are passed over.
    pub(crate) fn recognise_pem(pem: &str) -> Vec<Root> {
        CertificateDer::pem_slice_iter(pem.as_bytes())
            .filter_map(|section| Root::recognise(&section.ok()?))
            .collect()
    }

    /// The name of a file for it: letters, digits, `-` and `_` only, so that it means nothing to a shell.
    pub(crate) fn file_stem(&self) -> String {
        let host: String = self.host.file_stem().chars().take(LONGEST_STEM).collect();
        format!("doorcode-{host}-{}", short(&self.fingerprint).to_lowercase())
    }

    /// The serial number in hexadecimal, by which Windows finds a certificate.
    pub(crate) fn serial(&self) -> String {
        recognise::serial(&self.der)
    }

    /// Its name in the subject, by which macOS lists trust.
    #[cfg(any(target_os = "macos", test))]
    pub(crate) fn common_name(&self) -> String {
        recognise::common_name(&self.der)
    }
}

/// Characters of the host in a file name, which may have 255 in all.
const LONGEST_STEM: usize = 100;
/// Characters in a line of PEM (RFC 7468 §2).
const PEM_LINE: usize = 64;

fn nickname(host: &HostName, fingerprint: &str) -> String {
    let host = host.to_string().replace(':', "_");
    format!("Doorcode {host} ({})", short(fingerprint).to_lowercase())
}

/// The first four octets, without colons.
fn short(fingerprint: &str) -> String {
    fingerprint
        .chars()
        .filter(|c| *c != ':')
        .take(8)
        .collect::<String>()
}

fn fingerprint(der: &[u8]) -> String {
    let octets: Vec<String> = Sha256::digest(der)
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect();
    octets.join(":")
}

fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for at in (0..body.len()).step_by(PEM_LINE) {
        text.push_str(&body[at..body.len().min(at + PEM_LINE)]);
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}
