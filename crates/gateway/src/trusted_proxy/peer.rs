//! Who is at the other end of the connection: the first question, and one that no header can answer.

use std::net::IpAddr;

use ipnet::IpNet;

use super::refusals::UNTRUSTED_SOURCE;
use crate::link::Link;
use crate::refusal::Refusal;

/// Lets the connection pass when it comes from one of `proxies`, or over a unix socket, whose folder decides who may connect.
///
/// An address of this machine itself is a proxy only when an entry names it alone, or names loopback: a range such as
/// `10.0.0.0/8` means the network, and would otherwise make a proxy of every program that runs here.
pub(super) fn check(link: &Link, proxies: &[IpNet]) -> Result<(), Refusal> {
    if link.by_socket || contains(proxies, link.peer, || link.peer_is_this_machine()) {
        return Ok(());
    }
    Err(UNTRUSTED_SOURCE)
}

fn contains(proxies: &[IpNet], peer: IpAddr, is_this_machine: impl FnOnce() -> bool) -> bool {
    let peer = peer.to_canonical();
    let mut matching = proxies.iter().filter(|net| net.contains(&peer)).peekable();
    if matching.peek().is_none() {
        return false;
    }
    let named = |net: &IpNet| net.prefix_len() == net.max_prefix_len() || net.network().is_loopback();
    matching.any(named) || !(peer.is_loopback() || is_this_machine())
}

/// Whether an interface of this machine has `address`, now. Where the system does not say, it counts as one that has.
pub(crate) fn is_this_machine(address: IpAddr) -> bool {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces
            .iter()
            .any(|interface| interface.ip().to_canonical() == address),
        Err(error) => {
            tracing::warn!(%error, "the addresses of this machine cannot be listed, so no range of proxies is believed");
            true
        }
    }
}

/// The client's address as the proxy tells it: in `X-Forwarded-For`, from the end, the first that is no proxy of ours. It is for
/// people to read; nothing is decided by it.
pub(super) fn forwarded_for(headers: &http::HeaderMap, proxies: &[IpNet]) -> Option<IpAddr> {
    let values: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    values
        .iter()
        .rev()
        .flat_map(|value| value.rsplit(','))
        .map(|address| {
            address
                .trim()
                .parse::<IpAddr>()
                .map(|address| address.to_canonical())
        })
        .take_while(Result::is_ok)
        .flatten()
        .find(|address| !proxies.iter().any(|net| net.contains(address)))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().expect("a range")).collect()
    }

    fn trusted(proxies: &[&str], peer: &str, is_this_machine: bool) -> bool {
        contains(&nets(proxies), peer.parse().expect("an address"), || {
            is_this_machine
        })
    }

    #[test]
    fn only_listed_addresses_are_proxies() {
        assert!(trusted(&["10.0.0.1/32"], "10.0.0.1", false));
        assert!(trusted(&["10.0.0.0/24"], "10.0.0.7", false));
        assert!(trusted(&["2001:db8::/64"], "2001:db8::7", false));
        assert!(!trusted(&["10.0.0.1/32"], "10.0.0.2", false));
        assert!(!trusted(&[], "127.0.0.1", false));
        assert!(!trusted(&["::/1"], "10.0.0.1", false), "the other family");
    }

    #[test]
    fn an_ipv4_peer_of_an_ipv6_socket_is_an_ipv4_peer() {
        assert!(trusted(&["10.0.0.1/32"], "::ffff:10.0.0.1", false));
        assert!(!trusted(&["10.0.0.1/32"], "::ffff:10.0.0.2", false));
    }

    #[test]
    fn a_range_makes_no_proxy_of_this_machine() {
        assert!(!trusted(&["10.0.0.0/8"], "10.0.0.5", true));
        assert!(
            trusted(&["10.0.0.0/8", "10.0.0.5/32"], "10.0.0.5", true),
            "named alone"
        );
        assert!(
            !trusted(&["64.0.0.0/2"], "127.0.0.1", false),
            "loopback by a broad range"
        );
        assert!(trusted(&["127.0.0.1/32"], "127.0.0.1", true));
        assert!(
            trusted(&["127.0.0.0/8"], "127.0.0.9", true),
            "loopback in so many words"
        );
        assert!(trusted(&["::1/128"], "::1", true));
    }

    #[test]
    fn this_machine_has_loopback_and_not_an_address_for_documents() {
        assert!(is_this_machine("127.0.0.1".parse().expect("an address")));
        assert!(!is_this_machine("192.0.2.1".parse().expect("an address")));
    }

    #[test]
    fn the_client_is_the_last_that_is_no_proxy() {
        let told = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", http::HeaderValue::from_static(value));
            }
            forwarded_for(&headers, &nets(&["10.0.0.0/8"])).map(|address| address.to_string())
        };
        assert_eq!(
            told(&["6.6.6.6, 203.0.113.9"]).as_deref(),
            Some("203.0.113.9"),
            "the client's own lie before it"
        );
        assert_eq!(
            told(&["203.0.113.9, 10.0.0.2"]).as_deref(),
            Some("203.0.113.9"),
            "through another proxy"
        );
        assert_eq!(
            told(&["203.0.113.9", "::ffff:10.0.0.2"]).as_deref(),
            Some("203.0.113.9")
        );
        assert_eq!(
            told(&["203.0.113.9, unknown"]),
            None,
            "nothing before what cannot be read is believed"
        );
        assert_eq!(told(&[]), None);
    }
}
