//! A proxy that is believed: how much, and on what grounds.

use doorcode_settings::trusted_proxy::{AllowUsers, Preset, Proof};
use doorcode_settings::{AuthMode, Explanation, TrustedProxy};

use super::proxy_ranges::{has_public, is_broad};
use crate::rule::when;
use crate::{Facts, Hit, Rule, Severity};

/// A shared secret has at least as many bytes.
const SECRET_BYTES: usize = 32;

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.in_use",
            title: "A proxy decides who comes in",
            cause: "auth.mode is \"trusted-proxy\": nobody signs in here, and whoever the proxy names is let in if auth.trusted_proxy \
                    allows them. The proxy, and whoever can pass for it, has a shell as you. This is always reported.",
            remedy: "doorcode audit --deep tries to pass for the proxy",
        },
        severity: Severity::Info,
        check: |facts| {
            let said = |proxy: &TrustedProxy| {
                let users = match &proxy.allow_users {
                    AllowUsers::Everyone => "everyone it names".to_owned(),
                    AllowUsers::These(users) if users.len() == 1 => "1 user".to_owned(),
                    AllowUsers::These(users) => format!("{} users", users.len()),
                };
                let from: Vec<String> = proxy.proxies.iter().map(ToString::to_string).collect();
                let from = if from.is_empty() {
                    "a unix socket".to_owned()
                } else {
                    from.join(", ")
                };
                Hit::new(format!(
                    "{} from {from}, proof {}, lets in {users} at {}",
                    proxy.preset.as_str(),
                    proxy.proof.as_str(),
                    proxy.public_url
                ))
            };
            proxy(facts).map(said).into_iter().collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.incomplete",
            title: "Something that the proxy needs is not set",
            cause: "auth.mode is \"trusted-proxy\" and a part of auth.trusted_proxy is missing: where the proxy connects from \
                    (proxies), the header that names the user (user_header), who may come in (allow_users), or what proves that \
                    it is the proxy (proof). The settings are refused until it is there.",
            remedy: "doorcode auth trusted-proxy --help",
        },
        severity: Severity::Critical,
        check: |facts| match &facts.settings {
            Err(problem) if problem.code == "trusted_proxy_incomplete" => {
                vec![Hit::new(problem.message.clone())]
            }
            _ => Vec::new(),
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.address_only",
            title: "An address is all that proves a request is the proxy's",
            cause: "proof is \"address-only\": every program and user that can send from the proxy's address names whoever they \
                    like. On a machine that the proxy shares, that is every program there.",
            remedy: "proof = { header = \"x-doorcode-proof\", secret_file = \"/path\" }, \"mtls\", \"unix-socket\", or a preset \
                     that signs (doorcode settings edit)",
        },
        severity: Severity::Critical,
        check: |facts| {
            let weak = proxy(facts).filter(|proxy| proxy.proof == Proof::AddressOnly);
            weak.map(|proxy| {
                let from: Vec<String> = proxy.proxies.iter().map(ToString::to_string).collect();
                Hit::new(format!("whatever comes from {} is believed", from.join(", ")))
            })
            .into_iter()
            .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.assertion_unverified",
            title: "The proxy signs who it is for, and nobody verifies it",
            cause: "This proxy sends a signed statement with each request. proof is something else, so that a plain header is \
                    believed, which the proxy may pass on from a client.",
            remedy: "proof = \"assertion\" (doorcode settings edit, auth.trusted_proxy)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let signs = |proxy: &&TrustedProxy| {
                matches!(
                    proxy.preset,
                    Preset::Pomerium
                        | Preset::CloudflareAccess
                        | Preset::GoogleIap
                        | Preset::AwsAlb
                        | Preset::Authentik
                ) && !matches!(proxy.proof, Proof::Assertion(_))
            };
            let said = |proxy: &TrustedProxy| {
                Hit::new(format!(
                    "preset {} signs, and proof is {}",
                    proxy.preset.as_str(),
                    proxy.proof.as_str()
                ))
            };
            proxy(facts).filter(signs).map(said).into_iter().collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.everyone",
            title: "Everyone whom the proxy lets through comes in",
            cause: "allow_users has \"*\". Whether somebody has a shell here is decided by the proxy's policy alone: one wrong rule \
                    there, or an identity provider that lets anybody sign up, lets strangers in.",
            remedy: "allow_users = [\"you@example.com\"] (doorcode settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let everyone = proxy(facts).filter(|proxy| proxy.allow_users == AllowUsers::Everyone);
            when(everyone.is_some(), || "allow_users has \"*\"".to_owned())
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.broad_range",
            title: "The proxy may connect from a whole network",
            cause: "An entry of proxies has more than 256 IPv4 addresses, or more than one IPv6 subnet. Every machine and container \
                    in it can try to pass for the proxy.",
            remedy: "proxies = [the proxy's own address] (doorcode settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let ranges = proxy(facts)
                .map(|proxy| proxy.proxies.as_slice())
                .unwrap_or_default();
            let broad = ranges.iter().filter(|range| is_broad(**range));
            broad
                .map(|range| Hit::new(format!("proxies has {range}")))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.public_range",
            title: "The proxy may connect from the internet",
            cause: "An entry of proxies has addresses of the internet. Other customers of the same provider may send from them.",
            remedy: "Have the proxy connect by a private network or a tunnel, or proof = \"assertion\" or \"mtls\" (doorcode \
                     settings edit)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let weak =
                |proxy: &&TrustedProxy| !matches!(proxy.proof, Proof::Assertion(_) | Proof::Mtls { .. });
            let ranges = proxy(facts).filter(weak).map(|proxy| proxy.proxies.as_slice());
            let public = ranges
                .unwrap_or_default()
                .iter()
                .filter(|range| has_public(**range));
            public
                .map(|range| Hit::new(format!("proxies has {range}")))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.direct_path",
            title: "There is a way to the door around the proxy",
            cause: "The proxy connects from this machine, and the door is open to the network as well. A mistake in what tells the \
                    proxy from others is then open to everybody there.",
            remedy: "listen = [\"127.0.0.1:8443\"] or a unix: address (doorcode settings edit, gateway.listen)",
        },
        severity: Severity::Warn,
        check: |facts| {
            let (Some(proxy), Some(settings)) = (proxy(facts), facts.valid()) else {
                return Vec::new();
            };
            let here = |range: &ipnet::IpNet| range.addr().is_loopback();
            let all_here = !proxy.proxies.is_empty() && proxy.proxies.iter().all(here);
            let listen = settings
                .gateway
                .listen
                .iter()
                .filter(|address| !address.is_local());
            listen
                .filter(|_| all_here)
                .map(|address| {
                    Hit::new(format!(
                        "every proxy is on this machine, and {address} is listened on"
                    ))
                })
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.socket_open",
            title: "Every user of this machine can pass for the proxy",
            cause: "proof is \"unix-socket\": whoever connects to the socket is taken for the proxy. Its mode, and those of the \
                    folders above it, let every user connect.",
            remedy: "Put it into a folder that only you and the proxy's group can enter (chmod 750), or choose another proof",
        },
        severity: Severity::Critical,
        check: |facts| {
            let believed = proxy(facts).is_some_and(|proxy| proxy.proof == Proof::UnixSocket);
            let open = facts
                .listen_sockets
                .iter()
                .filter(|socket| believed && socket.open_to_all);
            open.map(|socket| Hit::new(format!("{} has mode {:04o}", socket.path.display(), socket.mode)))
                .collect()
        },
    },
    Rule {
        explanation: Explanation {
            code: "trusted_proxy.secret_short",
            title: "The proxy's secret cannot be used",
            cause: "The file with the secret that the proxy adds is missing, cannot be read, or has fewer than 32 bytes, which can \
                    be guessed.",
            remedy: "umask 077; head -c 32 /dev/urandom | base64 > FILE, and give the proxy the same",
        },
        severity: Severity::Critical,
        check: |facts| {
            let Some(file) = &facts.proxy_secret else {
                return Vec::new();
            };
            let path = file.path.display();
            match &file.length {
                Ok(length) => when(*length < SECRET_BYTES, || format!("{path} holds {length} bytes")),
                Err(error) => vec![Hit::new(format!("{path} cannot be read: {error}"))],
            }
        },
    },
];

/// The proxy that is believed; none in another mode.
pub(super) fn proxy(facts: &Facts) -> Option<&TrustedProxy> {
    let auth = &facts.valid()?.auth;
    auth.trusted_proxy
        .as_ref()
        .filter(|_| auth.mode == AuthMode::TrustedProxy)
}
