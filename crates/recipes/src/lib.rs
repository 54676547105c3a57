//! Ready configuration for what stands in front of the door: [`write`] makes the other side from the current settings.
//!
//! Every value that comes from a person is quoted for the format it goes into, or refused ([`quote`]). No secret is ever
//! written: a recipe names the file that holds it. What is written is complete and says line by line what it is for, and
//! ends with the `[auth.trusted_proxy]` table that belongs to it.

mod auth_service;
mod caddy;
mod compose;
mod container;
mod door;
mod explanations;
mod kubernetes;
mod nginx;
mod page;
mod plan;
mod pomerium;
mod quote;
mod table;
mod tailscale;
mod traefik;

use std::path::{Path, PathBuf};

use doorcode_settings::trusted_proxy::PublicUrl;
use doorcode_settings::{Problem, Settings};
use ipnet::IpNet;

pub use auth_service::{AuthService, AuthServiceError};
pub use explanations::EXPLANATIONS;

use crate::plan::Plan;

/// What a recipe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the products'")]
pub enum Recipe {
    PomeriumCore,
    PomeriumZero,
    Caddy,
    Nginx,
    Traefik,
    Tailscale,
    Compose,
    Kubernetes,
}

impl Recipe {
    /// All of them.
    pub const ALL: [Recipe; 8] = [
        Recipe::PomeriumCore,
        Recipe::PomeriumZero,
        Recipe::Caddy,
        Recipe::Nginx,
        Recipe::Traefik,
        Recipe::Tailscale,
        Recipe::Compose,
        Recipe::Kubernetes,
    ];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Recipe::PomeriumCore => "pomerium-core",
            Recipe::PomeriumZero => "pomerium-zero",
            Recipe::Caddy => "caddy",
            Recipe::Nginx => "nginx",
            Recipe::Traefik => "traefik",
            Recipe::Tailscale => "tailscale",
            Recipe::Compose => "compose",
            Recipe::Kubernetes => "kubernetes",
        }
    }
}

/// How Traefik is told; the other recipes have one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A file for the file provider.
    #[default]
    File,
    /// Labels of the door's container.
    Labels,
}

/// What the settings do not say, or what shall be otherwise than they say.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address that browsers use, instead of the settings' one.
    pub public_url: Option<PublicUrl>,
    /// Who may come in, instead of the settings' users; empty leaves those.
    pub allow_users: Vec<String>,
    /// Where the proxy connects from, instead of the settings' addresses; empty leaves those.
    pub proxies: Vec<IpNet>,
    /// The service that signs people in, for proxies that ask one.
    pub auth_service: AuthService,
    /// How Traefik is told.
    pub format: Format,
    /// The folder on the proxy's machine for the files that it needs: the door's root, its own certificate, the proof.
    pub files: PathBuf,
    /// Where the proof's secret is kept beside the door, unless the settings name a file.
    pub secret_file: PathBuf,
}

/// A recipe, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The other side's configuration, to be used as it is; the table stands at its end as a comment.
    pub text: String,
    /// The part of settings.toml that belongs to it.
    pub table: String,
}

/// Writes `recipe` for the door that `settings` describe; `settings_file` is named in errors.
///
/// # Errors
/// Something is missing that neither the settings nor the options say; the door listens nowhere that this proxy can connect to;
/// a value cannot be written in the proxy's format.
pub fn write(
    recipe: Recipe,
    settings: &Settings,
    settings_file: &Path,
    options: &Options,
) -> Result<Written, Problem> {
    let plan = Plan::new(recipe, settings, settings_file, options)?;
    let body = match (recipe, options.format) {
        (Recipe::PomeriumCore, _) => pomerium::core(&plan),
        (Recipe::PomeriumZero, _) => pomerium::zero(&plan),
        (Recipe::Caddy, _) => caddy::write(&plan),
        (Recipe::Nginx, _) => nginx::write(&plan),
        (Recipe::Traefik, Format::File) => traefik::file(&plan),
        (Recipe::Traefik, Format::Labels) => traefik::labels(&plan),
        (Recipe::Tailscale, _) => tailscale::write(&plan),
        (Recipe::Compose, _) => compose::write(&plan),
        (Recipe::Kubernetes, _) => kubernetes::write(&plan),
    }?;
    let text = match recipe {
        // The settings are a part of it.
        Recipe::Compose | Recipe::Kubernetes => body,
        _ => format!("{body}\n{}", table::as_comment(&plan)),
    };
    Ok(Written {
        text,
        table: plan.table,
    })
}
