//! What a browser takes for the same site as the door.

use doorcode_settings::{AuthMode, Explanation, HostName};

use crate::{Facts, Hit, Rule, Severity};

/// Domains whose names below anybody may have, or which name any address.
const ANYBODYS: [&str; 10] = [
    "nip.io",
    "sslip.io",
    "xip.io",
    "traefik.me",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "ngrok.io",
    "duckdns.org",
    "dyndns.org",
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "origin.strangers_beside",
            title: "Strangers have names beside the door's",
            cause: "Anybody can have a name under this domain, and whoever runs it decides where yours leads. Where a browser does not know \
                    that its names are different people's, their pages are of the same site as the door, so that it sends the \
                    door's cookie with requests that they make. The door refuses those by their Origin; that check is then the \
                    only one.",
            remedy: "Use a name of a domain of your own, or an address (doorcode settings edit, gateway.hosts)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let under = |name: &str| {
                { ANYBODYS.iter() }.find(|domain| {
                    name.strip_suffix(**domain)
                        .is_some_and(|rest| rest.ends_with('.'))
                })
            };
            names(facts)
                .filter_map(|name| under(name).map(|domain| Hit::new(format!("{name} is under {domain}"))))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "origin.hosts_of_one_site",
            title: "One host is below another",
            cause: "A page on one of these hosts is of the same site as the other. What else runs under the lower name can make \
                    requests that carry the cookie of the upper one's site; the door refuses them by their Origin.",
            remedy: "Keep other web pages away from these names, or list one of them only (gateway.hosts)",
        },
        severity: Severity::Info,
        check: |facts| {
            let all: Vec<&str> = names(facts).collect();
            let below = |upper: &'_ &str| {
                let found = { all.iter() }
                    .find(|name| name.strip_suffix(*upper).is_some_and(|rest| rest.ends_with('.')));
                found.map(|lower| Hit::new(format!("{lower} is below {upper}")))
            };
            all.iter().filter_map(below).collect()
        },
    },
];

/// Every name that browsers may use.
fn names(facts: &Facts) -> impl Iterator<Item = &str> {
    let settings = facts.valid().into_iter();
    let hosts = settings.flat_map(|settings| {
        let proxy = settings.auth.trusted_proxy.iter();
        let public = proxy
            .filter(|_| settings.auth.mode == AuthMode::TrustedProxy)
            .map(|proxy| proxy.public_url.host())
            .filter(|host| !settings.gateway.hosts.contains(host));
        settings.gateway.hosts.iter().chain(public)
    });
    hosts.filter_map(|host| match host {
        HostName::Dns(name) => Some(name.as_str()),
        HostName::Ip(_) => None,
    })
}
