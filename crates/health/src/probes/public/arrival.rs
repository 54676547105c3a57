//! What a request shows of the proxy when it arrives at the door.

use doorcode_settings::AuthMode;
use doorcode_settings::trusted_proxy::PublicUrl;

use crate::dial::Answer;
use crate::evidence::{asked_twice, host_not_preserved, host_part, websocket_not_passed};
use crate::finding::Finding;
use crate::report::Cause;
use crate::subject::{Arrival, Door};

/// How the evidence of a finding begins that a probe's own request has shown.
pub(super) const ARRIVED: &str = "a probe arrived";
const NOTHING_ARRIVED: &str =
    "no probe gets through without a sign-in, and no request of a person's shows anything wrong";

/// Who asks people to sign in.
pub(super) fn sign_in(
    url: &PublicUrl,
    door: &Door,
    answer: Option<&Answer>,
    arrival: Option<&Arrival>,
) -> Finding {
    match (door.auth, arrival) {
        (AuthMode::TrustedProxy, Some(arrival)) if arrival.identity.is_empty() => Finding::wrong(
            format!("{ARRIVED} without having signed in"),
            Cause::critical(
                "proxy_asks_no_sign_in",
                format!("the proxy at {url} passes requests on without asking anybody to sign in"),
                "have it ask: the route of Doorcode needs a policy, or forward authentication: doorcode recipe --help",
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

fn is_elsewhere(to: &str, url: &PublicUrl) -> bool {
    let Some((_, rest)) = to.split_once("://") else {
        return to.starts_with("/oauth2/");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host_part(authority).eq_ignore_ascii_case(&url.host().authority())
}

/// Whether the host that the browser asked for arrives.
pub(super) fn host(url: &PublicUrl, arrival: Option<&Arrival>, by_people: Vec<Cause>) -> Finding {
    let wanted = url.authority();
    match arrival {
        None if by_people.is_empty() => Finding::skipped(NOTHING_ARRIVED),
        None => Finding::pass("requests of people").and(by_people),
        Some(arrival) if host_part(&arrival.host).eq_ignore_ascii_case(host_part(&wanted)) => {
            Finding::pass(format!("{ARRIVED} for {}", arrival.host))
        }
        Some(arrival) => Finding::wrong(
            format!("{ARRIVED} for {}", arrival.host),
            host_not_preserved(&arrival.host, &wanted),
        ),
    }
}

/// Whether a WebSocket arrives as one.
pub(super) fn websocket(arrival: Option<&Arrival>, by_people: Vec<Cause>) -> Finding {
    match arrival {
        None if by_people.is_empty() => Finding::skipped(NOTHING_ARRIVED),
        None => Finding::pass("requests of people").and(by_people),
        Some(arrival) if arrival.upgrade => Finding::pass(format!("{ARRIVED} as a WebSocket")),
        Some(_) => Finding::wrong(
            format!("{ARRIVED} as a plain request, though it asked for a WebSocket"),
            websocket_not_passed(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let kept = host(&url(), Some(&arrival("code.test", true)), Vec::new());
        assert!(kept.causes.is_empty());
        let replaced = host(&url(), Some(&arrival("127.0.0.1:8443", true)), Vec::new());
        assert_eq!(replaced.causes[0].code, "host_not_preserved");
        assert!(replaced.causes[0].message.contains("127.0.0.1:8443"));
    }

    #[test]
    fn what_arrives_now_outweighs_what_people_saw_before() {
        let before = vec![host_not_preserved("127.0.0.1", "code.test")];
        assert!(
            host(&url(), Some(&arrival("code.test", true)), before)
                .causes
                .is_empty()
        );
        let before = vec![websocket_not_passed()];
        assert!(
            websocket(Some(&arrival("code.test", true)), before.clone())
                .causes
                .is_empty()
        );
        assert_eq!(websocket(None, before).causes.len(), 1);
        let stripped = websocket(Some(&arrival("code.test", false)), Vec::new());
        assert_eq!(stripped.causes[0].code, "websocket_not_passed");
    }
}
