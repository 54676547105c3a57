//! What a proxy does wrong, as it is told wherever it was seen: by a probe of ours, or by people's requests.

use std::net::IpAddr;

use crate::report::Cause;

/// The end of advice that changes a proxy's configuration.
pub(crate) const RELOAD: &str = "then reload it (nginx: `nginx -t && systemctl reload nginx`)";
/// Where such a configuration stands as a whole.
pub(crate) const READY: &str =
    "a ready configuration: `doorcode recipe nginx`, or another of `doorcode recipe --help`";

/// The proxy at `place` passes requests on unencrypted, to a door that leads them to https.
pub(crate) fn speaks_http(place: &str) -> Cause {
    Cause::critical(
        "proxy_speaks_http",
        format!(
            "the proxy in front of {place} speaks http to a door that wants https, so browsers are led in a circle"
        ),
        format!(
            "let the proxy pass requests on to https:// (nginx: proxy_pass), {RELOAD}; or set tls.mode = \"off\" with a trusted \
             proxy: `doorcode settings edit`"
        ),
    )
}

/// The proxy drops what makes a request a WebSocket.
pub(crate) fn websocket_not_passed() -> Cause {
    Cause::critical(
        "websocket_not_passed",
        "the proxy in front does not pass WebSockets on, so the editor's page stays empty",
        format!(
            "switch them on in the proxy: nginx, in the location of Doorcode, `proxy_http_version 1.1; proxy_set_header Upgrade \
             $http_upgrade; proxy_set_header Connection \"upgrade\";`, Pomerium `allow_websockets: true` in the route; {RELOAD}; \
             {READY}"
        ),
    )
}

/// The proxy puts another host in the place of the one that the browser asked for.
pub(crate) fn host_not_preserved(arrived: &str, wanted: &str) -> Cause {
    Cause::critical(
        "host_not_preserved",
        format!(
            "the proxy in front does not keep the host that the browser asks for: \"{arrived}\" arrives instead of \"{wanted}\""
        ),
        format!(
            "switch it on in the proxy: nginx, in the location of Doorcode, `proxy_set_header Host $http_host;`, Pomerium \
             `preserve_host_header: true` in the route; {RELOAD}; {READY}"
        ),
    )
}

/// Somebody who has signed in at the proxy has to type Doorcode's password as well.
pub(crate) fn asked_twice() -> Cause {
    Cause::warning(
        "second_password_page",
        "people who have signed in at the proxy in front are asked for Doorcode's password as well",
        "`doorcode auth trusted-proxy --help` says how Doorcode takes the proxy's word",
    )
}

/// Anybody who reaches the door can write the headers of a proxy. Where people have come in under the same rules, their proxy is
/// not the one that is refused.
pub(crate) fn not_recognised(client: IpAddr, let_in: bool) -> Cause {
    let add = format!("add {client} to proxies under [auth.trusted_proxy]: doorcode settings edit");
    match let_in {
        false => Cause::critical(
            "proxy_not_recognised",
            format!("a proxy at {client} passes requests on, but is not among those believed"),
            format!("if it is yours, {add}"),
        ),
        true => Cause::warning(
            "proxy_not_recognised",
            format!(
                "{client} sends requests as a proxy does, but is not among those believed, and is refused"
            ),
            format!("leave it as it is, unless that is a proxy of yours; then {add}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_change_in_the_proxy_is_given_as_it_is_written_there() {
        let websocket = websocket_not_passed().fix;
        for line in [
            "proxy_http_version 1.1;",
            "proxy_set_header Upgrade $http_upgrade;",
            "proxy_set_header Connection \"upgrade\";",
        ] {
            assert!(websocket.contains(line), "{websocket}");
        }
        let host = host_not_preserved("127.0.0.1", "code.test").fix;
        assert!(host.contains("proxy_set_header Host $http_host;"), "{host}");
        for fix in [websocket, host, speaks_http("code.test").fix] {
            assert!(fix.contains("`nginx -t && systemctl reload nginx`"), "{fix}");
        }
    }
}
