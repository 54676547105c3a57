//! What every recipe is written from: the settings, the options, and what the proxy at hand needs.

use std::path::Path;

use doorcode_settings::trusted_proxy::{AssertionKeys, Preset, Proof, ProofKey, TrustedProxyKeys};
use doorcode_settings::{AuthMode, Problem, Settings, SettingsError, TrustedProxy};
use ipnet::IpNet;

use crate::door::{At, Door};
use crate::{AuthService, Options, Recipe, container, quote, table};

/// Everything that a recipe says, fit for a configuration file.
pub(crate) struct Plan {
    pub(crate) recipe: Recipe,
    pub(crate) door: Door,
    pub(crate) proxy: TrustedProxy,
    pub(crate) auth_service: AuthService,
    /// [`Options::files`].
    pub(crate) files: String,
    /// The settings that belong to the recipe, as a table.
    pub(crate) table: String,
    /// Whether those are the settings in force.
    pub(crate) in_force: bool,
}

impl Plan {
    /// # Errors
    /// As [`crate::write`].
    pub(crate) fn new(
        recipe: Recipe,
        settings: &Settings,
        settings_file: &Path,
        options: &Options,
    ) -> Result<Plan, Problem> {
        let public_url = options.public_url.as_ref();
        let public_url = public_url.or(settings.auth.trusted_proxy_keys.public_url.as_ref());
        let mut wanted = match recipe {
            Recipe::Compose => container::in_compose(settings, public_url),
            Recipe::Kubernetes => container::in_kubernetes(settings, public_url),
            _ => settings.clone(),
        };
        let keys = &mut wanted.auth.trusted_proxy_keys;
        keys.public_url = public_url.cloned();
        if !options.allow_users.is_empty() {
            keys.allow_users.clone_from(&options.allow_users);
        }
        // In the Compose stack the recipe says itself where the proxy is.
        if !options.proxies.is_empty() && recipe != Recipe::Compose {
            keys.proxies.clone_from(&options.proxies);
        }
        let door = Door::of(&wanted, recipe.reaches_unix_sockets(), recipe.product())?;
        suggest(recipe, &mut wanted, &door, &options.secret_file);
        wanted.auth.mode = AuthMode::TrustedProxy;
        let table = match recipe {
            Recipe::Compose | Recipe::Kubernetes => table::keys(&wanted, |_| true),
            _ => table::of(&wanted),
        };
        // Read again, which checks all of it as the engine would.
        let checked =
            Settings::parse(&wanted.to_toml(), settings_file).map_err(|error| unfinished(recipe, &error))?;
        let Some(proxy) = checked.auth.trusted_proxy.clone() else {
            unreachable!("settings in this mode are refused without a complete proxy");
        };
        Ok(Plan {
            recipe,
            door,
            proxy,
            auth_service: options.auth_service.clone(),
            files: quote::path(&options.files)?.trim_end_matches('/').to_owned(),
            table,
            in_force: checked.auth == settings.auth,
        })
    }

    /// The header that names the user to the door.
    pub(crate) fn user_header(&self) -> &str {
        // Only a proof by assertion goes without, and no recipe that asks has one.
        self.proxy.user_header.as_deref().unwrap_or_default()
    }

    /// The file of that name in [`Options::files`].
    pub(crate) fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.files)
    }

    /// The header of the proof and the file of its secret, where the proof is one.
    pub(crate) fn proof_header(&self) -> Result<Option<(&str, &str)>, Problem> {
        match &self.proxy.proof {
            Proof::Header { header, secret_file } => Ok(Some((header, quote::path(secret_file)?))),
            _ => Ok(None),
        }
    }

    /// Whether the proxy adds a secret.
    pub(crate) fn proves_by_header(&self) -> bool {
        matches!(self.proxy.proof, Proof::Header { .. })
    }

    /// Whether the proxy shows a certificate of its own.
    pub(crate) fn shows_certificate(&self) -> bool {
        matches!(self.proxy.proof, Proof::Mtls { .. })
    }
}

/// Fills in what the settings leave open, and what they say for another proxy than this one.
fn suggest(recipe: Recipe, wanted: &mut Settings, door: &Door, secret_file: &Path) {
    let keys = &mut wanted.auth.trusted_proxy_keys;
    if !suits(recipe, keys) {
        keys.preset = recipe.preset();
        keys.user_header = None;
        keys.assertion = AssertionKeys::default();
        keys.proof = None;
    }
    let only_sockets = wanted
        .gateway
        .listen
        .iter()
        .all(|address| address.tcp().is_none());
    match recipe.identity() {
        // What the preset fills in; nothing else is needed, and nothing less would do.
        Identity::Signed => keys.proof = None,
        Identity::AuthService if proven(keys) => {}
        Identity::AuthService | Identity::Itself if only_sockets => keys.proof = Some(ProofKey::UnixSocket),
        Identity::AuthService => {
            keys.proof = Some(ProofKey::Header {
                header: "x-doorcode-proof".to_owned(),
                secret_file: secret_file.to_owned(),
            });
        }
        // It can add no secret and shows no certificate.
        Identity::Itself => keys.proof = Some(ProofKey::AddressOnly),
    }
    if recipe == Recipe::Traefik && keys.user_header.is_none() {
        keys.user_header = Some("x-auth-request-email".to_owned());
    }
    if let (true, At::Tcp(address)) = (keys.proxies.is_empty() && door.is_local(), &door.at) {
        keys.proxies = vec![IpNet::from(address.ip())];
    }
}

/// Whether the settings name a proof that a proxy with an auth service can give.
fn proven(keys: &TrustedProxyKeys) -> bool {
    !matches!(keys.proof, None | Some(ProofKey::Assertion))
}

/// Whether the settings are for a proxy that the recipe writes.
fn suits(recipe: Recipe, keys: &TrustedProxyKeys) -> bool {
    match (recipe.identity(), keys.preset) {
        (Identity::AuthService, Preset::Custom) => keys.user_header.is_some(),
        (Identity::AuthService, Preset::Oauth2Proxy) => true,
        (_, preset) => preset == recipe.preset(),
    }
}

/// What is missing or wrong, with the options that say it: the settings as they would be have no file to point to.
fn unfinished(recipe: Recipe, error: &SettingsError) -> Problem {
    let missing = match error {
        SettingsError::TrustedProxyIncomplete { missing, .. } => missing,
        SettingsError::Value {
            key, found, reason, ..
        } => {
            let reason = reason.as_deref().unwrap_or("it is not what this key takes");
            return Problem::new(
                "recipe_value_refused",
                format!("{key} cannot be {found}: {reason}"),
                format!("doorcode recipe {} --help", recipe.as_str()),
            );
        }
        other => return Problem::from(other),
    };
    let list: Vec<String> = missing
        .iter()
        .map(|missing| format!("{} ({})", missing.key, missing.message))
        .collect();
    Problem::new(
        "recipe_incomplete",
        format!(
            "the settings do not say all that the recipe needs: {}",
            list.join("; ")
        ),
        format!(
            "doorcode recipe {} --public-url https://code.example.com --allow you@example.com --proxy 10.0.0.1",
            recipe.as_str()
        ),
    )
}

/// From whom the door learns who somebody is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Identity {
    /// The proxy, which signs it.
    Signed,
    /// A service that the proxy asks.
    AuthService,
    /// The proxy, which says it.
    Itself,
}

impl Recipe {
    /// What people call the proxy.
    pub(crate) fn product(self) -> &'static str {
        match self {
            Recipe::PomeriumCore | Recipe::PomeriumZero | Recipe::Compose | Recipe::Kubernetes => "Pomerium",
            Recipe::Caddy => "Caddy",
            Recipe::Nginx => "nginx",
            Recipe::Traefik => "Traefik",
            Recipe::Tailscale => "Tailscale",
        }
    }

    fn reaches_unix_sockets(self) -> bool {
        matches!(self, Recipe::Caddy | Recipe::Nginx | Recipe::Tailscale)
    }

    /// The preset for it, unless the settings name one that suits as well.
    fn preset(self) -> Preset {
        match self {
            Recipe::PomeriumCore | Recipe::PomeriumZero | Recipe::Compose | Recipe::Kubernetes => {
                Preset::Pomerium
            }
            Recipe::Caddy => Preset::Caddy,
            Recipe::Nginx => Preset::Oauth2Proxy,
            Recipe::Traefik => Preset::Traefik,
            Recipe::Tailscale => Preset::Tailscale,
        }
    }

    fn identity(self) -> Identity {
        match self {
            Recipe::PomeriumCore | Recipe::PomeriumZero | Recipe::Compose | Recipe::Kubernetes => {
                Identity::Signed
            }
            Recipe::Caddy | Recipe::Nginx | Recipe::Traefik => Identity::AuthService,
            Recipe::Tailscale => Identity::Itself,
        }
    }
}
