//! What the door's own evidence says about the proxy in front of it: what people's requests looked like when they arrived.

use doorcode_settings::HostName;
use doorcode_settings::trusted_proxy::PublicUrl;

use crate::front::Front;
use crate::identity_causes::refused_by_proxy_rule;
use crate::proxy_causes::{asked_twice, host_not_preserved, speaks_http, websocket_not_passed};
use crate::report::Cause;
use crate::stray::{host_was_replaced, is_near};
use crate::subject::{DoorEvidence, Refusals, Sighting};

/// Causes, by the link that they belong to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Sorted {
    pub(crate) host: Vec<Cause>,
    pub(crate) identity: Vec<Cause>,
    pub(crate) websocket: Vec<Cause>,
}

/// What `evidence` says, where `hosts` are the configured ones, `public` is the proxy's address and `front` the proxy.
pub(crate) fn sort(
    evidence: &DoorEvidence,
    hosts: &[HostName],
    public: Option<&PublicUrl>,
    front: &Front,
) -> Sorted {
    let mut sorted = Sorted::default();
    for refusals in latest(&evidence.refusals) {
        let name = refusals.code.trim_start_matches("trusted_proxy_");
        match name {
            "host_not_allowed" => sorted.host.extend(foreign_host(refusals, hosts, public, front)),
            "origin_not_allowed" => sorted.host.extend(foreign_origin(refusals, hosts, public, front)),
            _ if refusals.code != name => {
                sorted
                    .identity
                    .extend(refused_by_proxy_rule(name, refusals, evidence.let_in, front));
            }
            _ => {}
        }
    }
    let second = evidence.second_sign_in.as_ref().filter(|seen| is_near(seen));
    let second = second.map(second_password_page);
    sorted.identity.extend(second);
    let circle = evidence.led_in_a_circle.as_ref();
    sorted
        .host
        .extend(circle.map(|sighting| speaks_http(&wanted(hosts, public), front).seen_by(seen(sighting))));
    let stripped = evidence.websocket_stripped.as_ref();
    sorted
        .websocket
        .extend(stripped.map(|sighting| websocket_not_passed(front).seen_by(seen(sighting))));
    sorted
}

/// The newest first, without those that a newer request has got past: whoever is turned away by a later rule has met the
/// earlier ones.
fn latest(refusals: &[Refusals]) -> Vec<&Refusals> {
    let mut newest_first: Vec<&Refusals> = refusals.iter().collect();
    newest_first.sort_by_key(|refusals| std::cmp::Reverse(refusals.last.at));
    let mut furthest = 0;
    newest_first.retain(|refusals| {
        let stage = stage(&refusals.code);
        let mended = stage > 0 && stage < furthest;
        furthest = furthest.max(stage);
        !mended
    });
    newest_first
}

/// The place of a rule for proxies in the order in which the gateway checks them; 0 for any other.
fn stage(code: &str) -> u8 {
    match code.strip_prefix("trusted_proxy_") {
        Some("host_not_allowed") => 1,
        Some("untrusted_source") => 2,
        Some("proof_invalid") => 3,
        Some(name) if name.starts_with("missing_header_") => 4,
        Some(name) if name.starts_with("assertion_") => 5,
        Some("user_not_allowed") => 7,
        Some(name) if name.starts_with("user_") => 6,
        Some("origin_not_allowed") => 8,
        _ => 0,
    }
}

fn second_password_page(sighting: &Sighting) -> Cause {
    asked_twice().seen_by(format!("{} came with {}", seen(sighting), sighting.detail))
}

fn foreign_host(
    refusals: &Refusals,
    hosts: &[HostName],
    public: Option<&PublicUrl>,
    front: &Front,
) -> Option<Cause> {
    // Strangers who try addresses at random name all kinds of hosts; that is no fault.
    if refusals.passed_since || !host_was_replaced(refusals) {
        return None;
    }
    let wanted = wanted(hosts, public);
    Some(host_not_preserved(&refusals.last.host, &wanted, front).seen_by(counted(refusals)))
}

/// A page's own host that is one of ours, while the request arrives for another of ours: somebody on the way has replaced it.
fn foreign_origin(
    refusals: &Refusals,
    hosts: &[HostName],
    public: Option<&PublicUrl>,
    front: &Front,
) -> Option<Cause> {
    // A page of ours that was opened by way of a proxy is asked for by that proxy; a stranger can claim to be one.
    let by_proxys_rules = refusals.code.starts_with("trusted_proxy_");
    if refusals.passed_since || !(by_proxys_rules || is_near(&refusals.last)) {
        return None;
    }
    let origin = refusals.last.origin.as_deref()?;
    let page = origin.strip_prefix("https://")?;
    let is_ours = |host: &HostName| same_host(page, host);
    let ours = hosts.iter().any(is_ours) || public.is_some_and(|public| is_ours(public.host()));
    if !ours {
        return None;
    }
    let arrived = &*refusals.last.host;
    let cause = match host_part(arrived).eq_ignore_ascii_case(host_part(page)) {
        false => host_not_preserved(arrived, page, front),
        // Host by host they agree, so the port differs: of what the proxy passes on, or of what was configured.
        true => match public {
            Some(public) => Cause::critical(
                "public_url_wrong",
                format!(
                    "browsers use {origin}, but public_url in the settings says {public}, so their WebSockets are refused"
                ),
                format!(
                    "write `public_url = \"{origin}\"` under [auth.trusted_proxy]: `doorcode settings edit`"
                ),
            ),
            None => host_not_preserved(arrived, page, front),
        },
    };
    Some(cause.seen_by(counted(refusals)))
}

fn wanted(hosts: &[HostName], public: Option<&PublicUrl>) -> String {
    match public {
        Some(public) => public.authority(),
        None => hosts.first().map(HostName::authority).unwrap_or_default(),
    }
}

fn same_host(authority: &str, host: &HostName) -> bool {
    host_part(authority).eq_ignore_ascii_case(&host.authority())
}

/// An authority without its port.
pub(crate) fn host_part(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

pub(crate) fn counted(refusals: &Refusals) -> String {
    let Refusals {
        code, count, last, ..
    } = refusals;
    let times = match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    format!(
        "refused {times} in the last 5 minutes ({code}), the last: {}",
        seen(last)
    )
}

fn seen(sighting: &Sighting) -> String {
    let at = sighting.at.to_offset(time::UtcOffset::UTC);
    format!(
        "request {} from {} at {:02}:{:02}:{:02} UTC for {}",
        sighting.request,
        sighting.client,
        at.hour(),
        at.minute(),
        at.second(),
        sighting.host
    )
}

#[cfg(test)]
mod tests;
