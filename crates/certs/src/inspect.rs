//! Reading what a certificate says.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use doorcode_settings::HostName;
use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::pair::Certificate;

/// Renewal is due this long before the end.
const RENEWAL_WINDOW: Duration = Duration::days(30);

/// The files and the host a certificate belongs to.
pub(crate) struct Source<'a> {
    pub(crate) host: &'a HostName,
    pub(crate) cert: &'a Path,
    pub(crate) key: &'a Path,
}

/// Parses one certificate, all of `der`; the error says what is wrong with it.
pub(crate) fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, String> {
    let (rest, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    if !rest.is_empty() {
        return Err("data follows the certificate".to_owned());
    }
    certificate
        .subject_alternative_name()
        .map_err(|error| format!("subject alternative names: {error}"))?;
    Ok(certificate)
}

/// The subject alternative names that can name a host, as text; other kinds are left out.
pub(crate) fn alternative_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    names.value.general_names.iter().filter_map(host_name).collect()
}

fn host_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => {
            let v4 = <[u8; 4]>::try_from(*octets).map(|octets| Ipv4Addr::from(octets).to_string());
            let v6 = <[u8; 16]>::try_from(*octets).map(|octets| Ipv6Addr::from(octets).to_string());
            v4.or(v6).ok()
        }
        _ => None,
    }
}

/// Whether servers may use it: its extended key usage, if it has one, names serverAuth or any (RFC 5280 §4.2.1.12).
pub(crate) fn serves_tls(certificate: &X509Certificate<'_>) -> bool {
    match certificate.extended_key_usage() {
        Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
        Ok(None) => true,
        Err(_) => false,
    }
}

/// Begin and end of a certificate's validity.
pub(crate) fn validity(certificate: &X509Certificate<'_>) -> (OffsetDateTime, OffsetDateTime) {
    (
        certificate.validity().not_before.to_datetime(),
        certificate.validity().not_after.to_datetime(),
    )
}

/// Everything people are told about `leaf`; `root` is there for a self-signed pair only.
pub(crate) fn describe(
    source: &Source<'_>,
    leaf: &X509Certificate<'_>,
    root: Option<&CertificateDer<'_>>,
    now: OffsetDateTime,
) -> Certificate {
    let (not_before, not_after) = validity(leaf);
    Certificate {
        host: source.host.clone(),
        sans: alternative_names(leaf),
        not_before,
        not_after,
        days_left: (not_after - now)
            .whole_seconds()
            .div_euclid(Duration::DAY.whole_seconds()),
        fingerprint: fingerprint(leaf.as_raw()),
        root_fingerprint: root.map(|root| fingerprint(root)),
        issuer: leaf.issuer().to_string(),
        serial: hex(leaf.raw_serial()),
        due: not_after - now <= RENEWAL_WINDOW,
        cert_file: source.cert.to_owned(),
        key_file: source.key.to_owned(),
        self_signed: root.is_some() || leaf.issuer() == leaf.subject(),
    }
}

/// SHA-256 of a certificate in DER, as browsers and OpenSSL write it.
pub(crate) fn fingerprint(der: &[u8]) -> String {
    hex(&Sha256::digest(der))
}

fn hex(octets: &[u8]) -> String {
    octets
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect::<Vec<_>>()
        .join(":")
}
