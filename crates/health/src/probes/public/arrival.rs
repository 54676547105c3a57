//! What a request shows of the proxy when it arrives at the door.

use doorcode_settings::AuthMode;
use doorcode_settings::trusted_proxy::PublicUrl;

use crate::dial::Answer;
use crate::evidence::host_part;
use crate::finding::Finding;
use crate::front::{Front, Product};
use crate::proxy_causes::{asked_twice, host_not_preserved, websocket_not_passed};
use crate::report::Cause;
use crate::subject::{Arrival, Door};

const ARRIVED: &str = "a request of the doctor's own arrived at the door";
const NOTHING_ARRIVED: &str = "no request of the doctor's own gets through without a sign-in, and no person's request shows anything wrong";

/// Who asks people to sign in.
pub(super) fn sign_in(
    url: &PublicUrl,
    (door, front): (&Door, &Front),
    answer: Option<&Answer>,
    arrival: Option<&Arrival>,
) -> Finding {
    match (door.auth, arrival) {
        (AuthMode::TrustedProxy, Some(arrival)) if arrival.identity.is_empty() => Finding::wrong(
            format!("{ARRIVED} without having signed in"),
            Cause::critical(
                "proxy_asks_no_sign_in",
                format!("the proxy at {url} passes requests on without asking anybody to sign in"),
                front.advise(ask_first),
            ),
        ),
        (AuthMode::TrustedProxy, Some(arrival)) => {
            Finding::pass(format!("{ARRIVED} with {}", arrival.identity.join(", ")))
        }
        (AuthMode::Password, Some(arrival)) if !arrival.identity.is_empty() => Finding::wrong(
            format!("{ARRIVED} with {}", arrival.identity.join(", ")),
            asked_twice(),
        ),
        (_, Some(_)) => Finding::pass("the door asks for it"),
        (mode, None) => {
            let elsewhere = answer
                .and_then(Answer::location)
                .is_some_and(|to| is_elsewhere(to, url));
            let seen = match elsewhere {
                true => "the proxy leads to a sign-in of its own",
                false => "the proxy lets nobody through unasked",
            };
            let twice = (mode == AuthMode::Password && elsewhere).then(asked_twice);
            Finding::pass(seen).and(twice)
        }
    }
}

/// How a proxy is made to ask who somebody is.
fn ask_first(product: Product, place: &str) -> String {
    match product {
        Product::Nginx => format!(
            "{place}, add `auth_request /oauth2/auth;`, with the locations of the sign-in that the recipe has"
        ),
        Product::Caddy => "put a forward_auth block before reverse_proxy".to_owned(),
        Product::Traefik => "give the router a forwardAuth middleware".to_owned(),
        Product::Pomerium => format!("{place}, write a policy that allows the people who may come in"),
    }
}

fn is_elsewhere(to: &str, url: &PublicUrl) -> bool {
    let Some((_, rest)) = to.split_once("://") else {
        return to.starts_with("/oauth2/");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host_part(authority).eq_ignore_ascii_case(&url.host().authority())
}

/// Whether the host that the browser asked for arrives.
pub(super) fn host(
    url: &PublicUrl,
    door: &Door,
    arrival: Option<&Arrival>,
    by_people: Vec<Cause>,
    front: &Front,
) -> Finding {
    let Some(Arrival { host, .. }) = arrival else {
        return by_requests(by_people);
    };
    let kept = match door.auth {
        // It knows its public name; any other name of its own in `Host` does no harm.
        AuthMode::TrustedProxy => is_ours(host, door) || is_host(host, url),
        _ => is_host(host, url),
    };
    let seen = format!("{ARRIVED} for {host}");
    match kept {
        true => Finding::pass(seen).by_arrival(),
        false => Finding::wrong(seen, host_not_preserved(host, &url.authority(), front)).by_arrival(),
    }
}

fn is_host(authority: &str, url: &PublicUrl) -> bool {
    host_part(authority).eq_ignore_ascii_case(&url.host().authority())
}

/// As the door itself decides: `localhost` is also known by its addresses.
fn is_ours(authority: &str, door: &Door) -> bool {
    let name = host_part(authority);
    door.hosts.iter().any(|served| {
        let host = served.host.authority();
        host.eq_ignore_ascii_case(name) || (host == "localhost" && matches!(name, "127.0.0.1" | "[::1]"))
    })
}

/// Whether a WebSocket arrives as one.
pub(super) fn websocket(arrival: Option<&Arrival>, by_people: Vec<Cause>, front: &Front) -> Finding {
    match arrival {
        None => by_requests(by_people),
        Some(arrival) if arrival.upgrade => Finding::pass(format!("{ARRIVED} as a WebSocket")).by_arrival(),
        Some(_) => Finding::wrong(
            format!("{ARRIVED} as a plain request, though it asked for a WebSocket"),
            websocket_not_passed(front),
        )
        .by_arrival(),
    }
}

fn by_requests(causes: Vec<Cause>) -> Finding {
    match causes.is_empty() {
        true => Finding::skipped(NOTHING_ARRIVED),
        false => Finding::pass("what people's own requests show").and(causes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::{DoorEvidence, Served};
    use crate::testing::Nobody;

    fn door(auth: AuthMode) -> Door {
        Door {
            listen: Vec::new(),
            hosts: vec![Served {
                host: "localhost".parse().expect("a host"),
                fingerprint: None,
                ours: true,
                renewal: String::new(),
            }],
            certificate_problems: Vec::new(),
            auth,
            proxy: None,
            tls: true,
            full: None,
            evidence: DoorEvidence::default(),
            visits: std::sync::Arc::new(Nobody),
        }
    }

    fn arrival(host: &str, upgrade: bool) -> Arrival {
        Arrival {
            host: host.to_owned(),
            origin: None,
            upgrade,
            websocket_key: true,
            identity: Vec::new(),
        }
    }

    fn url() -> PublicUrl {
        "https://code.test".parse().expect("an address")
    }

    #[test]
    fn a_host_that_was_replaced_is_named() {
        let said = |auth, arrived: &str| {
            let finding = host(
                &url(),
                &door(auth),
                Some(&arrival(arrived, true)),
                Vec::new(),
                &Front::some(None),
            );
            assert!(finding.arrived.is_some());
            finding.causes.into_iter().next()
        };
        assert_eq!(said(AuthMode::Password, "code.test"), None);
        let replaced = said(AuthMode::Password, "127.0.0.1:8443").expect("replaced");
        assert_eq!(replaced.code, "host_not_preserved");
        assert!(replaced.message.contains("127.0.0.1:8443"));
        // There the door goes by its public name, as long as the host is one of its own.
        assert_eq!(said(AuthMode::TrustedProxy, "127.0.0.1:8443"), None);
        assert!(said(AuthMode::TrustedProxy, "10.0.0.9:8443").is_some());
    }

    #[test]
    fn what_arrives_now_outweighs_what_people_saw_before() {
        let front = Front::some(None);
        let before = vec![host_not_preserved("127.0.0.1", "code.test", &front)];
        let kept = host(
            &url(),
            &door(AuthMode::Password),
            Some(&arrival("code.test", true)),
            before,
            &front,
        );
        assert!(kept.causes.is_empty());
        let before = vec![websocket_not_passed(&front)];
        assert!(
            websocket(Some(&arrival("code.test", true)), before.clone(), &front)
                .causes
                .is_empty()
        );
        assert_eq!(websocket(None, before, &front).causes.len(), 1);
        let stripped = websocket(Some(&arrival("code.test", false)), Vec::new(), &front);
        assert_eq!(stripped.causes[0].code, "websocket_not_passed");
    }

    #[test]
    fn a_proxy_that_asks_nobody_is_told_from_one_that_leads_to_a_sign_in() {
        let came = |identity: &[&str]| Arrival {
            identity: identity.iter().map(|name| (*name).to_owned()).collect(),
            ..arrival("code.test", true)
        };
        let said = |auth, arrival: Option<&Arrival>| {
            let finding = sign_in(&url(), (&door(auth), &Front::some(None)), None, arrival);
            finding.causes.into_iter().next().map(|cause| cause.code)
        };
        let unsigned = said(AuthMode::TrustedProxy, Some(&came(&[])));
        assert_eq!(unsigned.as_deref(), Some("proxy_asks_no_sign_in"));
        assert_eq!(said(AuthMode::TrustedProxy, Some(&came(&["remote-user"]))), None);
        let twice = said(AuthMode::Password, Some(&came(&["x-forwarded-email"])));
        assert_eq!(twice.as_deref(), Some("second_password_page"));
        assert_eq!(said(AuthMode::Password, Some(&came(&[]))), None);
        assert_eq!(said(AuthMode::TrustedProxy, None), None);
    }

    #[test]
    fn a_sign_in_elsewhere_is_known_by_its_address() {
        assert!(is_elsewhere("https://id.test/x", &url()));
        assert!(is_elsewhere("/oauth2/start?rd=x", &url()));
        assert!(!is_elsewhere("https://code.test:8443/x", &url()));
        assert!(!is_elsewhere("/.doorcode/sign-in", &url()));
    }
}
