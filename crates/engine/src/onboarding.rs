//! The page for phones and tablets that do not trust a host yet: where it is offered, and when it ends.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use doorcode_gateway::{Offer, Onboarding, Seen};
use doorcode_settings::{HostName, Problem};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::control::Reply;
use crate::engine::blocking;
use crate::status::urls;
use crate::task::Core;

/// The page is gone after this long, whatever happens.
const LASTS: Duration = Duration::from_secs(15 * 60);

/// What a device opens, and what a person compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct OnboardingReply {
    /// The page, `http://<address>:<port>/<secret>/`.
    pub url: String,
    /// The check that the page leads to, `https://…`. Also a secret: whoever opens it first is the one checked.
    pub check_url: String,
    /// That check's id.
    pub check_id: String,
    /// SHA-256 of the root, `AA:BB:…`, to be compared with what the device shows.
    pub fingerprint: String,
    /// When the page is gone at the latest.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub expires: OffsetDateTime,
    /// The addresses of this machine at which it could be offered, the likeliest first.
    #[cfg_attr(feature = "ts", ts(type = "Array<string>"))]
    pub addresses: Vec<IpAddr>,
}

impl Core {
    /// Offers the page of `host` (the first configured one if none is named) at `address` (the likeliest if none is named),
    /// in place of one that is offered already, until the control connection that asked for it is `gone`.
    pub(crate) async fn begin_onboarding(
        &mut self,
        host: Option<&HostName>,
        address: Option<IpAddr>,
        gone: CancellationToken,
    ) -> Result<Reply, Problem> {
        self.end_onboarding().await;
        let (host, _) = self.address_of(host)?;
        let addresses = blocking(choices).await?;
        let address = choose(&addresses, address)?;
        let base = reachable(&host, &self.gateway.local_addrs(), address)?;
        let (root, fingerprint) = self.certificates.root_pem(&host).ok_or_else(|| {
            Problem::new(
                "no_root",
                format!(
                    "{host} is served with a certificate of your own, so there is no root of ours to install"
                ),
                "doorcode trust check",
            )
        })?;
        let check = self.gateway.begin_check(&host, LASTS);
        let check_url = format!("{}{}", base.trim_end_matches('/'), check.path);
        let offer = Offer {
            address,
            host,
            root,
            fingerprint: fingerprint.clone(),
            check_url: check_url.clone(),
            readers: check.readers,
            lasts: LASTS,
        };
        let page = Onboarding::start(offer).await.map_err(|error| {
            Problem::new(
                "onboarding_unusable",
                format!("cannot offer the page for other devices at {address}: {error}"),
                "doorcode trust devices --add --address IP",
            )
        })?;
        let page = Arc::new(page);
        let reply = OnboardingReply {
            url: page.url().to_owned(),
            check_url,
            check_id: check.id,
            fingerprint,
            expires: OffsetDateTime::now_utc() + LASTS,
            addresses,
        };
        self.onboarding = Some(page.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = gone.cancelled() => page.end().await,
                () = page.over() => {}
            }
        });
        Ok(Reply::Onboarding(reply))
    }

    /// Ends the page; when this returns, it is gone.
    pub(crate) async fn end_onboarding(&mut self) {
        if let Some(page) = self.onboarding.take() {
            page.end().await;
        }
    }

    /// Which devices have come how far with the page that is offered.
    pub(crate) fn onboarding_seen(&self) -> Reply {
        let seen = self
            .onboarding
            .as_ref()
            .map_or_else(Seen::default, |page| page.seen());
        Reply::OnboardingSeen(seen)
    }
}

/// The addresses of this machine that devices of its own networks can reach, and loopback: the one that leads out first,
/// loopback last. Blocking.
fn choices() -> Result<Vec<IpAddr>, Problem> {
    let interfaces = if_addrs::get_if_addrs().map_err(|error| {
        Problem::new(
            "addresses_unknown",
            format!("cannot tell the addresses of this machine: {error}"),
            "ip address",
        )
    })?;
    let leads_out = leading_out();
    let mut addresses: Vec<IpAddr> = interfaces
        .iter()
        .map(|interface| interface.ip())
        .filter(is_near)
        .collect();
    addresses.sort_by_key(|ip| (ip.is_loopback(), Some(*ip) != leads_out, ip.is_ipv6(), *ip));
    addresses.dedup();
    Ok(addresses)
}

/// Of a private network, or this machine alone. An IPv6 link-local address needs a zone, which browsers cannot say.
fn is_near(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback() || is_shared(*ip),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback(),
    }
}

/// 100.64.0.0/10 (RFC 6598), where Tailscale's networks are.
fn is_shared(ip: Ipv4Addr) -> bool {
    ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64
}

/// The address that packets to the world leave from. Connecting a datagram socket sends none.
fn leading_out() -> Option<IpAddr> {
    /// Of a block that is nobody's (TEST-NET-1, RFC 5737).
    const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ELSEWHERE).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn choose(addresses: &[IpAddr], wanted: Option<IpAddr>) -> Result<IpAddr, Problem> {
    let known = || {
        let texts: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
        texts.join(", ")
    };
    match wanted {
        Some(wanted) if addresses.contains(&wanted) => Ok(wanted),
        Some(wanted) => Err(Problem::new(
            "address_not_offered",
            format!(
                "{wanted} is not an address of this machine on a private network; there are {}",
                known()
            ),
            "doorcode trust devices --add --address IP",
        )),
        None => addresses
            .iter()
            .copied()
            .find(|ip| !ip.is_loopback())
            .ok_or_else(|| {
                Problem::new(
                    "no_lan_address",
                    "this machine has no address on a private network, so no other device can reach it",
                    "connect it to the network that the device is in",
                )
            }),
    }
}

/// The address of `host` for a device that reaches this machine at `from`.
fn reachable(host: &HostName, listen: &[SocketAddr], from: IpAddr) -> Result<String, Problem> {
    // A device whose own loopback leads here, as `adb reverse` has it, is a device all the same.
    let usable: Vec<SocketAddr> = listen
        .iter()
        .copied()
        .filter(|address| from.is_loopback() || !address.ip().is_loopback())
        .collect();
    let not_reachable = |why: String| {
        Problem::new(
            "host_not_reachable",
            format!("another device cannot reach {host}: {why}"),
            format!(
                "write `listen = [\"{}\"]` and `hosts = [\"{from}\"]` (or a name that the device knows) under [gateway]: `doorcode settings edit`",
                SocketAddr::new(from, listen.first().map_or(8443, SocketAddr::port))
            ),
        )
    };
    if host.is_loopback() && !from.is_loopback() {
        return Err(not_reachable(
            "that name always means the device itself".to_owned(),
        ));
    }
    urls(std::slice::from_ref(host), &usable)
        .into_iter()
        .next()
        .ok_or_else(|| {
            let listen: Vec<String> = listen.iter().map(SocketAddr::to_string).collect();
            not_reachable(format!("the gateway listens on {} only", listen.join(", ")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn listen(texts: &[&str]) -> Vec<SocketAddr> {
        texts
            .iter()
            .map(|text| text.parse().expect("an address"))
            .collect()
    }

    #[test]
    fn only_addresses_of_private_networks_are_offered() {
        for near in [
            "192.168.1.2",
            "10.0.0.1",
            "172.16.9.9",
            "169.254.3.3",
            "100.100.0.1",
            "127.0.0.1",
            "fd00::1",
            "::1",
        ] {
            assert!(is_near(&ip(near)), "{near}");
        }
        for far in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2001:db8::1",
            "fe80::1",
            "0.0.0.0",
        ] {
            assert!(!is_near(&ip(far)), "{far}");
        }
    }

    #[test]
    fn this_machine_is_on_its_own_list_with_loopback_last() {
        let addresses = choices().expect("addresses");
        let last = addresses.last().expect("at least loopback");
        assert!(
            last.is_loopback() && addresses.iter().all(is_near),
            "{addresses:?}"
        );
    }

    #[test]
    fn the_person_chooses_among_what_there_is() {
        let addresses = [ip("192.168.1.2"), ip("10.0.0.1"), ip("127.0.0.1")];
        assert_eq!(choose(&addresses, None), Ok(addresses[0]));
        assert_eq!(choose(&addresses, Some(addresses[2])), Ok(addresses[2]));
        let code = |chosen: Result<IpAddr, Problem>| chosen.expect_err("refused").code;
        assert_eq!(
            code(choose(&addresses, Some(ip("0.0.0.0")))),
            "address_not_offered"
        );
        assert_eq!(
            code(choose(&addresses[2..], None)),
            "no_lan_address",
            "loopback is offered to nobody who did not ask for it"
        );
    }

    #[test]
    fn a_host_that_a_phone_cannot_reach_is_refused_with_the_way_out() {
        let lan = ip("192.168.1.2");
        let far = listen(&["127.0.0.1:8443", "0.0.0.0:9443"]);
        let near = listen(&["127.0.0.1:8443", "[::1]:8443"]);
        let name: HostName = "code.test".parse().expect("a host");
        let localhost: HostName = "localhost".parse().expect("a host");
        assert_eq!(
            reachable(&name, &far, lan),
            Ok("https://code.test:9443/".to_owned()),
            "at the port that the device can reach"
        );
        for (host, listen) in [(&localhost, &far), (&name, &near)] {
            let problem = reachable(host, listen, lan).expect_err("refused");
            assert_eq!(problem.code, "host_not_reachable");
            assert!(problem.fix.contains("192.168.1.2:8443"), "{}", problem.fix);
        }
        assert_eq!(
            reachable(&localhost, &near, ip("127.0.0.1")),
            Ok("https://localhost:8443/".to_owned())
        );
    }
}
