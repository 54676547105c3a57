//! The shape of a self-signed host certificate: a root that signs one leaf and is then thrown away.
//!
//! To a person the two are "the certificate of this host". They are two because no single certificate works everywhere:
//! Firefox and rustls refuse a CA certificate as a server's, and iOS and Android trust only CA certificates. The root may
//! vouch for the host's own names only, and its key exists in memory for as long as one signature takes, so that trusting
//! it gives nothing away beyond the host: whoever steals the leaf's key can pose as that host and as no other.

use doorcode_settings::HostName;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::names::{constraints, subject_names};

/// Apple's systems refuse server certificates that are valid for more than 825 days.
const VALIDITY: Duration = Duration::days(824);
/// How far in the past validity begins, for devices whose clock is behind this machine's.
const CLOCK_SKEW: Duration = Duration::days(1);
/// RFC 5280 §4.1.2.2 allows 20 octets.
const SERIAL_OCTETS: usize = 20;
/// X.520 limits a common or an organizational unit name to 64 characters; a DNS name may have 253.
const NAME_LIMIT: usize = 64;
const ORGANIZATION: &str = "Doorcode";

/// A newly issued certificate, as the texts of its two files.
pub(crate) struct Fresh {
    /// PEM: the leaf, then the root.
    pub(crate) certificates: String,
    /// PEM: the leaf's key. The root's no longer exists.
    pub(crate) key: Zeroizing<String>,
}

/// What can fail when a certificate is made: the system's random numbers, or the signature.
pub(crate) type ShapeError = Box<dyn std::error::Error + Send + Sync>;

/// Makes a root and a leaf for `host`, both on P-256 and valid from a day before `now` for 824 days.
pub(crate) fn issue(host: &HostName, now: OffsetDateTime) -> Result<Fresh, ShapeError> {
    let root_key = Zeroizing::new(KeyPair::generate()?);
    let root_params = root(host, now)?;
    let root = root_params.self_signed(&*root_key)?;

    let leaf_key = Zeroizing::new(KeyPair::generate()?);
    let leaf = leaf(host, now)?.signed_by(&*leaf_key, &Issuer::from_params(&root_params, &*root_key))?;

    Ok(Fresh {
        certificates: format!("{}{}", leaf.pem(), root.pem()),
        key: Zeroizing::new(leaf_key.serialize_pem()),
    })
}

pub(crate) fn root(host: &HostName, now: OffsetDateTime) -> Result<CertificateParams, ShapeError> {
    let mut params = dated(now)?;
    params.distinguished_name = root_name(host)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(constraints(&subject_names(host)));
    Ok(params)
}

/// No common name here: OpenSSL, Node and WebKitGTK would hold it against the root's constraints.
pub(crate) fn leaf(host: &HostName, now: OffsetDateTime) -> Result<CertificateParams, ShapeError> {
    let mut params = dated(now)?;
    params.distinguished_name = named(DnType::OrganizationalUnitName, shortened(host, NAME_LIMIT));
    params.subject_alt_names = subject_names(host)
        .iter()
        .map(alternative)
        .collect::<Result<_, _>>()?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn dated(now: OffsetDateTime) -> Result<CertificateParams, ShapeError> {
    let mut params = CertificateParams::default();
    params.not_before = now - CLOCK_SKEW;
    params.not_after = params.not_before + VALIDITY;
    params.serial_number = Some(serial()?);
    Ok(params)
}

/// 158 random bits. The first octet is from 0x40 to 0x7f: the number is positive, and always of the same length.
fn serial() -> Result<SerialNumber, getrandom::Error> {
    let mut octets = [0; SERIAL_OCTETS];
    getrandom::fill(&mut octets)?;
    octets[0] = (octets[0] & 0x3f) | 0x40;
    Ok(SerialNumber::from_slice(&octets))
}

/// Unique, because trust stores and path builders find an issuer by its name: two roots of one name hide each other.
fn root_name(host: &HostName) -> Result<DistinguishedName, getrandom::Error> {
    let unique = getrandom::u64()?;
    let (before, after) = (format!("{ORGANIZATION} for "), format!(" ({unique:016x})"));
    let host = shortened(host, NAME_LIMIT - before.len() - after.len());
    Ok(named(DnType::CommonName, format!("{before}{host}{after}")))
}

fn named(kind: DnType, text: String) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, ORGANIZATION);
    name.push(kind, text);
    name
}

/// The host as text of at most `limit` characters; a longer one keeps its beginning, followed by dots.
fn shortened(host: &HostName, limit: usize) -> String {
    let text = host.to_string();
    if text.len() <= limit {
        return text;
    }
    let start: String = text.chars().take(limit - 3).collect();
    format!("{start}...")
}

fn alternative(name: &HostName) -> Result<SanType, rcgen::Error> {
    Ok(match name {
        HostName::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
        HostName::Ip(address) => SanType::IpAddress(*address),
    })
}

#[cfg(test)]
mod tests;
