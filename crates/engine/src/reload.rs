//! Putting new settings and certificates in force without dropping a connection.

use std::path::PathBuf;
use std::sync::Arc;

use doorcode_gateway::{Config, TrustedProxyConfig};
use doorcode_settings::trusted_proxy::Proof;
use doorcode_settings::{Applies, AuthMode, Paths, Problem, Settings, Tls, differences};
use tracing::{info, warn};

use crate::certificates::Certificates;
use crate::control::Reloaded;
use crate::engine::{blocking, ensure_password};
use crate::task::{Core, lock};

impl Core {
    /// Reads settings.toml and the certificates again and applies what can be applied to a running engine.
    ///
    /// # Errors
    /// A file that does not parse, or says what is refused: the last good settings stay in force.
    pub(crate) async fn reload(&mut self) -> Result<Reloaded, Problem> {
        let (file, overrides) = (self.paths.settings_file.clone(), self.overrides.clone());
        let loaded = blocking(move || {
            Settings::load(&file)
                .map(|settings| overrides.apply(settings))
                .map_err(|error| Problem::from(&error))
        })
        .await;
        if let Ok(settings) = &loaded {
            self.proxy_files = proxy_files(settings);
        }
        let loaded = match loaded {
            Ok(settings) => trusted_proxy(&settings).await.map(|proxy| (settings, proxy)),
            Err(problem) => Err(problem),
        };
        self.settings_problem = loaded.as_ref().err().cloned();
        let (settings, trusted_proxy) = match loaded {
            Ok(loaded) => loaded,
            Err(problem) => {
                self.tell_health(&self.settings.load());
                self.touch();
                return Err(problem);
            }
        };
        if settings.auth.mode == AuthMode::Password && !self.password.is_set() {
            let ensured = ensure_password(&self.passwords, &self.password, &self.unshown).await;
            *lock(&self.password_problem) = ensured.err();
        }
        let changes = differences(&self.settings.load(), &settings);
        self.load_certificates(&settings).await;
        self.trusted_proxy = trusted_proxy;
        self.reconfigure(&settings);
        self.settings.store(Arc::new(settings));
        let reloaded = Reloaded {
            applied: changes
                .iter()
                .filter(|difference| difference.applies == Applies::Live)
                .map(|difference| difference.key.to_owned())
                .collect(),
            restart_editor: self.waiting_for_editor(),
            restart_engine: self.waiting_for_engine(),
        };
        if !changes.is_empty() {
            info!(applied = ?reloaded.applied, "settings read again");
        }
        self.touch();
        Ok(reloaded)
    }

    /// Loads what `settings` ask to be served; a pair that has become bad leaves the last good one in force.
    pub(crate) async fn load_certificates(&mut self, settings: &Settings) {
        let (settings, dir, previous) = (
            settings.clone(),
            self.paths.certs_dir(),
            self.certificates.clone(),
        );
        match blocking(move || Ok(Certificates::load(&settings, &dir, &previous))).await {
            Ok(certificates) => self.certificates = certificates,
            Err(problem) => warn!(code = problem.code, "{}", problem.message),
        }
    }

    pub(crate) fn reconfigure(&self, settings: &Settings) {
        self.tell_health(settings);
        self.gateway.reconfigure(gateway_config(
            settings,
            &self.certificates,
            self.trusted_proxy.clone(),
        ));
        self.touch();
    }

    /// Keys whose new value the editor gets at its next start.
    pub(crate) fn waiting_for_editor(&self) -> Vec<String> {
        waiting(
            &self.launched.load().settings,
            &self.settings.load(),
            Applies::RestartEditor,
        )
    }

    /// Keys whose new value needs a new engine.
    pub(crate) fn waiting_for_engine(&self) -> Vec<String> {
        waiting(&self.started_with, &self.settings.load(), Applies::RestartEngine)
    }
}

/// What it takes to believe the proxy in front, where one signs people in.
///
/// # Errors
/// A file that its settings name cannot be used.
pub(crate) async fn trusted_proxy(settings: &Settings) -> Result<Option<TrustedProxyConfig>, Problem> {
    match settings.proxy_in_force().cloned() {
        Some(proxy) => blocking(move || TrustedProxyConfig::prepare(&proxy))
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// The files that decide what is in force, but for certificates; `proxy_files` are [`proxy_files`].
pub(crate) fn settings_files(paths: &Paths, proxy_files: &[PathBuf]) -> Vec<PathBuf> {
    let settings_file = std::iter::once(&paths.settings_file);
    settings_file.chain(proxy_files).cloned().collect()
}

/// The files that [`trusted_proxy`] reads once, so that a new secret counts, and an old one no longer, as soon as it is written. A file
/// of keys is read again by the gateway itself.
pub(crate) fn proxy_files(settings: &Settings) -> Vec<PathBuf> {
    match settings.proxy_in_force().map(|proxy| &proxy.proof) {
        Some(Proof::Header { secret_file, .. }) => vec![secret_file.clone()],
        Some(Proof::Mtls { client_ca }) => vec![client_ca.clone()],
        _ => Vec::new(),
    }
}

/// The gateway's part of the settings.
pub(crate) fn gateway_config(
    settings: &Settings,
    certificates: &Certificates,
    trusted_proxy: Option<TrustedProxyConfig>,
) -> Config {
    Config {
        hosts: settings.gateway.hosts.clone(),
        certificates: certificates.keys(),
        roots: certificates.roots(),
        auth: settings.auth.mode,
        trusted_proxy,
        plain: settings.tls == Tls::Off,
        idle: settings.sessions.idle,
        absolute: settings.sessions.absolute,
        allow_ports: settings.ports.allow.clone(),
        sign_in_per_minute: settings.limits.sign_in_per_minute,
        connections: settings.limits.connections,
    }
}

fn waiting(before: &Settings, now: &Settings, applies: Applies) -> Vec<String> {
    differences(before, now)
        .into_iter()
        .filter(|difference| difference.applies == applies)
        .map(|difference| difference.key.to_owned())
        .collect()
}
