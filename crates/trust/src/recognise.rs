//! Which certificates are ours: by the whole of what they say, because what is ours may be taken out of a store.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use doorcode_settings::HostName;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, GeneralSubtree, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

/// Organization of every certificate that this program issues.
const ORGANIZATION: &str = "Doorcode";
/// Permitted in place of all DNS names where the host is an address (see doorcode-certs, `names.rs`).
const NO_DNS_NAME: &str = "gateway.invalid";
/// Hexadecimal digits that make the name of a root unique.
const UNIQUE_DIGITS: usize = 16;

/// The host whose root `der` is; `None` unless it is a root in exactly the shape that this program issues: self-signed, of
/// our naming, for one leaf below it, and limited to the names of one host.
pub(crate) fn host_of(der: &[u8]) -> Option<HostName> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    let host = limited_to(&certificate)?;
    let ours = rest.is_empty()
        && certificate.subject() == certificate.issuer()
        && is_named_for(certificate.subject(), &host)
        && signs_leaves_only(&certificate)
        && certificate.verify_signature(None).is_ok();
    ours.then_some(host)
}

/// The serial number of a recognised root, in hexadecimal.
pub(crate) fn serial(der: &[u8]) -> String {
    let octets = parsed(der).raw_serial().to_owned();
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The common name of a recognised root.
#[cfg(any(target_os = "macos", test))]
pub(crate) fn common_name(der: &[u8]) -> String {
    let certificate = parsed(der);
    let name = certificate.subject().iter_common_name().next();
    name.and_then(|name| name.as_str().ok())
        .unwrap_or_default()
        .to_owned()
}

fn parsed(der: &[u8]) -> X509Certificate<'_> {
    let (_, certificate) =
        X509Certificate::from_der(der).expect("a root is made of a certificate that was parsed");
    certificate
}

/// `O=Doorcode, CN=Doorcode for <host> (<16 hexadecimal digits>)`, and nothing else; a long host is cut, followed by dots.
fn is_named_for(name: &X509Name<'_>, host: &HostName) -> bool {
    if name.iter_attributes().count() != 2 {
        return false;
    }
    let one = |mut values: Vec<&str>| (values.len() == 1).then(|| values.remove(0).to_owned());
    let organization = name
        .iter_organization()
        .filter_map(|value| value.as_str().ok())
        .collect();
    let common = name
        .iter_common_name()
        .filter_map(|value| value.as_str().ok())
        .collect();
    let (Some(organization), Some(common)) = (one(organization), one(common)) else {
        return false;
    };
    let inner = common
        .strip_prefix("Doorcode for ")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|rest| rest.rsplit_once(" ("));
    let Some((named, unique)) = inner else {
        return false;
    };
    let host = host.to_string();
    let is_host = match named.strip_suffix("...") {
        Some(start) => host.starts_with(start),
        None => host == named,
    };
    organization == ORGANIZATION
        && is_host
        && unique.len() == UNIQUE_DIGITS
        && unique.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn signs_leaves_only(certificate: &X509Certificate<'_>) -> bool {
    let authority = matches!(
        certificate.basic_constraints(),
        Ok(Some(found)) if found.value.ca && found.value.path_len_constraint == Some(0)
    );
    let signs = matches!(
        certificate.key_usage(),
        Ok(Some(found)) if found.value.key_cert_sign() && !found.value.digital_signature()
    );
    authority && signs
}

/// The one host that the critical name constraints leave; `None` if they leave any other name.
fn limited_to(certificate: &X509Certificate<'_>) -> Option<HostName> {
    let extension = certificate
        .extensions()
        .iter()
        .find(|extension| matches!(extension.parsed_extension(), ParsedExtension::NameConstraints(_)))?;
    let ParsedExtension::NameConstraints(constraints) = extension.parsed_extension() else {
        return None;
    };
    if !extension.critical {
        return None;
    }
    let mut permitted = names(constraints.permitted_subtrees.as_deref())?;
    let mut excluded = names(constraints.excluded_subtrees.as_deref().or(Some(&[])))?;
    permitted.sort();
    excluded.sort();
    let host = permitted
        .iter()
        .find_map(|name| match name {
            Name::Address(address) if permitted.contains(&Name::Dns(NO_DNS_NAME.to_owned())) => {
                Some(HostName::Ip(*address))
            }
            _ => None,
        })
        .or_else(|| permitted.iter().find_map(dns_host))?;
    (permitted == permitted_for(&host) && excluded == excluded_for(&permitted)).then_some(host)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Dns(String),
    Address(IpAddr),
    /// All IPv4 or all IPv6 addresses.
    EveryV4,
    EveryV6,
}

fn dns_host(name: &Name) -> Option<HostName> {
    match name {
        Name::Dns(name) => name.parse().ok().filter(|host| matches!(host, HostName::Dns(_))),
        _ => None,
    }
}

/// `None` as soon as one of them is of a kind that we never write.
fn names(subtrees: Option<&[GeneralSubtree<'_>]>) -> Option<Vec<Name>> {
    subtrees?.iter().map(|subtree| name(&subtree.base)).collect()
}

fn name(base: &GeneralName<'_>) -> Option<Name> {
    match base {
        GeneralName::DNSName(name) => Some(Name::Dns((*name).to_owned())),
        // An address and its mask (RFC 5280 §4.2.1.10).
        GeneralName::IPAddress(octets) => match octets.len() {
            8 if **octets == [0; 8] => Some(Name::EveryV4),
            32 if **octets == [0; 32] => Some(Name::EveryV6),
            8 if octets[4..] == [0xff; 4] => {
                let address = <[u8; 4]>::try_from(&octets[..4]).ok()?;
                Some(Name::Address(Ipv4Addr::from(address).into()))
            }
            32 if octets[16..] == [0xff; 16] => {
                let address = <[u8; 16]>::try_from(&octets[..16]).ok()?;
                Some(Name::Address(Ipv6Addr::from(address).into()))
            }
            _ => None,
        },
        _ => None,
    }
}

fn permitted_for(host: &HostName) -> Vec<Name> {
    let mut names = match host {
        HostName::Ip(address) => vec![Name::Address(*address), Name::Dns(NO_DNS_NAME.to_owned())],
        HostName::Dns(name) if name == "localhost" => vec![
            Name::Dns(name.clone()),
            Name::Address(Ipv4Addr::LOCALHOST.into()),
            Name::Address(Ipv6Addr::LOCALHOST.into()),
        ],
        HostName::Dns(name) => vec![Name::Dns(name.clone())],
    };
    names.sort();
    names
}

/// Each family of addresses of which none is permitted.
fn excluded_for(permitted: &[Name]) -> Vec<Name> {
    let any = |wanted: fn(&IpAddr) -> bool| {
        permitted
            .iter()
            .any(|name| matches!(name, Name::Address(address) if wanted(address)))
    };
    let mut names = Vec::new();
    if !any(IpAddr::is_ipv4) {
        names.push(Name::EveryV4);
    }
    if !any(IpAddr::is_ipv6) {
        names.push(Name::EveryV6);
    }
    names
}

#[cfg(test)]
mod tests;
