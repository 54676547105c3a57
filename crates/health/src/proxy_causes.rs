//! What a proxy does wrong, as it is told wherever it was seen: by a probe of ours, or by people's requests.

use std::net::IpAddr;

use doorcode_settings::trusted_proxy::PublicUrl;

use crate::front::{Front, Product};
use crate::report::Cause;

/// The proxy at `place` passes requests on unencrypted, to a door that leads them to https.
pub(crate) fn speaks_http(place: &str, front: &Front) -> Cause {
    let fix = front.advise(|product, place| {
        let target = front.target(product);
        match product {
        Product::Nginx => format!(
            "{place}, have proxy_pass begin with https (`proxy_pass {target};`, or the name of the upstream block in place of the address)"
        ),
        Product::Caddy => format!(
            "{place}, write https:// before the address, and have Caddy believe the door's certificate (transport http, tls_trusted_ca_certs)"
        ),
        Product::Traefik => format!(
            "{place}, write `url: {target}`, and have Traefik believe the door's certificate (serversTransport)"
        ),
        Product::Pomerium => format!(
            "{place}, write `to: {target}`, and have Pomerium believe the door's certificate (tls_custom_ca_file)"
        ),
        }
    });
    Cause::critical(
        "proxy_speaks_http",
        format!(
            "the proxy in front of {place} speaks http to a door that wants https, so browsers are led in a circle"
        ),
        fix,
    )
}

/// The proxy drops what makes a request a WebSocket.
pub(crate) fn websocket_not_passed(front: &Front) -> Cause {
    let fix = front.advise(|product, place| match product {
        Product::Nginx => format!(
            "{place}, add\n`proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\n\
             proxy_set_header Connection \"upgrade\";`\n"
        ),
        Product::Caddy => format!(
            "{place}, remove the lines (header_up) that change Upgrade or Connection: Caddy passes WebSockets by itself"
        ),
        Product::Traefik => format!(
            "Traefik passes WebSockets by itself: {place}, no middleware (headers) of its router may change Upgrade or Connection"
        ),
        Product::Pomerium => format!("{place}, add `allow_websockets: true`"),
    });
    Cause::critical(
        "websocket_not_passed",
        "the proxy in front does not pass WebSockets on, so the editor's page stays empty",
        fix,
    )
}

/// The proxy puts another host in the place of the one that the browser asked for, which is `wanted` with its port, if it
/// is not 443. nginx's `$http_host` would say the same, but is empty with HTTP/3 before nginx 1.29.5.
pub(crate) fn host_not_preserved(arrived: &str, wanted: &str, front: &Front) -> Cause {
    let port = wanted
        .strip_prefix(crate::evidence::host_part(wanted))
        .unwrap_or_default();
    let fix = front.advise(|product, place| match product {
        Product::Nginx => format!(
            "{place}, add `proxy_set_header Host $host{port};`, and remove any other line there that sets Host"
        ),
        Product::Caddy => format!(
            "{place}, remove the line (header_up) that sets Host: Caddy keeps it by itself"
        ),
        Product::Traefik => format!("{place}, write `passHostHeader: true` under loadBalancer"),
        Product::Pomerium => format!("{place}, add `preserve_host_header: true`"),
    });
    Cause::critical(
        "host_not_preserved",
        format!(
            "the proxy in front does not keep the host that the browser asks for: \"{arrived}\" arrives instead of \"{wanted}\""
        ),
        fix,
    )
}

/// The proxy answers that it does not reach the door.
pub(crate) fn bad_gateway(url: &PublicUrl, status: &str, front: &Front) -> Cause {
    let lead = |product| lead(product, url, front);
    let fix = front.advise(|product, _| {
        let (log, sign) = match product {
            Product::Nginx => ("`tail /var/log/nginx/error.log`", "certificate verify error"),
            Product::Caddy => ("`journalctl -u caddy`", "x509"),
            Product::Traefik => ("Traefik's log", "x509"),
            Product::Pomerium => ("Pomerium's log", "TLS_error"),
        };
        format!(
            "{}. Where it does so already, {log} says why it fails: with \"{sign}\" it needs the root of the door's certificate again, \
             `{}`",
            lead(product),
            front.export()
        )
    });
    Cause::critical(
        "bad_gateway",
        format!("the proxy at {url} does not reach Doorcode: it answers {status}"),
        fix,
    )
}

/// Nothing of the proxy's leads a request for the public host to the door.
pub(crate) fn wrong_server(url: &PublicUrl, front: &Front) -> Cause {
    Cause::critical(
        "public_wrong_server",
        format!("what answers at {url} knows nothing of Doorcode: it has no page that every Doorcode has"),
        front.advise(|product, _| lead(product, url, front)),
    )
}

/// Behind the proxy is another code-server, which asks for a password of its own.
pub(crate) fn another_code_server(url: &PublicUrl, front: &Front) -> Cause {
    Cause::critical(
        "second_password_page",
        format!(
            "behind {url} a code-server of its own asks for a password: requests do not come to Doorcode"
        ),
        front.advise(|product, _| lead(product, url, front)),
    )
}

/// How a proxy is made to pass requests for the public host on to the door.
fn lead(product: Product, url: &PublicUrl, front: &Front) -> String {
    let (host, target) = (url.host(), front.target(product));
    match product {
        Product::Nginx => format!(
            "in the server block whose server_name is {host}, have the location lead to Doorcode: `proxy_pass {target};`"
        ),
        Product::Caddy => {
            format!("in the site {host}, lead to Doorcode: `reverse_proxy {target}`")
        }
        Product::Traefik => format!(
            "have the router whose rule names {host} use a service that leads to Doorcode: `url: {target}`"
        ),
        Product::Pomerium => {
            format!("have the route from {host} lead to Doorcode: `to: {target}`")
        }
    }
}

/// Somebody who has signed in at the proxy has to type Doorcode's password as well.
pub(crate) fn asked_twice() -> Cause {
    Cause::warning(
        "second_password_page",
        "people who have signed in at the proxy in front are asked for Doorcode's password as well",
        "have Doorcode take the proxy's word: `doorcode auth trusted-proxy`, with the options that \
         `doorcode auth trusted-proxy --help` lists; what is still missing is named",
    )
}

/// Anybody who reaches the door can write the headers of a proxy. Where people have come in under the same rules, their proxy is
/// not the one that is refused.
pub(crate) fn not_recognised(client: IpAddr, front: &Front, let_in: bool) -> Cause {
    let known = front
        .proxy
        .as_ref()
        .map(|proxy| &*proxy.proxies)
        .unwrap_or_default();
    let all: Vec<String> = known
        .iter()
        .map(|net| format!("\"{net}\""))
        .chain([format!("\"{client}\"")])
        .collect();
    let add = format!(
        "write `proxies = [{}]` under [auth.trusted_proxy]: `doorcode settings edit`",
        all.join(", ")
    );
    match let_in {
        false => Cause::critical(
            "proxy_not_recognised",
            format!("a proxy at {client} passes requests on, but is not among those that the settings name"),
            format!("if it is yours, {add}"),
        ),
        true => Cause::warning(
            "proxy_not_recognised",
            format!(
                "{client} sends requests as a proxy does, but is not among those that the settings name, and is refused"
            ),
            format!("leave it as it is, unless that is a proxy of yours; then {add}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_change_in_nginx_is_given_as_it_is_written_there() {
        let front = Front::some(Some(Product::Nginx));
        let websocket = websocket_not_passed(&front).fix;
        for line in [
            "proxy_http_version 1.1;",
            "proxy_set_header Upgrade $http_upgrade;",
            "proxy_set_header Connection \"upgrade\";",
        ] {
            assert!(websocket.contains(line), "{websocket}");
        }
        let host = |wanted| host_not_preserved("127.0.0.1", wanted, &front).fix;
        assert!(host("code.test").contains("`proxy_set_header Host $host;`"));
        assert!(host("code.test:9443").contains("`proxy_set_header Host $host:9443;`"));
        assert!(host("[::1]").contains("`proxy_set_header Host $host;`"));
        let http = speaks_http("code.test", &front).fix;
        assert!(http.contains("`proxy_pass https://127.0.0.1:8443;`"), "{http}");
        for fix in [websocket, host("code.test"), http] {
            assert!(
                fix.contains("proxy_pass leads to the door (127.0.0.1:8443)"),
                "{fix}"
            );
            assert!(fix.contains("`nginx -t && systemctl reload nginx`"), "{fix}");
            assert!(fix.contains("`doorcode recipe nginx`"), "{fix}");
        }
    }
}
