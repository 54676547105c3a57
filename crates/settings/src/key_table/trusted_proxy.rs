//! `[auth.trusted_proxy]`, `[auth.trusted_proxy.assertion]`.

use toml_edit::Value;

use crate::trusted_proxy::{Algorithm, Preset};
use crate::{Applies, Key, Kind, trusted_proxy, values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "auth.trusted_proxy.preset",
        label: "Proxy",
        kind: Kind::Choice(&[
            "pomerium",
            "oauth2-proxy",
            "caddy",
            "traefik",
            "tailscale",
            "cloudflare-access",
            "google-iap",
            "aws-alb",
            "authelia",
            "authentik",
            "custom",
        ]),
        doc: "With mode = \"trusted-proxy\": which proxy signs people in; it fills in header names, keys and algorithms.",
        allowed: "\"pomerium\", \"oauth2-proxy\", \"caddy\", \"traefik\", \"tailscale\", \"cloudflare-access\", \"google-iap\", \"aws-alb\", \"authelia\", \"authentik\" or \"custom\"",
        applies: Applies::Live,
        read: |draft, value| {
            values::one_of(value, &Preset::NAMES).map(|preset| draft.proxy().preset = preset)
        },
        write: |settings| Some(settings.auth.trusted_proxy_keys.preset.as_str().into()),
    },
    Key {
        name: "auth.trusted_proxy.public_url",
        label: "Public address",
        kind: Kind::Text,
        doc: "The https address at which browsers reach the proxy.",
        allowed: "https:// and a host, such as \"https://code.example.com\"",
        applies: Applies::Live,
        read: |draft, value| {
            let url = values::text(value)?.parse();
            let url = url.map_err(|error: trusted_proxy::PublicUrlError| {
                values::Wrong::because(value, error.to_string())
            })?;
            draft.proxy().public_url = Some(url);
            Ok(())
        },
        write: |settings| {
            let url = settings.auth.trusted_proxy_keys.public_url.as_ref()?;
            Some(url.to_string().into())
        },
    },
    Key {
        name: "auth.trusted_proxy.proxies",
        label: "The proxy's addresses",
        kind: Kind::List,
        doc: "Addresses and ranges that the proxy connects from. Nobody else gets in.",
        allowed: "a list of IP addresses and ranges, such as [\"10.0.0.1\", \"10.0.1.0/28\"]",
        applies: Applies::Live,
        read: |draft, value| {
            values::distinct(value, trusted_proxy::address_range)
                .map(|proxies| draft.proxy().proxies = proxies)
        },
        write: |settings| {
            let ranges = settings.auth.trusted_proxy_keys.proxies.iter();
            let shown = ranges.map(|range| match range.prefix_len() == range.max_prefix_len() {
                true => range.addr().to_string(),
                false => range.to_string(),
            });
            Some(shown.collect())
        },
    },
    Key {
        name: "auth.trusted_proxy.user_header",
        label: "Header that names the user",
        kind: Kind::Text,
        doc: "The header in which the proxy names the user. Where the proxy signs, the signed claim decides, and this header must agree.",
        allowed: "a header's name of letters, digits and -, such as \"x-forwarded-user\"",
        applies: Applies::Live,
        read: |draft, value| {
            trusted_proxy::header_name(value).map(|name| draft.proxy().user_header = Some(name))
        },
        write: |settings| text(&settings.auth.trusted_proxy_keys.user_header),
    },
    Key {
        name: "auth.trusted_proxy.required_headers",
        label: "Headers that must be there",
        kind: Kind::List,
        doc: "Headers that every request through the proxy has; one without is refused.",
        allowed: "a list of header names, such as [\"x-forwarded-proto\"]",
        applies: Applies::Live,
        read: |draft, value| {
            trusted_proxy::headers(value).map(|headers| draft.proxy().required_headers = headers)
        },
        write: |settings| Some(settings.auth.trusted_proxy_keys.required_headers.iter().collect()),
    },
    Key {
        name: "auth.trusted_proxy.allow_users",
        label: "Who may come in",
        kind: Kind::List,
        doc: "The users who may come in, of those whom the proxy signs in; \"*\" is everyone.",
        allowed: "a list of users as the proxy names them, such as [\"you@example.com\"], or [\"*\"]",
        applies: Applies::Live,
        read: |draft, value| {
            values::distinct(value, trusted_proxy::user).map(|users| draft.proxy().allow_users = users)
        },
        write: |settings| Some(settings.auth.trusted_proxy_keys.allow_users.iter().collect()),
    },
    Key {
        name: "auth.trusted_proxy.proof",
        label: "Proof that it is the proxy",
        kind: Kind::WordOrTable(&["assertion", "mtls", "unix-socket", "address-only"]),
        doc: "What tells the proxy from anybody else who can send from its address: a signed statement, a secret in a header, a certificate, or a unix socket.",
        allowed: "\"assertion\", \"mtls\", \"unix-socket\", \"address-only\", or { header = \"x-doorcode-proof\", secret_file = \"/path/to/secret\" }",
        applies: Applies::Live,
        read: |draft, value| trusted_proxy::proof(value).map(|proof| draft.proxy().proof = Some(proof)),
        write: |settings| settings.auth.trusted_proxy_keys.proof.as_ref()?.to_value(),
    },
    Key {
        name: "auth.trusted_proxy.client_ca",
        label: "Authority of the proxy's certificate",
        kind: Kind::Path,
        doc: "With proof = \"mtls\": a PEM file with the authority that signed the proxy's client certificate.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::Live,
        read: |draft, value| values::path(value).map(|path| draft.proxy().client_ca = Some(path)),
        write: |settings| values::from_path(settings.auth.trusted_proxy_keys.client_ca.as_ref()?),
    },
    Key {
        name: "auth.trusted_proxy.websocket_hours",
        label: "Hours an editor stays connected",
        kind: Kind::Number,
        doc: "A WebSocket is closed after so many hours, so that whom the proxy signs out does not stay for long.",
        allowed: "a number from 1 to 168",
        applies: Applies::Live,
        read: |draft, value| {
            values::number(value, 1..=168).map(|hours| draft.proxy().websocket_hours = hours)
        },
        write: |settings| Some(i64::from(settings.auth.trusted_proxy_keys.websocket_hours).into()),
    },
    Key {
        name: "auth.trusted_proxy.assertion.header",
        label: "Header with the signed statement",
        kind: Kind::Text,
        doc: "The header that carries the proxy's signed statement (a JWT).",
        allowed: "a header's name of letters, digits and -, such as \"x-pomerium-jwt-assertion\"",
        applies: Applies::Live,
        read: |draft, value| {
            trusted_proxy::header_name(value).map(|name| draft.proxy().assertion.header = Some(name))
        },
        write: |settings| text(&settings.auth.trusted_proxy_keys.assertion.header),
    },
    Key {
        name: "auth.trusted_proxy.assertion.jwks_url",
        label: "Address of the keys",
        kind: Kind::Text,
        doc: "Where the keys are that verify the statement (a JSON Web Key Set).",
        allowed: "an https:// address",
        applies: Applies::Live,
        read: |draft, value| {
            trusted_proxy::url_or_prefix(value).map(|url| draft.proxy().assertion.jwks_url = Some(url))
        },
        write: |settings| text(&settings.auth.trusted_proxy_keys.assertion.jwks_url),
    },
    Key {
        name: "auth.trusted_proxy.assertion.jwks_file",
        label: "File with the keys",
        kind: Kind::Path,
        doc: "The same keys in a file, for a network without a way out; it goes before jwks_url.",
        allowed: "an absolute path, or one that begins with ~/",
        applies: Applies::Live,
        read: |draft, value| values::path(value).map(|path| draft.proxy().assertion.jwks_file = Some(path)),
        write: |settings| values::from_path(settings.auth.trusted_proxy_keys.assertion.jwks_file.as_ref()?),
    },
    Key {
        name: "auth.trusted_proxy.assertion.issuer",
        label: "Issuer",
        kind: Kind::Text,
        doc: "What the statement's iss must be.",
        allowed: "a text of 1 to 512 characters",
        applies: Applies::Live,
        read: |draft, value| name(value).map(|issuer| draft.proxy().assertion.issuer = Some(issuer)),
        write: |settings| text(&settings.auth.trusted_proxy_keys.assertion.issuer),
    },
    Key {
        name: "auth.trusted_proxy.assertion.audience",
        label: "Audience",
        kind: Kind::Text,
        doc: "What the statement's aud must be, or have in its list.",
        allowed: "a text of 1 to 512 characters",
        applies: Applies::Live,
        read: |draft, value| name(value).map(|audience| draft.proxy().assertion.audience = Some(audience)),
        write: |settings| text(&settings.auth.trusted_proxy_keys.assertion.audience),
    },
    Key {
        name: "auth.trusted_proxy.assertion.algorithms",
        label: "Algorithms",
        kind: Kind::List,
        doc: "How the statement may be signed; the preset's when the list is empty.",
        allowed: "a list of \"ES256\", \"ES384\", \"RS256\", \"RS384\", \"RS512\", \"EdDSA\"",
        applies: Applies::Live,
        read: |draft, value| {
            values::distinct(value, |one| values::one_of(one, &Algorithm::NAMES))
                .map(|algorithms| draft.proxy().assertion.algorithms = algorithms)
        },
        write: |settings| {
            let algorithms = settings.auth.trusted_proxy_keys.assertion.algorithms.iter();
            Some(algorithms.map(|algorithm| algorithm.as_str()).collect())
        },
    },
    Key {
        name: "auth.trusted_proxy.assertion.user_claim",
        label: "Claim that names the user",
        kind: Kind::Text,
        doc: "The statement's claim that names the user; \"email\" unless the preset knows another.",
        allowed: "a text of 1 to 512 characters",
        applies: Applies::Live,
        read: |draft, value| name(value).map(|claim| draft.proxy().assertion.user_claim = Some(claim)),
        write: |settings| text(&settings.auth.trusted_proxy_keys.assertion.user_claim),
    },
    Key {
        name: "auth.trusted_proxy.assertion.max_age",
        label: "Oldest statement",
        kind: Kind::Text,
        doc: "A statement that was issued longer ago is refused, whatever it says itself.",
        allowed: "a time of at least 1s and at most 400d, such as \"5m\"",
        applies: Applies::Live,
        read: |draft, value| values::duration(value).map(|age| draft.proxy().assertion.max_age = Some(age)),
        write: |settings| {
            let age = settings.auth.trusted_proxy_keys.assertion.max_age?;
            Some(values::from_duration(age))
        },
    },
    Key {
        name: "auth.trusted_proxy.assertion.signer",
        label: "Load balancer (AWS)",
        kind: Kind::Text,
        doc: "With preset = \"aws-alb\": the ARN of the load balancer that must have signed.",
        allowed: "an ARN that begins with \"arn:\"",
        applies: Applies::Live,
        read: |draft, value| {
            let arn = name(value)?;
            if !arn.starts_with("arn:") {
                return Err(values::Wrong::because(value, "it does not begin with arn:"));
            }
            draft.proxy().assertion.signer = Some(arn);
            Ok(())
        },
        write: |settings| text(&settings.auth.trusted_proxy_keys.assertion.signer),
    },
];

const LONGEST_NAME: usize = 512;

/// A text that means something elsewhere and is only compared here.
fn name(value: &Value) -> Result<String, values::Wrong> {
    let text = values::text(value)?;
    if text.is_empty() || text.len() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(values::Wrong::because(
            value,
            "it is empty, too long, or has control characters",
        ));
    }
    Ok(text.to_owned())
}

fn text(value: &Option<String>) -> Option<Value> {
    value.as_deref().map(Value::from)
}
