//! What the public address answers, and whether that comes from the door.

use std::net::SocketAddr;

use doorcode_settings::trusted_proxy::PublicUrl;
use http::StatusCode;

use crate::certificate::server_name;
use crate::dial::{Answer, Ask, NETWORK_LIMIT, ask, to_network};
use crate::evidence::host_part;
use crate::finding::Finding;
use crate::front::Front;
use crate::proxy_causes::{another_code_server, bad_gateway, host_not_preserved, speaks_http, wrong_server};
use crate::report::Cause;
use crate::subject::{Arrival, Door, Visit};

/// Asks for `visit`, or for the front page where there is none.
pub(crate) async fn look(
    url: &PublicUrl,
    address: SocketAddr,
    (door, front): (Option<&Door>, &Front),
    visit: Option<&Visit>,
) -> (Finding, Option<Answer>) {
    let path = visit.map_or("/", |visit| &*visit.path);
    let began = tokio::time::Instant::now();
    let answer = exchange(url, address, path, None).await;
    let millis = began.elapsed().as_micros() as f64 / 1000.0;
    let arrived = match (door, visit) {
        (Some(door), Some(visit)) => !door.visits.arrivals(visit).is_empty(),
        _ => false,
    };
    let (finding, answer) = match answer {
        Ok(answer) => (judge(url, &answer, path, arrived, front), Some(answer)),
        Err(error) => {
            let cause = Cause::critical(
                "public_no_answer",
                format!("{url} takes connections, but does not answer"),
                "the log of the proxy in front says why (nginx: `tail /var/log/nginx/error.log`, Caddy: `journalctl -u caddy`)",
            );
            (Finding::wrong(error, cause), None)
        }
    };
    (Finding { millis, ..finding }, answer)
}

/// How a WebSocket arrives at the door; none when it does not.
pub(crate) async fn websocket(url: &PublicUrl, address: SocketAddr, door: &Door) -> Option<Arrival> {
    let visit = door.visits.expect();
    let origin = url.origin();
    // The answer does not matter: nobody has a right to a WebSocket there.
    let _ = exchange(url, address, &visit.path, Some((&origin, "doorcode-check"))).await;
    door.visits.arrivals(&visit).pop()
}

async fn exchange(
    url: &PublicUrl,
    address: SocketAddr,
    path: &str,
    websocket: Option<(&str, &str)>,
) -> Result<Answer, String> {
    let connection = to_network(address).await?.tls(&server_name(url.host())?).await?;
    let question = Ask {
        host: &url.authority(),
        path,
        websocket,
    };
    ask(connection.stream, NETWORK_LIMIT, &question).await
}

fn judge(url: &PublicUrl, answer: &Answer, path: &str, arrived: bool, front: &Front) -> Finding {
    let status = answer.status;
    let front = front.clone().that_says(server(answer));
    let by = server(answer)
        .map(|name| format!(" ({name})"))
        .unwrap_or_default();
    if arrived {
        return Finding::pass(format!(
            "a request for {url} comes through the proxy{by} to the door"
        ));
    }
    let seen = format!("{url} answered {status}{by}");
    if matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    ) {
        let cause = bad_gateway(url, status.as_str(), &front);
        return Finding::wrong(seen, cause);
    }
    if status.is_server_error() {
        let cause = Cause::critical(
            "proxy_error",
            format!("the proxy at {url} fails by itself: it answers {status}, and Doorcode is not asked"),
            "the proxy's own log says why (nginx: `tail /var/log/nginx/error.log`, Caddy: `journalctl -u caddy`); mostly what it asks \
             before Doorcode does not answer: the service that signs people in, such as oauth2-proxy. Start that, then \
             `doorcode doctor`",
        );
        return Finding::wrong(seen, cause);
    }
    if status == StatusCode::MISDIRECTED_REQUEST {
        let cause = host_not_preserved("another host", &url.authority(), &front);
        return Finding::wrong(seen, cause);
    }
    if answer.location().is_some_and(|to| leads_back(to, url, path)) {
        let cause = speaks_http(&url.authority(), &front);
        return Finding::wrong(format!("{seen}, leading back to itself"), cause);
    }
    if is_code_servers_sign_in(answer) {
        return Finding::wrong(seen, another_code_server(url, &front));
    }
    if status == StatusCode::NOT_FOUND {
        return Finding::wrong(seen, wrong_server(url, &front));
    }
    let to = answer.location().map(origin_of);
    Finding::pass(match to {
        Some(to) if !to.is_empty() => {
            format!("the proxy{by} answers, and leads somebody who has not signed in to {to}")
        }
        Some(_) => {
            format!("the proxy{by} answers, and leads somebody who has not signed in to a page of its own")
        }
        None => format!("the proxy{by} answers, and lets nobody in unasked ({status})"),
    })
}

/// Whether a redirect leads to the very address that was asked for.
fn leads_back(to: &str, url: &PublicUrl, path: &str) -> bool {
    let Some(rest) = to.strip_prefix("https://") else {
        return false;
    };
    let (authority, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    host_part(authority).eq_ignore_ascii_case(&url.host().authority()) && rest == path
}

/// code-server's own page for its own password; Doorcode's editor has none.
fn is_code_servers_sign_in(answer: &Answer) -> bool {
    let redirected = answer.location().is_some_and(|to| {
        let path = to.split(['?', '#']).next().unwrap_or_default();
        path.ends_with("./login") || path == "/login" || path == "login"
    });
    redirected || (answer.status.is_success() && answer.text.contains("<title>code-server login"))
}

/// Without the rest, which may hold the state of somebody's sign-in.
fn origin_of(to: &str) -> &str {
    let start = to.find("://").map_or(0, |at| at + 3);
    let end = to[start..]
        .find(['/', '?', '#'])
        .map_or(to.len(), |at| start + at);
    &to[..end]
}

/// What answers, by its own word. It is shown on terminals, so one that is not plain text says nothing.
pub(crate) fn server(answer: &Answer) -> Option<&str> {
    let name = answer.headers.get(http::header::SERVER)?;
    name.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn said(status: u16, location: Option<&str>, text: &str, arrived: bool) -> Option<String> {
        let url: PublicUrl = "https://code.test".parse().expect("an address");
        let mut headers = HeaderMap::new();
        if let Some(location) = location {
            headers.insert(http::header::LOCATION, location.parse().expect("a header"));
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers,
            text: text.to_owned(),
        };
        let finding = judge(&url, &answer, "/.doorcode/check/x", arrived, &Front::unknown());
        finding.causes.into_iter().next().map(|cause| cause.code)
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(said(502, None, "", false).as_deref(), Some("bad_gateway"));
        assert_eq!(
            said(503, None, "", true),
            None,
            "the door's own, while the editor starts"
        );
        assert_eq!(said(500, None, "", false).as_deref(), Some("proxy_error"));
        assert_eq!(said(421, None, "", false).as_deref(), Some("host_not_preserved"));
        let circle = "https://code.test:8443/.doorcode/check/x";
        assert_eq!(
            said(301, Some(circle), "", false).as_deref(),
            Some("proxy_speaks_http")
        );
        assert_eq!(said(302, Some("https://id.test/sign-in?s=1"), "", false), None);
        assert_eq!(
            said(302, Some("./login?to=x"), "", false).as_deref(),
            Some("second_password_page")
        );
        assert_eq!(said(404, None, "", false).as_deref(), Some("public_wrong_server"));
        assert_eq!(said(401, None, "", false), None);
        assert_eq!(said(410, None, "", true), None);
    }

    #[test]
    fn a_request_that_arrives_is_told_without_the_status_that_looks_like_a_fault() {
        let url: PublicUrl = "https://code.test".parse().expect("an address");
        let answer = Answer {
            status: StatusCode::GONE,
            headers: HeaderMap::from_iter([(
                http::header::SERVER,
                "nginx/1.22.1".parse().expect("a header"),
            )]),
            text: String::new(),
        };
        let finding = judge(&url, &answer, "/", true, &Front::unknown());
        assert!(!finding.evidence.contains("410"), "{}", finding.evidence);
        assert!(finding.evidence.contains("nginx/1.22.1"), "{}", finding.evidence);
    }

    #[test]
    fn of_a_redirect_only_the_origin_is_told() {
        assert_eq!(
            origin_of("https://id.test/sign-in?state=secret"),
            "https://id.test"
        );
        assert_eq!(origin_of("https://id.test"), "https://id.test");
        assert_eq!(origin_of("/oauth2/start?rd=x"), "");
    }
}
