//! Collects the facts that the audit's rules are held against, and mends what may be mended.
//!
//! Looking changes nothing: no folder is made or tightened, no lock taken. Only [`deep`] speaks to the door, and only
//! [`mend`] changes modes.

mod certificates;
mod deep;
mod editor;
mod engine;
mod environment;
mod keys;
mod network;
mod password;
mod places;
mod reading;
mod trust_stores;

use doorcode_audit::{Deep, Facts, Report};
use doorcode_settings::{AuthMode, Paths, Problem, Settings};
use serde::Serialize;
use time::OffsetDateTime;

use crate::blocking;

/// Looks at everything; `deep` tries attacks on the running door as well.
///
/// # Errors
/// When an engine runs and does not answer.
pub async fn audit(paths: &Paths, deep: bool) -> Result<Report, Problem> {
    Ok(doorcode_audit::audit(&facts(paths, deep).await?))
}

/// Something that was to be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// The file or folder.
    pub path: String,
    /// What was done, or why nothing was.
    pub what: String,
    /// Whether it was done.
    pub done: bool,
}

/// Tightens the modes that the report's findings know how to tighten, and touches nothing else. Blocking, a few milliseconds.
pub fn mend(report: &Report) -> Vec<Mended> {
    let mut fixes: Vec<_> = report
        .findings
        .iter()
        .filter_map(|one| one.fix.as_ref())
        .collect();
    // One file can have two findings.
    fixes.dedup();
    let mended = |fix: &doorcode_audit::Fix| {
        let (what, done) = match fix.apply() {
            Ok(Some((before, after))) => (format!("mode {before:04o} is now {after:04o}"), true),
            Ok(None) => return None,
            Err(error) => (format!("left as it is: {error}"), false),
        };
        let path = fix.path().display().to_string();
        Some(Mended { path, what, done })
    };
    fixes.into_iter().filter_map(mended).collect()
}

async fn facts(paths: &Paths, deep: bool) -> Result<Facts, Problem> {
    let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error));
    let (running, sessions) = engine::look(paths).await?;
    let keys = match &settings {
        Ok(settings) => keys::look(settings).await,
        Err(_) => None,
    };
    let tried = match (deep, &running) {
        (false, _) => Deep::NotAsked,
        (true, None) => Deep::NoEngine,
        (true, Some(status)) => Deep::Tried(deep::attempts(paths, status, settings.as_ref().ok()).await),
    };
    let (paths, status) = (paths.clone(), running);
    blocking(move || {
        // Before anything else that might tighten what it works on.
        let mut places = places::look(&paths, settings.as_ref().ok());
        let editor = editor::look(&paths, settings.as_ref().ok(), status.as_ref());
        places.extend(editor.places);
        let valid = settings.as_ref().ok();
        Ok(Facts {
            now: OffsetDateTime::now_utc(),
            us: places::us(),
            own_addresses: network::own_addresses(),
            places,
            listen_sockets: valid.map(network::listen_sockets).unwrap_or_default(),
            proxy_secret: valid.and_then(reading::proxy_secret),
            keys,
            password_hash: password::look(&paths.password_hash_file()),
            certificates: valid
                .map(|settings| certificates::look(settings, &paths.certs_dir()))
                .unwrap_or_default(),
            trust_leftovers: trust_stores::look(&paths.certs_dir()),
            code_server: editor.program,
            sessions,
            environment: environment::look(status.as_ref().and_then(|status| status.engine.pid)),
            engine: status.as_ref().map(engine::facts),
            deep: tried,
            settings,
        })
    })
    .await
}

/// Whether these settings have a proxy sign people in.
fn uses_proxy(settings: &Settings) -> Option<&doorcode_settings::TrustedProxy> {
    let auth = &settings.auth;
    auth.trusted_proxy
        .as_ref()
        .filter(|_| auth.mode == AuthMode::TrustedProxy)
}
