//! From what the person wrote and what the preset knows to what the gateway needs, or to what is still missing.

use std::time::Duration;

use serde::Serialize;

use super::preset::Signed;
use super::{
    AllowUsers, Assertion, AssertionKeys, KeySource, Preset, Proof, ProofKey, PublicUrl, TrustedProxy,
    TrustedProxyKeys, UserShape,
};
use crate::{AuthMode, Gateway, ListenAddress, Settings};

/// Something that must be set before `trusted-proxy` can be switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Missing {
    /// The key, with its table.
    pub key: &'static str,
    /// Why it is needed and what could stand there, in a sentence.
    pub message: String,
}

impl Settings {
    /// The proxy that signs people in; none while they sign in some other way.
    pub fn proxy_in_force(&self) -> Option<&TrustedProxy> {
        let proxy = self.auth.trusted_proxy.as_ref();
        proxy.filter(|_| self.auth.mode == AuthMode::TrustedProxy)
    }

    /// What must still be set before `auth.mode` can be `trusted-proxy`.
    pub fn missing_for_trusted_proxy(&self) -> Vec<Missing> {
        let complete = self.auth.trusted_proxy_keys.complete(&self.gateway);
        complete.err().unwrap_or_default()
    }
}

impl TrustedProxyKeys {
    /// # Errors
    /// Everything that is missing or does not go together.
    pub(crate) fn complete(&self, gateway: &Gateway) -> Result<TrustedProxy, Vec<Missing>> {
        let mut open = Open::default();
        let public_url = self.public_url(&mut open);
        self.check_proxies(gateway, &mut open);
        let allow_users = self.allowed(&mut open);
        let proof = self.proof(public_url.as_ref(), gateway, &mut open);
        let user_header = self
            .user_header
            .clone()
            .or_else(|| self.preset.user_header().map(str::to_owned))
            .filter(|_| self.user_header.is_some() || !matches!(proof, Some(Proof::Assertion(_))));
        if user_header.is_none() && proof.is_some() && !matches!(proof, Some(Proof::Assertion(_))) {
            open.add(
                "auth.trusted_proxy.user_header",
                format!(
                    "preset {} has no header that names the user",
                    self.preset.as_str()
                ),
            );
        }
        if let Some(Proof::Header { header, .. }) = &proof
            && user_header.as_ref() == Some(header)
        {
            // The secret would be the user's name, and stand in the log.
            open.add(
                "auth.trusted_proxy.user_header",
                format!("{header} carries the secret of proof, and cannot name the user as well"),
            );
        }
        let (Some(public_url), Some(allow_users), Some(proof)) = (public_url, allow_users, proof) else {
            return Err(open.missing);
        };
        if !open.missing.is_empty() {
            return Err(open.missing);
        }
        let source = match &proof {
            Proof::Assertion(assertion) => Some(assertion.user_claim.as_str()),
            _ => user_header.as_deref(),
        };
        Ok(TrustedProxy {
            preset: self.preset,
            public_url,
            proxies: self.proxies.clone(),
            user_shape: source.map_or(UserShape::Login, shape),
            user_header,
            required_headers: self.required_headers.clone(),
            refused_headers: self.preset.refused_headers(),
            allow_users,
            proof,
            websocket_hours: self.websocket_hours,
        })
    }

    fn public_url(&self, open: &mut Open) -> Option<PublicUrl> {
        if self.public_url.is_none() {
            open.add(
                "auth.trusted_proxy.public_url",
                "the https address that browsers use, such as \"https://code.example.com\"".to_owned(),
            );
        }
        self.public_url.clone()
    }

    fn check_proxies(&self, gateway: &Gateway, open: &mut Open) {
        let all_unix = gateway
            .listen
            .iter()
            .all(|address| matches!(address, ListenAddress::Unix(_)));
        if self.proxies.is_empty() && !all_unix {
            open.add(
                "auth.trusted_proxy.proxies",
                "the address that the proxy connects from, such as \"127.0.0.1\" or \"10.0.0.1\"".to_owned(),
            );
        }
    }

    fn allowed(&self, open: &mut Open) -> Option<AllowUsers> {
        match self.allow_users.as_slice() {
            [] => {
                let message = "who may come in, such as \"you@example.com\"; \"*\" is everyone whom the proxy lets through";
                open.add("auth.trusted_proxy.allow_users", message.to_owned());
                None
            }
            [everyone] if everyone == "*" => Some(AllowUsers::Everyone),
            users if users.iter().any(|user| user == "*") => {
                let message = "\"*\" is everyone, so the names beside it keep nobody out: leave out the one or the others";
                open.add("auth.trusted_proxy.allow_users", message.to_owned());
                None
            }
            users => Some(AllowUsers::These(users.to_vec())),
        }
    }

    fn proof(&self, public_url: Option<&PublicUrl>, gateway: &Gateway, open: &mut Open) -> Option<Proof> {
        const PROOF: &str = "auth.trusted_proxy.proof";
        let signed = self.preset.signed();
        let named = match &self.proof {
            None if signed.as_ref().is_some_and(|signed| signed.always) => &ProofKey::Assertion,
            None => {
                let message = "what tells the proxy from anybody else at its address: { header = \"x-doorcode-proof\", secret_file = \"/path\" }, \
                               \"assertion\", \"mtls\", \"unix-socket\", or, where nothing else can be had, \"address-only\"";
                open.add(PROOF, message.to_owned());
                return None;
            }
            Some(proof) => proof,
        };
        match named {
            ProofKey::Assertion => self
                .assertion
                .complete(self.preset, signed, public_url, open)
                .map(|assertion| Proof::Assertion(Box::new(assertion))),
            ProofKey::Header { header, secret_file } => Some(Proof::Header {
                header: header.clone(),
                secret_file: secret_file.clone(),
            }),
            ProofKey::Mtls => {
                if self.client_ca.is_none() {
                    open.add(
                        "auth.trusted_proxy.client_ca",
                        "proof = \"mtls\" needs the PEM file of the authority that signed the proxy's certificate"
                            .to_owned(),
                    );
                }
                Some(Proof::Mtls {
                    client_ca: self.client_ca.clone()?,
                })
            }
            ProofKey::UnixSocket => {
                let tcp = gateway.listen.iter().find(|address| address.tcp().is_some());
                if let Some(tcp) = tcp {
                    let message = format!(
                        "proof = \"unix-socket\" holds for unix: addresses only, and gateway.listen has {tcp}"
                    );
                    open.add(PROOF, message);
                }
                Some(Proof::UnixSocket)
            }
            ProofKey::AddressOnly => Some(Proof::AddressOnly),
        }
    }
}

impl AssertionKeys {
    fn complete(
        &self,
        preset: Preset,
        signed: Option<Signed>,
        public_url: Option<&PublicUrl>,
        open: &mut Open,
    ) -> Option<Assertion> {
        let host = public_url.map(|url| url.host().authority());
        let mut need = |key, message: &str| open.add(key, message.to_owned());
        let header = self
            .header
            .clone()
            .or_else(|| signed.as_ref().map(|signed| signed.header.to_owned()));
        if header.is_none() {
            need(
                "auth.trusted_proxy.assertion.header",
                "the header that carries the signed statement",
            );
        }
        let issuer = match (&self.issuer, preset) {
            (Some(issuer), _) => vec![issuer.clone()],
            // Pomerium writes the route's host, and with a setting of its own the host as an address.
            (None, Preset::Pomerium) => host
                .iter()
                .flat_map(|host| {
                    [
                        host.clone(),
                        format!("https://{host}"),
                        format!("https://{host}/"),
                    ]
                })
                .collect(),
            (None, Preset::GoogleIap) => vec!["https://cloud.google.com/iap".to_owned()],
            (None, _) => Vec::new(),
        };
        // Without a public address Pomerium's cannot be known yet, and that address is asked for already.
        let follows_the_host = preset == Preset::Pomerium;
        if issuer.is_empty() && !follows_the_host {
            need(
                "auth.trusted_proxy.assertion.issuer",
                "what the statement's iss must be, such as \"https://TEAM.cloudflareaccess.com\"",
            );
        }
        let audience = self
            .audience
            .clone()
            .or_else(|| host.clone().filter(|_| follows_the_host));
        if audience.is_none() && !follows_the_host {
            need(
                "auth.trusted_proxy.assertion.audience",
                "what the statement's aud must be: the tag, client id or address of this application at the proxy",
            );
        }
        if preset == Preset::AwsAlb && self.signer.is_none() {
            need(
                "auth.trusted_proxy.assertion.signer",
                "the ARN of the load balancer, because its keys are those of every customer in the region",
            );
        }
        let algorithms = match &signed {
            Some(signed) if self.algorithms.is_empty() => vec![signed.algorithm],
            _ => self.algorithms.clone(),
        };
        if algorithms.is_empty() {
            need(
                "auth.trusted_proxy.assertion.algorithms",
                "how the statement is signed, such as [\"ES256\"]",
            );
        }
        let keys = self.keys(preset, host.as_deref());
        if keys.is_none() && !follows_the_host {
            need(
                "auth.trusted_proxy.assertion.jwks_url",
                "where the keys are that verify the statement: an https address, or a file as jwks_file",
            );
        }
        let claim = signed.as_ref().map_or("email", |signed| signed.claim);
        Some(Assertion {
            header: header?,
            keys: keys?,
            issuer,
            audience: audience?,
            algorithms,
            user_claim: self.user_claim.clone().unwrap_or_else(|| claim.to_owned()),
            max_age: self
                .max_age
                .or(signed.map(|signed| signed.max_age))
                .unwrap_or(MAX_AGE),
            signer: self.signer.clone(),
        })
    }

    fn keys(&self, preset: Preset, host: Option<&str>) -> Option<KeySource> {
        if let Some(file) = &self.jwks_file {
            return Some(KeySource::File(file.clone()));
        }
        if preset == Preset::AwsAlb {
            let prefix = self.jwks_url.clone().or_else(|| {
                let region = self.signer.as_deref()?.split(':').nth(3)?;
                Some(format!("https://public-keys.auth.elb.{region}.amazonaws.com/"))
            })?;
            return Some(KeySource::PemByKid(prefix));
        }
        let url = self.jwks_url.clone().or_else(|| match preset {
            Preset::Pomerium => Some(format!("https://{}/.well-known/pomerium/jwks.json", host?)),
            Preset::CloudflareAccess => {
                let team = self.issuer.as_deref()?.trim_end_matches('/');
                Some(format!("{team}/cdn-cgi/access/certs"))
            }
            Preset::GoogleIap => Some("https://www.gstatic.com/iap/verify/public_key-jwk".to_owned()),
            _ => None,
        })?;
        Some(KeySource::Url(url))
    }
}

/// For a proxy that we know nothing of.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// A claim or a header that is called after an e-mail address holds one; Tailscale's logins are made like one.
fn shape(source: &str) -> UserShape {
    if source.to_ascii_lowercase().contains("email") || source == "tailscale-user-login" {
        UserShape::Email
    } else {
        UserShape::Login
    }
}

#[derive(Default)]
struct Open {
    missing: Vec<Missing>,
}

impl Open {
    fn add(&mut self, key: &'static str, message: String) {
        self.missing.push(Missing { key, message });
    }
}
