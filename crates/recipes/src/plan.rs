//! What every recipe is written from: the settings, the options, and what the proxy at hand needs.

use std::path::Path;

use doorcode_settings::trusted_proxy::{Preset, Proof, ProofKey, TrustedProxyKeys};
use doorcode_settings::{AuthMode, Problem, Settings, SettingsError, TrustedProxy};
use ipnet::IpNet;

use crate::door::{At, Door};
use crate::{AuthService, Options, Recipe, quote, table};

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
        let mut wanted = settings.clone();
        let keys = &mut wanted.auth.trusted_proxy_keys;
        if let Some(url) = &options.public_url {
            keys.public_url = Some(url.clone());
        }
        if !options.allow_users.is_empty() {
            keys.allow_users.clone_from(&options.allow_users);
        }
        if !options.proxies.is_empty() {
            keys.proxies.clone_from(&options.proxies);
        }
        let door = Door::of(&wanted, recipe.reaches_unix_sockets(), recipe.product())?;
        suggest(recipe, &mut wanted, &door, &options.secret_file);
        wanted.auth.mode = AuthMode::TrustedProxy;
        let table = table::of(&wanted);
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
    }
    if keys.proof.is_none() || keys.proof == Some(ProofKey::Assertion) {
        keys.proof = Some(match door.at {
            At::Unix(_)
                if wanted
                    .gateway
                    .listen
                    .iter()
                    .all(|address| address.tcp().is_none()) =>
            {
                ProofKey::UnixSocket
            }
            _ => ProofKey::Header {
                header: "x-doorcode-proof".to_owned(),
                secret_file: secret_file.to_owned(),
            },
        });
    }
    if let (true, At::Tcp(address)) = (keys.proxies.is_empty() && door.is_local(), &door.at) {
        keys.proxies = vec![IpNet::from(address.ip())];
    }
}

/// Whether the settings are for a proxy that the recipe writes.
fn suits(recipe: Recipe, keys: &TrustedProxyKeys) -> bool {
    match keys.preset {
        Preset::Custom => keys.user_header.is_some(),
        Preset::Oauth2Proxy => true,
        preset => preset == recipe.preset(),
    }
}

/// What is missing, with the options that say it.
fn unfinished(recipe: Recipe, error: &SettingsError) -> Problem {
    let SettingsError::TrustedProxyIncomplete { missing, .. } = error else {
        return Problem::from(error);
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

impl Recipe {
    /// What people call it.
    pub(crate) fn product(self) -> &'static str {
        match self {
            Recipe::Caddy => "Caddy",
            Recipe::Nginx => "nginx",
        }
    }

    fn reaches_unix_sockets(self) -> bool {
        match self {
            Recipe::Caddy | Recipe::Nginx => true,
        }
    }

    /// The preset for it, unless the settings name one that suits as well.
    fn preset(self) -> Preset {
        match self {
            Recipe::Caddy => Preset::Caddy,
            Recipe::Nginx => Preset::Oauth2Proxy,
        }
    }
}
