//! The certificates of the hosts: what there is, and issuing, renewing, removing, exporting one.

use std::fs;
use std::path::PathBuf;

use doorcode_actions::control;
use doorcode_certs::{CertError, CertStore, Certificate, load_custom};
use doorcode_settings::{HostName, Paths, Problem, Settings, Tls};
use serde::Serialize;
use tauri::{AppHandle, Runtime, State};
use time::OffsetDateTime;

use super::trust::{self, Asking};
use super::{Answer, blocking};
use crate::dialogs::{self, Choice};
use crate::engine_link::EngineLink;

/// A host's certificate; of one that cannot be read there is little more than the problem.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct CertificateView {
    /// The host; the name of the file, where that is all there is.
    host: String,
    /// Whether the settings have the gateway serve it.
    configured: bool,
    /// False for the certificate of a real authority, which the settings name.
    self_signed: bool,
    file: PathBuf,
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, ts(type = "string | null"))]
    not_before: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, ts(type = "string | null"))]
    not_after: Option<OffsetDateTime>,
    /// Whole days until its end; negative once it is over.
    days_left: Option<i64>,
    /// SHA-256 of the certificate, as a browser shows it for the site.
    fingerprint: Option<String>,
    /// SHA-256 of its root, as a trust store shows it.
    root_fingerprint: Option<String>,
    /// The names it is for.
    names: Vec<String>,
    /// What is wrong with it.
    problem: Option<Problem>,
}

/// Every certificate there is: what is served, then what else is kept.
#[tauri::command]
pub(crate) async fn certificates(link: State<'_, EngineLink>) -> Answer<Vec<CertificateView>> {
    let paths = link.paths().clone();
    blocking(move || all(&paths)).await
}

/// Issues a new certificate for `host`; it has to be trusted anew.
#[tauri::command]
pub(crate) async fn issue_certificate(host: HostName, link: State<'_, EngineLink>) -> Answer<()> {
    change(&link, move |store| store.issue(&host).map(drop)).await
}

/// Issues a new certificate for `host` if the old one ends within 30 days, or `force` says so.
#[tauri::command]
pub(crate) async fn renew_certificate(
    host: HostName,
    force: bool,
    link: State<'_, EngineLink>,
) -> Answer<()> {
    change(&link, move |store| store.renew(&host, force).map(drop)).await
}

/// Takes the root of `host` out of every trust store, then deletes its certificate and key.
#[tauri::command]
pub(crate) async fn remove_certificate<R: Runtime>(
    host: HostName,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
    asking: State<'_, Asking>,
) -> Answer<()> {
    let (store, shown) = (store(link.paths()), host.clone());
    // One that cannot be read cannot be looked for in the trust stores; there it is a leftover.
    let readable = blocking(move || Ok(store.show(&shown).is_ok())).await?;
    if readable {
        trust::remove_everywhere(host.clone(), &app, &link, &asking).await?;
    }
    change(&link, move |store| store.remove(&host).map(drop)).await
}

/// Saves the root of `host`, which browsers and devices are to trust, where the person says; `null` when they do not.
#[tauri::command]
pub(crate) async fn export_certificate<R: Runtime>(
    host: HostName,
    app: AppHandle<R>,
    link: State<'_, EngineLink>,
) -> Answer<Option<PathBuf>> {
    let (store, name) = (store(link.paths()), format!("{}-root.crt", host.file_stem()));
    let root = blocking(move || store.export(&host).map_err(|error| Problem::from(&error))).await?;
    let Some(file) = dialogs::choose(&app, "Save the root certificate", Choice::Save(name)).await else {
        return Ok(None);
    };
    blocking(move || match fs::write(&file, root) {
        Ok(()) => Ok(Some(file)),
        Err(error) => Err(Problem::new(
            "export_unwritable",
            format!("cannot write {}: {error}", file.display()),
            "choose another folder",
        )),
    })
    .await
}

/// Changes the files, and has the engine serve what is there now.
async fn change(
    link: &EngineLink,
    edit: impl FnOnce(&CertStore) -> Result<(), CertError> + Send + 'static,
) -> Answer<()> {
    let store = store(link.paths());
    blocking(move || edit(&store).map_err(|error| Problem::from(&error))).await?;
    control::reload(link.paths()).await.map(drop)
}

fn store(paths: &Paths) -> CertStore {
    CertStore::new(paths.certs_dir())
}

fn all(paths: &Paths) -> Answer<Vec<CertificateView>> {
    let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
    let hosts = &settings.gateway.hosts;
    let store = store(paths);
    let file = |stem: &str| paths.certs_dir().join(format!("{stem}.crt"));
    let custom = match &settings.tls {
        Tls::Custom { cert, key } => Some(match load_custom(cert, key, hosts) {
            Ok((pair, warnings)) => view(pair.info, true, warnings.into_iter().next()),
            Err(error) => {
                let host = hosts.iter().map(ToString::to_string).next().unwrap_or_default();
                CertificateView {
                    self_signed: false,
                    ..broken(host, true, cert.clone(), &error)
                }
            }
        }),
        Tls::SelfSigned | Tls::Off => None,
    };
    let serves_own = settings.tls == Tls::SelfSigned;
    let of_hosts = hosts.iter().filter_map(|host| match store.show(host) {
        Ok(certificate) => Some(view(certificate, serves_own, None)),
        Err(CertError::Missing { .. }) => None,
        Err(error) => Some(broken(
            host.to_string(),
            serves_own,
            file(&host.file_stem()),
            &error,
        )),
    });
    let kept = store.list().map_err(|error| Problem::from(&error))?;
    let others = kept.into_iter().filter_map(|entry| match entry {
        Ok(certificate) if !hosts.contains(&certificate.host) => Some(view(certificate, false, None)),
        Err(flawed) if !hosts.iter().any(|host| host.file_stem() == flawed.stem) => {
            Some(broken(flawed.stem.clone(), false, file(&flawed.stem), &flawed))
        }
        _ => None,
    });
    Ok(custom.into_iter().chain(of_hosts).chain(others).collect())
}

fn view(certificate: Certificate, configured: bool, problem: Option<Problem>) -> CertificateView {
    CertificateView {
        host: certificate.host.to_string(),
        configured,
        self_signed: certificate.self_signed,
        file: certificate.cert_file,
        not_before: Some(certificate.not_before),
        not_after: Some(certificate.not_after),
        days_left: Some(certificate.days_left),
        fingerprint: Some(certificate.fingerprint),
        root_fingerprint: certificate.root_fingerprint,
        names: certificate.sans,
        problem,
    }
}

fn broken(host: String, configured: bool, file: PathBuf, problem: impl Into<Problem>) -> CertificateView {
    CertificateView {
        host,
        configured,
        self_signed: true,
        file,
        not_before: None,
        not_after: None,
        days_left: None,
        fingerprint: None,
        root_fingerprint: None,
        names: Vec::new(),
        problem: Some(problem.into()),
    }
}
