//! Whether each host's name leads somewhere, as this machine sees it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use doorcode_settings::HostName;

use super::listening::is_of_this_machine;
use super::other_server::takes;
use crate::dial::limited;
use crate::finding::Finding;
use crate::report::Cause;
use crate::subject::Door;

const LIMIT: Duration = Duration::from_secs(3);

/// `public` is left to the probes of the public address: its name leads to the proxy.
pub(crate) async fn look(door: &Door, public: Option<&HostName>) -> Finding {
    let mut seen = Vec::new();
    let mut causes = Vec::new();
    let hosts = door.hosts.iter().map(|served| &served.host);
    for (position, host) in hosts.filter(|host| Some(*host) != public).enumerate() {
        match resolve(host).await {
            Ok(addresses) => {
                seen.push(format!("{host} is {}", list(&addresses)));
                causes.extend(not_listened_on(door, host));
            }
            Err(error) => {
                seen.push(format!("{host}: {error}"));
                causes.push(unknown(host, position == 0, &error));
            }
        }
    }
    if seen.is_empty() {
        return Finding::skipped("the only host is the public one");
    }
    Finding::pass(seen.join("; ")).and(causes)
}

/// The addresses of `host`, each once.
pub(crate) async fn resolve(host: &HostName) -> Result<Vec<IpAddr>, String> {
    let name = match host {
        HostName::Ip(address) => return Ok(vec![*address]),
        HostName::Dns(name) => name.clone(),
    };
    let found = limited(LIMIT, tokio::net::lookup_host((name, 0))).await?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map(|address| address.ip().to_canonical()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    match addresses.is_empty() {
        true => Err("it has no address".to_owned()),
        false => Ok(addresses),
    }
}

/// A host that is an address of this machine, at which the door does not listen. One beyond may lead here by a router.
fn not_listened_on(door: &Door, host: &HostName) -> Option<Cause> {
    let HostName::Ip(ip) = *host else { return None };
    let mut listening = door.listen.iter().filter_map(|address| address.tcp()).peekable();
    let port = listening.peek()?.port();
    if !is_of_this_machine(ip) || listening.any(|bound| takes(&bound, ip)) {
        return None;
    }
    let address = SocketAddr::new(ip, port);
    let message = format!("the door does not listen at {address}, although {ip} is one of its hosts");
    let fix = format!(
        "add \"{address}\" to listen under [gateway], or take {ip} out of hosts there: `doorcode settings edit`, then \
         `doorcode stop --engine` and `doorcode up`"
    );
    Some(match door.hosts.len() {
        1 => Cause::critical("not_listening", message, fix),
        _ => Cause::warning("not_listening", message, fix),
    })
}

fn unknown(host: &HostName, first: bool, error: &str) -> Cause {
    let message = format!("the name {host} leads nowhere on this machine");
    let fix = format!(
        "for this machine: `echo '127.0.0.1 {host}' | sudo tee -a /etc/hosts`; for others, enter it in your DNS. Or take it out of \
         hosts under [gateway]: `doorcode settings edit`"
    );
    let cause = match first {
        // The one that links name.
        true => Cause::critical("host_not_resolved", message, fix),
        false => Cause::warning("host_not_resolved", message, fix),
    };
    cause.seen_by(format!("{host}: {error}"))
}

pub(crate) fn list(addresses: &[IpAddr]) -> String {
    let named: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_cannot_exist_leads_nowhere() {
        // RFC 6761 section 6.4.
        let host: HostName = "nowhere.invalid".parse().expect("a host");
        assert!(resolve(&host).await.is_err());
        let host: HostName = "::1".parse().expect("a host");
        assert_eq!(
            resolve(&host).await.expect("itself"),
            ["::1".parse::<IpAddr>().expect("an address")]
        );
    }
}
