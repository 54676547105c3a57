//! Who can reach the door at all.

use std::net::{IpAddr, SocketAddr};

use doorcode_settings::{AuthMode, Explanation, ListenAddress, Tls};

use super::proxy_ranges::is_public;
use crate::rule::when;
use crate::{Facts, Hit, Rule, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "exposure.open_to_network",
            title: "Nobody has to sign in, and other machines reach the door",
            cause: "auth.mode is \"none\" and gateway.listen has an address that other machines reach. Whoever reaches it has a \
                    shell on this machine.",
            remedy: "doorcode auth password",
        },
        severity: Severity::Critical,
        check: |facts| {
            let open = beyond_loopback(facts).filter(|_| mode(facts) == Some(AuthMode::None));
            open.map(|address| Hit::new(format!("auth.mode is \"none\" and {address} is listened on")))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "exposure.open_to_this_machine",
            title: "Nobody has to sign in on this machine",
            cause: "auth.mode is \"none\". Every user and every program of this machine that can open a connection to the address \
                    has a shell as you.",
            remedy: "doorcode auth password",
        },
        severity: Severity::Warn,
        check: |facts| {
            let open = mode(facts) == Some(AuthMode::None) && beyond_loopback(facts).next().is_none();
            when(open, || {
                "auth.mode is \"none\"; only this machine reaches the door".to_owned()
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "exposure.beyond_loopback",
            title: "Other machines reach the door",
            cause: "gateway.listen has an address that is not of this machine alone. That is what it is for when you work from \
                    another one; the sign-in is then all that stands between the network and a shell.",
            remedy: "If only this machine is to reach it: listen = [\"127.0.0.1:8443\"] (doorcode settings edit)",
        },
        severity: Severity::Info,
        check: |facts| {
            beyond_loopback(facts)
                .map(|address| Hit::new(format!("{address} is listened on")))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "exposure.public_address",
            title: "The whole internet may reach the door",
            cause: "An address that is listened on is a public one, so that nothing but a firewall keeps strangers away from the \
                    sign-in page.",
            remedy: "Listen on the addresses that are needed only (doorcode settings edit, gateway.listen), or put an \
                     identity-aware proxy in front (doorcode recipe --help)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let own = |address: SocketAddr| {
                let all = address.ip().is_unspecified();
                let reached = facts.own_addresses.iter().copied().filter(move |_| all);
                reached
                    .chain((!all).then_some(address.ip()))
                    .filter(|ip| is_public(*ip))
            };
            let public = |address: SocketAddr| {
                let named: Vec<String> = own(address).map(|ip: IpAddr| ip.to_string()).collect();
                (!named.is_empty()).then(|| {
                    Hit::new(format!(
                        "{address} is listened on, which is reached at {}",
                        named.join(", ")
                    ))
                })
            };
            beyond_loopback(facts).filter_map(public).collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "exposure.listens_elsewhere",
            title: "The running engine is reached from elsewhere than the settings say",
            cause: "gateway.listen was changed while the engine ran. It goes on listening where it did, beyond this machine, until \
                    it is started again.",
            remedy: "doorcode stop --engine, then: doorcode up",
        },
        severity: Severity::Warn,
        check: |facts| {
            let (Some(engine), Some(settings)) = (&facts.engine, facts.valid()) else {
                return Vec::new();
            };
            let wanted = |address: &SocketAddr| {
                { settings.gateway.listen.iter() }
                    .filter_map(ListenAddress::tcp)
                    .any(|set| set.ip() == address.ip() && (set.port() == 0 || set.port() == address.port()))
            };
            engine
                .listen
                .iter()
                .filter(|address| !address.is_local())
                .filter_map(ListenAddress::tcp)
                .filter(|address| !wanted(address))
                .map(|address| Hit::new(format!("{address} is listened on, and not in gateway.listen")))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "exposure.plain_http_on_network",
            title: "The way from the proxy to the door is not encrypted",
            cause: "tls.mode is \"off\" and the door listens on a network. Whoever reads along there sees the editor, every file \
                    and each proof that the proxy sends; whoever can change packets has a shell.",
            remedy: "tls.mode = \"self-signed\" (doorcode settings edit), and give the proxy the root: doorcode cert export HOST",
        },
        severity: Severity::Critical,
        check: |facts| {
            beyond_loopback(facts)
                .filter(|_| plain(facts))
                .map(|address| Hit::new(format!("tls.mode is \"off\" and {address} is listened on")))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "exposure.plain_http_here",
            title: "The way from the proxy to the door is not encrypted, on this machine",
            cause: "tls.mode is \"off\". The connection does not leave this machine, so only root could read along.",
            remedy: "",
        },
        severity: Severity::Info,
        check: |facts| {
            when(plain(facts) && beyond_loopback(facts).next().is_none(), || {
                "tls.mode is \"off\"; nothing but this machine is listened on".to_owned()
            })
        },
    },
    Rule {
        explanation: Explanation {
            code: "exposure.ports_shown",
            title: "Pages of other programs share the editor's origin",
            cause: "A page under /proxy/PORT has the editor's own address in the browser. It can read and type in the editor, \
                    terminal included, as you.",
            remedy: "ports.allow = [] where they are not needed (doorcode settings edit); show only programs that you trust like \
                     the editor itself",
        },
        severity: Severity::Warn,
        check: |facts| {
            let ports = facts.valid().map(|settings| settings.ports.allow.as_slice());
            let named: Vec<String> = ports.unwrap_or_default().iter().map(u16::to_string).collect();
            when(!named.is_empty(), || {
                format!("ports.allow has {}", named.join(", "))
            })
        },
    },
];

fn mode(facts: &Facts) -> Option<AuthMode> {
    facts.valid().map(|settings| settings.auth.mode)
}

fn plain(facts: &Facts) -> bool {
    facts.valid().is_some_and(|settings| settings.tls == Tls::Off)
}

/// The addresses in the settings that other machines reach.
fn beyond_loopback(facts: &Facts) -> impl Iterator<Item = SocketAddr> {
    let listen = facts.valid().map(|settings| settings.gateway.listen.as_slice());
    listen
        .unwrap_or_default()
        .iter()
        .filter(|address| !address.is_local())
        .filter_map(ListenAddress::tcp)
}
