//! What is known of each proxy.

use std::time::Duration;

use serde::Serialize;

use super::Algorithm;

/// A proxy whose headers and keys are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the products'")]
pub enum Preset {
    Pomerium,
    Oauth2Proxy,
    Caddy,
    Traefik,
    Tailscale,
    CloudflareAccess,
    GoogleIap,
    AwsAlb,
    Authelia,
    Authentik,
    /// None of these: every key is the person's own.
    #[default]
    Custom,
}

/// Whose assertion it is: what the preset fills in where the person says nothing.
pub(super) struct Signed {
    pub(super) header: &'static str,
    pub(super) algorithm: Algorithm,
    pub(super) claim: &'static str,
    pub(super) max_age: Duration,
    /// Whether the proxy always sends one, so that it is the proof unless another is named.
    pub(super) always: bool,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Preset {
    /// All of them with their words in settings.toml.
    pub const NAMES: [(&'static str, Preset); 11] = [
        ("pomerium", Preset::Pomerium),
        ("oauth2-proxy", Preset::Oauth2Proxy),
        ("caddy", Preset::Caddy),
        ("traefik", Preset::Traefik),
        ("tailscale", Preset::Tailscale),
        ("cloudflare-access", Preset::CloudflareAccess),
        ("google-iap", Preset::GoogleIap),
        ("aws-alb", Preset::AwsAlb),
        ("authelia", Preset::Authelia),
        ("authentik", Preset::Authentik),
        ("custom", Preset::Custom),
    ];

    /// The word in settings.toml.
    pub fn as_str(self) -> &'static str {
        let [
            pomerium,
            oauth2,
            caddy,
            traefik,
            tailscale,
            cloudflare,
            iap,
            alb,
            authelia,
            authentik,
            custom,
        ] = Self::NAMES.map(|(name, _)| name);
        match self {
            Preset::Pomerium => pomerium,
            Preset::Oauth2Proxy => oauth2,
            Preset::Caddy => caddy,
            Preset::Traefik => traefik,
            Preset::Tailscale => tailscale,
            Preset::CloudflareAccess => cloudflare,
            Preset::GoogleIap => iap,
            Preset::AwsAlb => alb,
            Preset::Authelia => authelia,
            Preset::Authentik => authentik,
            Preset::Custom => custom,
        }
    }

    /// The header that names the user. None for a proxy that signs: the claim names them, and its plain header is a client's
    /// own word unless the proxy was told to overwrite it.
    pub(super) fn user_header(self) -> Option<&'static str> {
        match self {
            Preset::Oauth2Proxy => Some("x-forwarded-email"),
            Preset::Caddy | Preset::Traefik => Some("x-forwarded-user"),
            Preset::Tailscale => Some("tailscale-user-login"),
            Preset::Authelia => Some("remote-email"),
            Preset::Authentik => Some("x-authentik-email"),
            Preset::Pomerium
            | Preset::CloudflareAccess
            | Preset::GoogleIap
            | Preset::AwsAlb
            | Preset::Custom => None,
        }
    }

    /// A request with one of these is from outside of what the proxy guards.
    pub(super) fn refused_headers(self) -> &'static [&'static str] {
        match self {
            // Funnel lets in the whole internet without an identity, on the same node.
            Preset::Tailscale => &["tailscale-funnel-request"],
            _ => &[],
        }
    }

    pub(super) fn signed(self) -> Option<Signed> {
        let signed = |header, algorithm, max_age| Signed {
            header,
            algorithm,
            claim: "email",
            max_age,
            always: true,
        };
        match self {
            Preset::Pomerium => Some(signed("x-pomerium-jwt-assertion", Algorithm::Es256, 5 * MINUTE)),
            // Issued once at sign-in, for as long as the Access session, 24 h unless the team says otherwise.
            Preset::CloudflareAccess => Some(signed("cf-access-jwt-assertion", Algorithm::Rs256, 24 * HOUR)),
            Preset::GoogleIap => Some(signed("x-goog-iap-jwt-assertion", Algorithm::Es256, 10 * MINUTE)),
            Preset::AwsAlb => Some(signed("x-amzn-oidc-data", Algorithm::Es256, 10 * MINUTE)),
            Preset::Authentik => Some(Signed {
                always: false,
                ..signed("x-authentik-jwt", Algorithm::Rs256, 24 * HOUR)
            }),
            _ => None,
        }
    }
}
