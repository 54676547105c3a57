//! What the door's own evidence says about the proxy in front of it: what people's requests looked like when they arrived.

use doorcode_settings::HostName;
use doorcode_settings::trusted_proxy::PublicUrl;

use crate::proxy_causes::{
    READY, RELOAD, asked_twice, host_not_preserved, not_recognised, speaks_http, websocket_not_passed,
};
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

/// What `evidence` says, where `hosts` are the configured ones and `public` is the proxy's address.
pub(crate) fn sort(evidence: &DoorEvidence, hosts: &[HostName], public: Option<&PublicUrl>) -> Sorted {
    let mut sorted = Sorted::default();
    for refusals in latest(&evidence.refusals) {
        let name = refusals.code.trim_start_matches("trusted_proxy_");
        match name {
            "host_not_allowed" => sorted.host.extend(foreign_host(refusals, hosts, public)),
            "origin_not_allowed" => sorted.host.extend(foreign_origin(refusals, hosts, public)),
            _ if refusals.code != name => {
                sorted
                    .identity
                    .extend(refused_by_proxy_rule(name, refusals, evidence.let_in));
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
        .extend(circle.map(|sighting| speaks_http(&wanted(hosts, public)).seen_by(seen(sighting))));
    let stripped = evidence.websocket_stripped.as_ref();
    sorted
        .websocket
        .extend(stripped.map(|sighting| websocket_not_passed().seen_by(seen(sighting))));
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

fn foreign_host(refusals: &Refusals, hosts: &[HostName], public: Option<&PublicUrl>) -> Option<Cause> {
    // Strangers who try addresses at random name all kinds of hosts; that is no fault.
    if refusals.passed_since || !host_was_replaced(refusals) {
        return None;
    }
    let wanted = wanted(hosts, public);
    Some(host_not_preserved(&refusals.last.host, &wanted).seen_by(counted(refusals)))
}

/// A page's own host that is one of ours, while the request arrives for another of ours: somebody on the way has replaced it.
fn foreign_origin(refusals: &Refusals, hosts: &[HostName], public: Option<&PublicUrl>) -> Option<Cause> {
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
        false => host_not_preserved(arrived, page),
        // Host by host they agree, so the port differs: of what the proxy passes on, or of what was configured.
        true => match public {
            Some(public) => Cause::critical(
                "public_url_wrong",
                format!("browsers use {origin}, but the settings say {public}"),
                format!("correct public_url under [auth.trusted_proxy] to {origin}: doorcode settings edit"),
            ),
            None => host_not_preserved(arrived, page),
        },
    };
    Some(cause.seen_by(counted(refusals)))
}

/// One of the rules for what a proxy must say of who somebody is. `let_in` when they have let anybody in.
fn refused_by_proxy_rule(name: &str, refusals: &Refusals, let_in: bool) -> Option<Cause> {
    let cause = match name {
        // Others being let in says nothing about this person.
        "user_not_allowed" => {
            return Some(
                Cause::warning(
                    "user_not_allowed",
                    "somebody who has signed in at the proxy is not in the list of users, and was turned away",
                    "if they may come in, add them to allow_users under [auth.trusted_proxy]: doorcode settings edit",
                )
                .seen_by(counted(refusals)),
            );
        }
        _ if refusals.passed_since => return None,
        "user_missing" | "assertion_missing" => Cause::critical(
            "identity_missing",
            "the proxy in front passes requests on without saying who they are from",
            format!(
                "have it send the identity: Pomerium `pass_identity_headers: true`; nginx with oauth2-proxy the lines \
                 `auth_request_set` and `proxy_set_header` of `doorcode recipe nginx`; {RELOAD}; {READY}"
            ),
        ),
        _ if name.starts_with("missing_header_") => Cause::critical(
            "identity_missing",
            format!(
                "the proxy in front passes requests on without the header {}",
                name.trim_start_matches("missing_header_")
            ),
            format!(
                "have it send that header (nginx: `proxy_set_header`), {RELOAD}; or take it out of required_headers: \
                 `doorcode settings edit`; {READY}"
            ),
        ),
        "user_ambiguous" | "user_invalid" | "user_mismatch" => Cause::critical(
            "identity_unclear",
            "what the proxy in front says of who somebody is cannot be used: it is no single name, or two that differ",
            format!("doorcode explain {}", refusals.code),
        ),
        "proof_invalid" => Cause::critical(
            "proof_rejected",
            "the proxy in front does not prove that it is the one that was configured",
            format!(
                "give it the secret in proof.secret_file under [auth.trusted_proxy], or its client certificate; {RELOAD}; {READY}"
            ),
        ),
        "untrusted_source" => {
            // Without forwarding headers it is anybody who knocks at the door itself.
            if !refusals.last.proxied {
                return None;
            }
            not_recognised(refusals.last.client, let_in)
        }
        "assertion_invalid" | "assertion_expired" | "assertion_audience" | "assertion_issuer" => {
            Cause::critical(
                "assertion_rejected",
                format!(
                    "the signed statement of the proxy in front is not accepted ({})",
                    name.replace('_', " ")
                ),
                format!("doorcode explain {}", refusals.code),
            )
        }
        "assertion_keys_unavailable" => Cause::critical(
            "assertion_keys_unavailable",
            "the keys that verify the proxy's signed statements cannot be had",
            "doorcode logs --app says why; check jwks_url under [auth.trusted_proxy.assertion]",
        ),
        _ => return None,
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

fn counted(refusals: &Refusals) -> String {
    let Refusals {
        code, count, last, ..
    } = refusals;
    let times = if *count == 1 { "once" } else { "times" };
    let count = if *count == 1 {
        String::new()
    } else {
        format!("{count} ")
    };
    format!("{code} {count}{times} in 5 minutes, the last: {}", seen(last))
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
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::report::Severity;

    fn sighting(host: &str, origin: Option<&str>, proxied: bool) -> Sighting {
        Sighting {
            request: "0a-1".into(),
            at: OffsetDateTime::UNIX_EPOCH,
            client: "10.0.0.1".parse().expect("an address"),
            host: host.into(),
            origin: origin.map(str::to_owned),
            detail: String::new(),
            proxied,
        }
    }

    fn refused(code: &str, last: Sighting) -> DoorEvidence {
        DoorEvidence {
            refusals: vec![Refusals {
                code: code.into(),
                count: 2,
                last,
                passed_since: false,
            }],
            ..DoorEvidence::default()
        }
    }

    fn codes(evidence: &DoorEvidence) -> Vec<String> {
        let hosts = ["localhost", "code.test"].map(|host| host.parse().expect("a host"));
        let public = "https://code.test".parse().expect("an address");
        let Sorted {
            host,
            identity,
            websocket,
        } = sort(evidence, &hosts, Some(&public));
        let all = host.into_iter().chain(identity).chain(websocket);
        all.map(|cause| cause.code).collect()
    }

    #[test]
    fn what_the_proxy_does_wrong_is_told_by_what_arrives() {
        let table = [
            (
                "host_not_allowed",
                sighting("10.0.0.9:8443", None, true),
                Some("host_not_preserved"),
            ),
            ("host_not_allowed", sighting("10.0.0.9", None, false), None),
            (
                "origin_not_allowed",
                sighting("127.0.0.1:8443", Some("https://code.test"), false),
                Some("host_not_preserved"),
            ),
            (
                "origin_not_allowed",
                sighting("code.test", Some("https://evil.test"), true),
                None,
            ),
            (
                "trusted_proxy_origin_not_allowed",
                sighting("code.test", Some("https://code.test:8443"), true),
                Some("public_url_wrong"),
            ),
            (
                "trusted_proxy_user_missing",
                sighting("code.test", None, true),
                Some("identity_missing"),
            ),
            (
                "trusted_proxy_missing_header_x-team",
                sighting("code.test", None, true),
                Some("identity_missing"),
            ),
            (
                "trusted_proxy_assertion_missing",
                sighting("code.test", None, true),
                Some("identity_missing"),
            ),
            (
                "trusted_proxy_user_not_allowed",
                sighting("code.test", None, true),
                Some("user_not_allowed"),
            ),
            (
                "trusted_proxy_user_invalid",
                sighting("code.test", None, true),
                Some("identity_unclear"),
            ),
            (
                "trusted_proxy_proof_invalid",
                sighting("code.test", None, true),
                Some("proof_rejected"),
            ),
            (
                "trusted_proxy_untrusted_source",
                sighting("code.test", None, true),
                Some("proxy_not_recognised"),
            ),
            (
                "trusted_proxy_untrusted_source",
                sighting("code.test", None, false),
                None,
            ),
            (
                "trusted_proxy_assertion_expired",
                sighting("code.test", None, true),
                Some("assertion_rejected"),
            ),
            (
                "trusted_proxy_assertion_keys_unavailable",
                sighting("code.test", None, true),
                Some("assertion_keys_unavailable"),
            ),
            ("not_signed_in", sighting("code.test", None, true), None),
        ];
        for (code, last, expected) in table {
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(codes(&refused(code, last.clone())), expected, "{code} {last:?}");
        }
    }

    #[test]
    fn a_request_let_in_since_mends_it_but_not_for_another_person() {
        for (code, remains) in [
            ("trusted_proxy_user_missing", 0),
            ("trusted_proxy_user_not_allowed", 1),
        ] {
            let mut evidence = refused(code, sighting("code.test", None, true));
            evidence.refusals[0].passed_since = true;
            assert_eq!(codes(&evidence).len(), remains, "{code}");
        }
    }

    #[test]
    fn who_merely_looks_like_a_proxy_is_a_warning_once_others_were_let_in() {
        let mut evidence = refused(
            "trusted_proxy_untrusted_source",
            sighting("code.test", None, true),
        );
        let severity = |evidence: &DoorEvidence| sort(evidence, &[], None).identity[0].severity;
        assert_eq!(severity(&evidence), Severity::Critical);
        evidence.let_in = true;
        assert_eq!(severity(&evidence), Severity::Warning);
    }

    #[test]
    fn whoever_is_turned_away_by_a_later_rule_has_met_the_earlier_ones() {
        let at = |code: &str, second: i64| Refusals {
            code: code.into(),
            count: 1,
            last: Sighting {
                at: OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(second),
                ..sighting("code.test", None, true)
            },
            passed_since: false,
        };
        let mut evidence = DoorEvidence {
            refusals: vec![
                at("trusted_proxy_proof_invalid", 1),
                at("trusted_proxy_user_not_allowed", 2),
            ],
            ..DoorEvidence::default()
        };
        assert_eq!(codes(&evidence), ["user_not_allowed"]);
        evidence.refusals.push(at("trusted_proxy_proof_invalid", 3));
        evidence.refusals.remove(0);
        assert_eq!(
            codes(&evidence),
            ["proof_rejected", "user_not_allowed"],
            "the newest first"
        );
    }

    #[test]
    fn websockets_and_second_sign_ins_are_told_with_the_request() {
        let evidence = DoorEvidence {
            websocket_stripped: Some(sighting("code.test", None, true)),
            second_sign_in: Some(Sighting {
                detail: "x-forwarded-email".into(),
                ..sighting("code.test", None, true)
            }),
            led_in_a_circle: Some(sighting("code.test", None, true)),
            ..DoorEvidence::default()
        };
        assert_eq!(
            codes(&evidence),
            [
                "proxy_speaks_http",
                "second_password_page",
                "websocket_not_passed"
            ]
        );
        let sorted = sort(&evidence, &[], None);
        assert!(sorted.identity[0].evidence.contains("x-forwarded-email"));
        assert!(
            sorted.websocket[0]
                .evidence
                .contains("request 0a-1 from 10.0.0.1")
        );
    }
}
