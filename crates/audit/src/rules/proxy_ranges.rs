//! Which addresses are a network's own, and which are the internet's.

use std::net::IpAddr;

use ipnet::IpNet;

/// Not routed on the internet: loopback, private (RFC 1918), link-local (RFC 3927), shared (RFC 6598), unique local
/// (RFC 4193), link-local (RFC 4291 section 2.5.6).
const OWN: [&str; 9] = [
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

/// Whether the internet reaches it.
pub(super) fn is_public(address: IpAddr) -> bool {
    has_public(IpNet::from(address.to_canonical()))
}

/// Whether some of these addresses are the internet's.
pub(super) fn has_public(range: IpNet) -> bool {
    !OWN.iter().any(|network| {
        let network: IpNet = network.parse().expect("a network, as written above");
        network.contains(&range)
    })
}

/// Whether it is more than one small network: over 256 IPv4 addresses, or more than one IPv6 subnet.
pub(super) fn is_broad(range: IpNet) -> bool {
    match range {
        IpNet::V4(range) => range.prefix_len() < 24,
        IpNet::V6(range) => range.prefix_len() < 64,
    }
}
