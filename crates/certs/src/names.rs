//! The names a host's certificate carries, and the constraints that keep its root from vouching for any other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use doorcode_settings::HostName;
use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};

/// A name nobody can have (RFC 6761 §6.4), permitted in place of all the DNS names there are.
const NO_DNS_NAME: &str = "gateway.invalid";

/// The subject alternative names for `host`, its own first. `localhost` carries the loopback addresses as well, because
/// people and programs use the three as one.
pub(crate) fn subject_names(host: &HostName) -> Vec<HostName> {
    let mut names = vec![host.clone()];
    if matches!(host, HostName::Dns(name) if name == "localhost") {
        names.push(HostName::Ip(Ipv4Addr::LOCALHOST.into()));
        names.push(HostName::Ip(Ipv6Addr::LOCALHOST.into()));
    }
    names
}

/// The name constraints (RFC 5280 §4.2.1.10) that let a root vouch for `names` and nothing else.
///
/// Each rule beyond permitting the names comes from a client that fails without it: a kind of name of which nothing is
/// permitted is not constrained at all, so IP addresses are excluded as a whole, by family; DNS names are not excluded
/// as a whole, because GnuTLS rejects the empty name that this takes, but narrowed to one that cannot exist.
pub(crate) fn constraints(names: &[HostName]) -> NameConstraints {
    let mut permitted: Vec<GeneralSubtree> = names.iter().map(exactly).collect();
    if !names.iter().any(|name| matches!(name, HostName::Dns(_))) {
        permitted.push(GeneralSubtree::DnsName(NO_DNS_NAME.to_owned()));
    }
    let mut excluded = Vec::new();
    if !names
        .iter()
        .any(|name| matches!(name, HostName::Ip(IpAddr::V4(_))))
    {
        excluded.push(subnet(Ipv4Addr::UNSPECIFIED.into(), 0));
    }
    if !names
        .iter()
        .any(|name| matches!(name, HostName::Ip(IpAddr::V6(_))))
    {
        excluded.push(subnet(Ipv6Addr::UNSPECIFIED.into(), 0));
    }
    NameConstraints {
        permitted_subtrees: permitted,
        excluded_subtrees: excluded,
    }
}

fn exactly(name: &HostName) -> GeneralSubtree {
    match name {
        HostName::Dns(name) => GeneralSubtree::DnsName(name.clone()),
        HostName::Ip(address @ IpAddr::V4(_)) => subnet(*address, 32),
        HostName::Ip(address @ IpAddr::V6(_)) => subnet(*address, 128),
    }
}

fn subnet(address: IpAddr, prefix: u8) -> GeneralSubtree {
    GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix))
}
