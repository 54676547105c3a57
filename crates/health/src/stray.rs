//! Whether a request that seems to have passed a proxy says anything of one: where no proxy is configured, anybody can write what a
//! proxy writes, and whatever looks for open doors in the internet tries just that, also by way of a proxy that does nothing wrong.

use std::net::IpAddr;

use crate::evidence::host_part;
use crate::subject::{Refusals, Sighting};

/// A request alone is a stray one. Whoever opens a page asks for more than that.
const SEVERAL: u64 = 2;

/// Names that are given to machines and containers of one's own (RFC 6762, RFC 8375, ICANN's `internal`, and what routers use).
const OWN_NAMES: [&str; 6] = ["local", "internal", "home.arpa", "lan", "home", "localdomain"];

/// Whether requests that were refused for their host came by way of a proxy that puts the name of its upstream in its place: several,
/// by a proxy that is near, for a host that only it can mean. Of the rules for a configured proxy, which its own requests alone come
/// to, one is enough.
pub(crate) fn host_was_replaced(refusals: &Refusals) -> bool {
    let Refusals {
        code, count, last, ..
    } = refusals;
    code.starts_with("trusted_proxy_")
        || (last.proxied && *count >= SEVERAL && is_near(last) && is_of_ones_own(host_part(&last.host)))
}

/// Whether it came from where a proxy of one's own may be: this machine, or its network.
pub(crate) fn is_near(sighting: &Sighting) -> bool {
    is_private(sighting.client)
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            // RFC 6598, which overlay networks such as tailnets use.
            let shared = first == 100 && second & 0xc0 == 64;
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Whether nobody beyond one's own network could mean it. What tries doors from outside knows a public name or address.
fn is_of_ones_own(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return is_private(address);
    }
    let host = host.to_ascii_lowercase();
    let ends_in = |name: &&str| {
        let rest = host.strip_suffix(*name);
        rest.is_some_and(|rest| rest.ends_with('.'))
    };
    !host.contains('.') || OWN_NAMES.iter().any(ends_in)
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn refused(client: &str, host: &str) -> Refusals {
        Refusals {
            code: "host_not_allowed".into(),
            count: SEVERAL,
            last: Sighting {
                request: "0a-1".into(),
                at: OffsetDateTime::UNIX_EPOCH,
                client: client.parse().expect("an address"),
                host: host.into(),
                origin: None,
                detail: String::new(),
                proxied: true,
            },
            passed_since: false,
        }
    }

    #[test]
    fn a_proxy_that_names_its_upstream_is_near_and_does_so_each_time() {
        for (client, host) in [
            ("127.0.0.1", "doorcode"),
            ("127.0.0.1", "127.0.0.2:8443"),
            ("::1", "[fd00::7]:8443"),
            ("192.168.1.2", "Doorcode.LAN"),
            ("100.100.1.1", "10.0.0.9:8443"),
            ("172.17.0.1", "doorcode.apps.svc.cluster.local:80"),
        ] {
            let seen = refused(client, host);
            assert!(host_was_replaced(&seen), "{client} {host}");
            let once = Refusals { count: 1, ..seen };
            assert!(!host_was_replaced(&once), "{client} {host} once");
        }
    }

    #[test]
    fn what_tries_doors_from_outside_says_nothing_of_a_proxy() {
        for (client, host) in [
            // Itself, whatever it names.
            ("203.0.113.9", "127.0.0.1"),
            ("2001:db8::1", "doorcode"),
            // By way of a proxy that passes on what was asked for.
            ("127.0.0.1", "198.51.100.7"),
            ("127.0.0.1", "[2001:db8::1]:443"),
            ("10.0.0.1", "example.com"),
            ("10.0.0.1", "notlocal.example"),
        ] {
            assert!(!host_was_replaced(&refused(client, host)), "{client} {host}");
        }
        let mut direct = refused("127.0.0.1", "doorcode");
        direct.last.proxied = false;
        assert!(!host_was_replaced(&direct), "somebody at this machine");
    }

    #[test]
    fn of_a_configured_proxy_one_request_is_enough() {
        let refusals = Refusals {
            code: "trusted_proxy_host_not_allowed".into(),
            count: 1,
            ..refused("203.0.113.9", "upstream.example.com")
        };
        assert!(host_was_replaced(&refusals));
    }
}
