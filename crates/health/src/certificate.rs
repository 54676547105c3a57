//! What a certificate that a server showed says.

use doorcode_settings::HostName;
use rustls::server::ParsedCertificate;
use rustls_pki_types::{CertificateDer, ServerName};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// A certificate that a server showed.
#[derive(Debug)]
pub(crate) struct Shown {
    /// SHA-256, `AA:BB:…`.
    pub(crate) fingerprint: String,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) not_after: OffsetDateTime,
    /// The names it is for.
    pub(crate) names: Vec<String>,
    covers: bool,
}

impl Shown {
    /// Reads `certificate`, which is asked for `host`.
    pub(crate) fn read(certificate: &CertificateDer<'_>, host: &HostName) -> Result<Shown, String> {
        let (_, parsed) = X509Certificate::from_der(certificate).map_err(|error| error.to_string())?;
        let validity = parsed.validity();
        let names = match parsed.subject_alternative_name() {
            Ok(Some(names)) => names.value.general_names.iter().filter_map(name).collect(),
            _ => Vec::new(),
        };
        let covers = ParsedCertificate::try_from(certificate).is_ok_and(|parsed| {
            server_name(host).is_ok_and(|host| rustls::client::verify_server_name(&parsed, &host).is_ok())
        });
        Ok(Shown {
            fingerprint: fingerprint(certificate),
            not_before: validity.not_before.to_datetime(),
            not_after: validity.not_after.to_datetime(),
            names,
            covers,
        })
    }

    /// Whether it is for the host that was asked for.
    pub(crate) fn covers(&self) -> bool {
        self.covers
    }
}

/// A host as TLS names it.
pub(crate) fn server_name(host: &HostName) -> Result<ServerName<'static>, String> {
    let text = host.to_string();
    ServerName::try_from(text).map_err(|_| format!("{host} is no name for a certificate"))
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = Sha256::digest(certificate);
    let bytes: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// Fit for a terminal: whoever answers wrote it, and nobody vouches for them here.
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.escape_default().to_string()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_strangers_certificate_cannot_write_on_the_terminal() {
        let name = |text| name(&GeneralName::DNSName(text));
        assert_eq!(name("*.code.example.com").as_deref(), Some("*.code.example.com"));
        let hostile = name("a\u{1b}]0;x\u{7}\u{9b}2J\nhealthy").expect("a name");
        assert!(hostile.chars().all(|c| c.is_ascii_graphic()), "{hostile}");
    }
}
