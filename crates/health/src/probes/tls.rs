//! What each host is really served with, by a handshake at each address that its name leads to on this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use doorcode_settings::HostName;
use time::{Duration, OffsetDateTime};

use super::given::critical;
use super::host_names::resolve;
use super::listening::is_of_this_machine;
use super::other_server::{self, arrives, listens, takes};
use crate::certificate::{Shown, server_name};
use crate::dial::{LOCAL_LIMIT, limited, to_door};
use crate::finding::Finding;
use crate::report::{Cause, FixAction, Severity};
use crate::subject::{Door, Served};

/// Renewal is due this long before the end, as it is for `doorcode cert renew`.
const DUE: Duration = Duration::days(30);

pub(crate) async fn look(door: &Door) -> Finding {
    let mut seen = Vec::new();
    let mut causes = Vec::new();
    if !door.tls {
        for served in &door.hosts {
            for address in addresses(door, &served.host).await {
                if !listens(door, address) && !arrives(door, served, address).await {
                    causes.push(other_server::cause(served, address, ""));
                }
            }
        }
        return Finding::skipped("tls.mode is off: the proxy in front does it").and(causes);
    }
    for served in &door.hosts {
        // Where the files say why it has none of its own, what is shown in its place is no cause.
        let explained = served.fingerprint.is_none() && !door.certificate_problems.is_empty();
        for address in addresses(door, &served.host).await {
            let cause = match handshake(door, served, address).await {
                Ok(shown) => {
                    let now = OffsetDateTime::now_utc();
                    let left = match shown.not_after - now {
                        left if left.is_positive() => format!("{} left", days(left)),
                        _ => "expired".to_owned(),
                    };
                    seen.push(format!("{} at {address}: {left}", served.host));
                    match judge(served, address, &shown, now) {
                        None if !listens(door, address) && !arrives(door, served, address).await => {
                            Some(other_server::cause(
                                served,
                                address,
                                ", which shows a copy of Doorcode's certificate",
                            ))
                        }
                        judged => judged,
                    }
                }
                Err(error) => {
                    seen.push(format!("{} at {address}: {error}", served.host));
                    Some(match listens(door, address) {
                        true => failed(served, address, &error),
                        false => other_server::cause(served, address, "").seen_by(error),
                    })
                }
            };
            causes.extend(cause.filter(|_| !explained));
        }
    }
    match seen.is_empty() {
        true => Finding::skipped("it listens on a socket only, which is the proxy's"),
        false => Finding::pass(seen.join("; ")).and(causes).and(on_disk(door)),
    }
}

/// What is wrong with the files, which keeps people out only where nothing else is served in their place.
fn on_disk(door: &Door) -> Vec<Cause> {
    let all_served = door.hosts.iter().all(|served| served.fingerprint.is_some());
    let severity = if all_served {
        Severity::Warning
    } else {
        Severity::Critical
    };
    let named = door.certificate_problems.iter().map(critical);
    named.map(|cause| Cause { severity, ..cause }).collect()
}

/// Where a browser of this machine comes out when it asks for `host`, as far as that is this machine; the address listened
/// on where the name leads elsewhere.
pub(crate) async fn addresses(door: &Door, host: &HostName) -> Vec<SocketAddr> {
    // One that this machine has lost is told by itself.
    let listen: Vec<SocketAddr> = { door.listen.iter().filter_map(|address| address.tcp()) }
        .filter(|address| is_of_this_machine(address.ip()))
        .collect();
    let named = resolve(host).await.unwrap_or_default();
    let mut found: Vec<SocketAddr> = Vec::new();
    for bound in &listen {
        for ip in &named {
            let address = SocketAddr::new(*ip, bound.port());
            // Loopback is always this machine: somebody else there would get our visitors.
            let meets = ip.is_loopback() || bound.ip() == *ip;
            let listens = takes(bound, *ip) || (ip.is_loopback() && listens_there(address).await);
            if meets && listens && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    // An address that is not listened on is asked for nowhere else: only a name says at another address what is wanted.
    if found.is_empty() && matches!(host, HostName::Dns(_)) {
        found.extend(listen.first().map(|bound| reachable(*bound)));
    }
    found
}

/// Whether anybody does; a refusal comes at once.
async fn listens_there(address: SocketAddr) -> bool {
    let connect = tokio::net::TcpStream::connect(address);
    matches!(tokio::time::timeout(LOCAL_LIMIT, connect).await, Ok(Ok(_)))
}

/// An address to connect to for one listened on.
fn reachable(bound: SocketAddr) -> SocketAddr {
    match bound.ip() {
        IpAddr::V4(any) if any.is_unspecified() => (Ipv4Addr::LOCALHOST, bound.port()).into(),
        IpAddr::V6(any) if any.is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, bound.port()).into(),
        _ => bound,
    }
}

async fn handshake(door: &Door, served: &Served, address: SocketAddr) -> Result<Shown, String> {
    let connection = to_door(&*door.visits, address).await?;
    let name = server_name(&served.host)?;
    let connection = limited(LOCAL_LIMIT, connection.tls(&name)).await?;
    let shown = connection.certificate().ok_or("it showed no certificate")?;
    Shown::read(&shown, &served.host)
}

fn judge(served: &Served, address: SocketAddr, shown: &Shown, now: OffsetDateTime) -> Option<Cause> {
    let host = &served.host;
    if served
        .fingerprint
        .as_ref()
        .is_some_and(|meant| *meant != shown.fingerprint)
    {
        return Some(
            other_server::cause(
                served,
                address,
                ", which shows a certificate that is not Doorcode's",
            )
            .seen_by(format!(
                "served at {address}: {}, for {}",
                shown.fingerprint,
                shown.names.join(", ")
            )),
        );
    }
    if now < shown.not_before {
        let message = format!(
            "the certificate of {host} is not valid before {}: this machine's clock is wrong, or the certificate is",
            shown.not_before.date()
        );
        return Some(Cause::critical(
            "certificate_not_yet_valid",
            message,
            format!(
                "`date` shows this machine's clock; where it is wrong, `timedatectl set-ntp true`. Where it is right: {}",
                served.renewal
            ),
        ));
    }
    if now >= shown.not_after {
        let message = format!(
            "the certificate of {host} expired on {}: browsers refuse it",
            shown.not_after.date()
        );
        return Some(renew(Cause::critical("certificate_expired", message, ""), served));
    }
    if !shown.covers() {
        let message = format!(
            "the certificate served for {host} is not for that host but for {}",
            shown.names.join(", ")
        );
        return Some(renew(
            Cause::critical("certificate_host_not_covered", message, ""),
            served,
        ));
    }
    let left = shown.not_after - now;
    (left <= DUE).then(|| {
        let message = format!(
            "the certificate of {host} ends on {}, in {}",
            shown.not_after.date(),
            days(left)
        );
        renew(Cause::warning("certificate_due", message, ""), served)
    })
}

fn days(left: Duration) -> String {
    match left.whole_days() {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// What to do about a certificate, which depends on whose it is.
fn renew(cause: Cause, served: &Served) -> Cause {
    let fix = served.renewal.clone();
    match served.ours {
        true => Cause { fix, ..cause }.with_action(FixAction::RenewCertificate),
        false => Cause { fix, ..cause },
    }
}

fn failed(served: &Served, address: SocketAddr, error: &str) -> Cause {
    let message = match served.fingerprint {
        Some(_) => format!("{} cannot be opened at {address}", served.host),
        None => format!("there is no certificate that can be served for {}", served.host),
    };
    Cause::critical(
        "tls_failed",
        message,
        "`doorcode logs --app` says why, and `doorcode cert list` what is there; then `doorcode stop --engine` and `doorcode up`",
    )
    .seen_by(error)
}
