//! What work on the trust stores is about: the root of one host, those of the others, and a page to prove it with.

use doorcode_certs::CertStore;
use doorcode_settings::{HostName, Paths, Problem, Settings, Tls};
use doorcode_trust::{Ask, Places, Root, Selection, StoreId, Subject, TrustReport};
use tauri::Url;

use crate::commands::Answer;

/// One host, ready to be worked on. Everything here blocks.
pub(super) struct HostTrust {
    places: Places,
    root: Root,
    known: Vec<Root>,
    url: String,
}

impl HostTrust {
    /// That of `host`, or of the first one configured. `urls` are those of the status.
    ///
    /// # Errors
    /// Settings or certificates that cannot be read; no certificate for the host.
    pub(super) fn of(paths: &Paths, host: Option<HostName>, urls: &[String]) -> Answer<HostTrust> {
        let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
        let host = match host {
            Some(host) => host,
            None => first(&settings),
        };
        let store = CertStore::new(paths.certs_dir());
        Ok(HostTrust {
            places: places()?,
            root: Root::of(&store, &host)?,
            known: known(paths)?,
            url: page(&host, urls, &settings),
        })
    }

    pub(super) fn report(&self) -> TrustReport {
        doorcode_trust::report(&self.places, &self.subject(), &Selection::all())
    }

    pub(super) fn verify(&self, ask: &dyn Ask) -> TrustReport {
        doorcode_trust::verify(&self.places, &self.subject(), &Selection::all(), ask)
    }

    pub(super) fn install(&self, only: &Selection, ask: &dyn Ask) -> TrustReport {
        doorcode_trust::install(&self.places, &self.subject(), only, ask)
    }

    pub(super) fn remove(&self, only: &Selection, ask: &dyn Ask) -> TrustReport {
        doorcode_trust::remove(&self.places, &self.subject(), only, ask)
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            root: &self.root,
            known: &self.known,
            url: &self.url,
        }
    }
}

/// # Errors
/// `tls_custom` where the gateway serves a certificate whose root is not ours to install.
pub(super) fn refuse_custom(paths: &Paths) -> Answer<()> {
    let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
    match &settings.tls {
        Tls::SelfSigned => Ok(()),
        Tls::Custom { cert, .. } => Err(Problem::new(
            "tls_custom",
            format!(
                "the gateway serves {}, whose authority is not Doorcode's to install",
                cert.display()
            ),
            "doorcode cert list",
        )),
    }
}

/// Takes out one root that no host has any more.
pub(super) fn remove_leftover(paths: &Paths, store: &StoreId, nickname: &str, ask: &dyn Ask) -> Answer<()> {
    doorcode_trust::remove_leftover(&places()?, &known(paths)?, store, nickname, ask)
}

fn places() -> Answer<Places> {
    Places::discover().ok_or_else(|| {
        Problem::new(
            "home_missing",
            "there is no home folder, so there are no trust stores of yours",
            "echo \"$HOME\"",
        )
    })
}

/// The roots of every certificate that is kept, configured or not. One that cannot be read has no root to be taken for.
fn known(paths: &Paths) -> Answer<Vec<Root>> {
    let store = CertStore::new(paths.certs_dir());
    let kept = store.list().map_err(|error| Problem::from(&error))?;
    let hosts = kept.into_iter().flatten().map(|certificate| certificate.host);
    Ok(hosts.filter_map(|host| Root::of(&store, &host).ok()).collect())
}

fn first(settings: &Settings) -> HostName {
    let hosts = &settings.gateway.hosts;
    hosts.first().expect("settings have at least one host").clone()
}

/// A page of `host` that needs no signing in, at the address where the engine serves it; without an engine, where it would.
fn page(host: &HostName, urls: &[String], settings: &Settings) -> String {
    let authority = host.authority();
    let served = urls
        .iter()
        .filter_map(|url| Url::parse(url).ok())
        .find(|url| url.host_str() == Some(authority.as_str()));
    let base = match served {
        Some(url) => url.to_string(),
        None => {
            let port = settings
                .gateway
                .listen
                .first()
                .map_or(443, |address| address.port());
            format!("https://{authority}:{port}/")
        }
    };
    format!("{base}.doorcode/sign-in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_where_the_engine_serves_the_host() {
        let settings = Settings::default();
        let urls = [
            "https://localhost:9000/".to_owned(),
            "https://[::1]:9000/".to_owned(),
        ];
        let page = |host: &str| page(&host.parse().expect("a host"), &urls, &settings);
        assert_eq!(page("localhost"), "https://localhost:9000/.doorcode/sign-in");
        assert_eq!(page("::1"), "https://[::1]:9000/.doorcode/sign-in");
        assert_eq!(
            page("my.dev.local"),
            "https://my.dev.local:8443/.doorcode/sign-in"
        );
    }
}
