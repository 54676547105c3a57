//! Whether each host's name leads somewhere, as this machine sees it.

use std::net::IpAddr;
use std::time::Duration;

use doorcode_settings::HostName;

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
            Ok(addresses) => seen.push(format!("{host} is {}", list(&addresses))),
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
