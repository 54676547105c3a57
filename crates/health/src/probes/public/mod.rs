//! The public address from outside in: name, connection, certificate, answer, and what of it arrives at the door.
//!
//! A path that only the probe and the door know is asked for. A proxy that wants a sign-in first does not let it through,
//! which is as it should be; then people's own requests are the evidence. One that lets it through shows what it does to
//! the host, the identity and WebSockets on the way.

mod answer;
mod arrival;
mod tls;

use doorcode_settings::HostName;
use doorcode_settings::trusted_proxy::PublicUrl;
use time::OffsetDateTime;

use super::host_names::{list, resolve};
use crate::dial::to_network;
use crate::evidence::{Sorted, sort};
use crate::finding::{Finding, Findings};
use crate::front::Front;
use crate::links::LinkId;
use crate::report::{Cause, ProbeStatus};
use crate::subject::{Arrival, Door, DoorEvidence};

/// Every link of the public chain. `door` is none where no engine runs; then only the way there is probed.
pub(crate) async fn look(url: &PublicUrl, door: Option<&Door>, findings: &mut Findings) {
    let (name, addresses) = name(url).await;
    findings.insert(LinkId::PublicName, name);
    let (connection, address) = connection(url, &addresses).await;
    findings.insert(LinkId::PublicConnection, connection);
    let Some(address) = address else {
        return behind(findings, LinkId::PublicTls);
    };
    let tls = Finding::timed(tls::look(url, address)).await;
    let usable = tls.status != ProbeStatus::Fail;
    findings.insert(LinkId::PublicTls, tls);
    if !usable {
        return behind(findings, LinkId::PublicAnswer);
    }
    let visit = door.map(|door| door.visits.expect());
    let front = door.map_or_else(Front::unknown, Front::of);
    let (answer, reply) = answer::look(url, address, (door, &front), visit.as_ref()).await;
    findings.insert(LinkId::PublicAnswer, answer);
    let Some(door) = door else { return };
    let front = front.that_says(reply.as_ref().and_then(answer::server));
    let arrivals = visit
        .map(|visit| door.visits.arrivals(&visit))
        .unwrap_or_default();
    let arrival = arrivals.last();
    findings.insert(
        LinkId::PublicSignIn,
        arrival::sign_in(url, (door, &front), reply.as_ref(), arrival),
    );
    let websocket = match arrival {
        // What lets nobody through does not let this through either.
        None => None,
        Some(_) => answer::websocket(url, address, door).await,
    };
    judge(url, (door, &front), arrival, websocket.as_ref(), findings);
}

/// The links that people's own requests tell about, without asking anybody.
pub(crate) fn by_evidence(url: &PublicUrl, door: &Door, findings: &mut Findings) {
    let reached = findings
        .get(&LinkId::PublicAnswer)
        .is_some_and(|finding| finding.status != ProbeStatus::Fail);
    if !reached {
        return;
    }
    let before = |id| {
        findings
            .get(&id)
            .filter(|finding: &&Finding| finding.arrived.is_some())
            .cloned()
    };
    let (host, websocket) = (before(LinkId::PublicHost), before(LinkId::PublicWebSocket));
    let since = |finding: &Option<Finding>| finding.as_ref().and_then(|finding| finding.arrived);
    let door = Door {
        evidence: newer(&door.evidence, since(&host), since(&websocket)),
        ..door.clone()
    };
    judge(url, (&door, &Front::of(&door)), None, None, findings);
    for (id, before) in [(LinkId::PublicHost, host), (LinkId::PublicWebSocket, websocket)] {
        let silent = findings.get(&id).is_some_and(|now| now.causes.is_empty());
        if let Some(before) = before.filter(|_| silent) {
            findings.insert(id, before);
        }
    }
}

/// What people's requests have shown since a probe's own arrived.
fn newer(
    evidence: &DoorEvidence,
    host: Option<OffsetDateTime>,
    websocket: Option<OffsetDateTime>,
) -> DoorEvidence {
    let is_newer = |at: OffsetDateTime, since: Option<OffsetDateTime>| since.is_none_or(|since| at > since);
    let mut evidence = evidence.clone();
    evidence.refusals.retain(|refusals| {
        let about_host =
            refusals.code.ends_with("host_not_allowed") || refusals.code.ends_with("origin_not_allowed");
        !about_host || is_newer(refusals.last.at, host)
    });
    evidence.led_in_a_circle = evidence
        .led_in_a_circle
        .filter(|sighting| is_newer(sighting.at, host));
    evidence.websocket_stripped = evidence
        .websocket_stripped
        .filter(|sighting| is_newer(sighting.at, websocket));
    evidence
}

fn judge(
    url: &PublicUrl,
    (door, front): (&Door, &Front),
    arrival: Option<&Arrival>,
    websocket: Option<&Arrival>,
    findings: &mut Findings,
) {
    let hosts: Vec<HostName> = door.hosts.iter().map(|served| served.host.clone()).collect();
    let Sorted {
        host,
        identity,
        websocket: stripped,
    } = sort(&door.evidence, &hosts, Some(url), front);
    findings.insert(LinkId::PublicHost, arrival::host(url, door, arrival, host, front));
    findings.insert(LinkId::PublicIdentity, super::refusals::judged(door, identity));
    findings.insert(
        LinkId::PublicWebSocket,
        arrival::websocket(websocket, stripped, front),
    );
}

/// A link behind one that does not hold has nothing to say of its own.
fn behind(findings: &mut Findings, first: LinkId) {
    let chain = [
        LinkId::PublicTls,
        LinkId::PublicAnswer,
        LinkId::PublicSignIn,
        LinkId::PublicHost,
        LinkId::PublicIdentity,
        LinkId::PublicWebSocket,
    ];
    for id in chain.into_iter().filter(|id| *id >= first) {
        findings.insert(id, Finding::skipped("not asked"));
    }
}

async fn name(url: &PublicUrl) -> (Finding, Vec<std::net::IpAddr>) {
    let host = url.host();
    match resolve(host).await {
        Ok(addresses) => (
            Finding::pass(format!("{host} is {}", list(&addresses))),
            addresses,
        ),
        Err(error) => {
            let cause = Cause::critical(
                "public_not_resolved",
                format!("the name of the public address, {host}, leads nowhere"),
                format!(
                    "enter {host} at your DNS provider, with the address of the machine that the proxy runs on; `getent hosts {host}` \
                     shows it once it is known here. If the name is wrong, correct public_url under [auth.trusted_proxy]: \
                     `doorcode settings edit`"
                ),
            );
            (Finding::wrong(format!("{host}: {error}"), cause), Vec::new())
        }
    }
}

async fn connection(
    url: &PublicUrl,
    addresses: &[std::net::IpAddr],
) -> (Finding, Option<std::net::SocketAddr>) {
    let port = url.port().unwrap_or(443);
    let mut seen = Vec::new();
    for ip in addresses {
        let address = std::net::SocketAddr::new(*ip, port);
        match to_network(address).await {
            Ok(_) => {
                return (
                    Finding::pass(format!("{address} takes connections")),
                    Some(address),
                );
            }
            Err(error) => seen.push(format!("{address}: {error}")),
        }
    }
    let cause = Cause::critical(
        "public_unreachable",
        format!("nobody answers at the public address {url}"),
        format!(
            "start the proxy in front (nginx: `systemctl start nginx`) and have it listen on port {port}; then open that port in the \
             firewall and forward it in the router"
        ),
    );
    (Finding::wrong(seen.join("; "), cause), None)
}
