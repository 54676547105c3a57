//! The trust stores of this machine, for one host: looked at, proven, filled and emptied.

mod default_browser;
mod loss;

use doorcode_certs::CertStore;
use doorcode_engine::{Reply, Request};
use doorcode_settings::{HostName, ListenAddress, Paths, Problem, Settings, Tls};
use doorcode_trust::{Ask, Places, Root, Selection, State, StoreId, StoreReport, Subject, TrustReport};

use crate::{blocking, control};

pub use default_browser::default_browser_warning;
pub use loss::{Loss, loss};

/// One host, ready to be worked on. What works on the stores blocks, for as long as a person takes to answer.
#[derive(Debug, Clone)]
pub struct HostTrust {
    places: Places,
    root: Root,
    known: Vec<Root>,
    url: String,
}

impl HostTrust {
    /// That of `host`, or of the first one configured.
    ///
    /// # Errors
    /// `tls_custom` where the gateway serves a certificate whose root is not ours to install; settings or certificates that
    /// cannot be read; no certificate for the host.
    pub async fn of(paths: &Paths, host: Option<HostName>) -> Result<HostTrust, Problem> {
        let urls = served_urls(paths).await?;
        let paths = paths.clone();
        blocking(move || {
            let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
            refuse_custom(&settings)?;
            HostTrust::from_files(&paths, &settings, host, &urls)
        })
        .await
    }

    /// That of `host` by the certificate that is kept for it, whether or not the gateway serves it; for taking trust back.
    ///
    /// # Errors
    /// As [`HostTrust::of`], but never `tls_custom`.
    pub async fn kept(paths: &Paths, host: HostName) -> Result<HostTrust, Problem> {
        let urls = served_urls(paths).await?;
        let paths = paths.clone();
        blocking(move || {
            let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
            HostTrust::from_files(&paths, &settings, Some(host), &urls)
        })
        .await
    }

    fn from_files(
        paths: &Paths,
        settings: &Settings,
        host: Option<HostName>,
        urls: &[String],
    ) -> Result<HostTrust, Problem> {
        let host = host.unwrap_or_else(|| first(settings));
        let store = CertStore::new(paths.certs_dir());
        Ok(HostTrust {
            places: places()?,
            root: Root::of(&store, &host)?,
            known: known(&store)?,
            url: page(&host, urls, settings),
        })
    }

    /// The host.
    pub fn host(&self) -> &HostName {
        &self.root.host
    }

    /// What the stores hold. Starts no browser, changes nothing.
    pub fn report(&self, only: &Selection) -> TrustReport {
        doorcode_trust::report(&self.places, &self.subject(), only)
    }

    /// The same, and has each store's program open a page of the running engine: a second or so each.
    pub fn verify(&self, only: &Selection, ask: &dyn Ask) -> TrustReport {
        doorcode_trust::verify(&self.places, &self.subject(), only, ask)
    }

    /// Puts the root into the stores, and proves each afterwards.
    pub fn install(&self, only: &Selection, ask: &dyn Ask) -> TrustReport {
        doorcode_trust::install(&self.places, &self.subject(), only, ask)
    }

    /// Takes the root out of the stores.
    pub fn remove(&self, only: &Selection, ask: &dyn Ask) -> TrustReport {
        doorcode_trust::remove(&self.places, &self.subject(), only, ask)
    }

    /// Takes the root out of every store, before its certificate goes.
    ///
    /// # Errors
    /// `trust_remains` names the stores that still have it.
    pub fn remove_everywhere(&self, ask: &dyn Ask) -> Result<TrustReport, Problem> {
        let report = self.remove(&Selection::all(), ask);
        let remaining: Vec<&str> = report
            .stores
            .iter()
            .filter(|store| store.problem.is_some() || trusts(store))
            .map(|store| &*store.title)
            .collect();
        if remaining.is_empty() {
            return Ok(report);
        }
        Err(Problem::new(
            "trust_remains",
            format!(
                "the certificate of {} stays, because it could not be taken out of {}",
                report.host,
                remaining.join(", ")
            ),
            format!("doorcode trust remove --host {}", report.host),
        ))
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            root: &self.root,
            known: &self.known,
            url: &self.url,
        }
    }
}

/// Whether the root is in a store, as far as the report tells.
pub fn trusts(store: &StoreReport) -> bool {
    matches!(store.state, State::Trusted | State::RestartNeeded)
}

/// Takes out a root that a report names as left over. Blocking.
///
/// # Errors
/// It is not there any more, a certificate that is kept has it, or the store cannot be changed.
pub fn remove_leftover(paths: &Paths, store: &StoreId, nickname: &str, ask: &dyn Ask) -> Result<(), Problem> {
    let known = known(&CertStore::new(paths.certs_dir()))?;
    doorcode_trust::remove_leftover(&places()?, &known, store, nickname, ask)
}

fn refuse_custom(settings: &Settings) -> Result<(), Problem> {
    match &settings.tls {
        Tls::SelfSigned => Ok(()),
        Tls::Off => Err(Problem::new(
            "tls_off",
            "the gateway speaks plain http to a proxy, whose certificate is not Doorcode's to install",
            "doorcode settings show",
        )),
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

fn places() -> Result<Places, Problem> {
    Places::discover().ok_or_else(|| {
        Problem::new(
            "home_missing",
            "there is no home folder, so there are no trust stores of yours",
            "echo \"$HOME\"",
        )
    })
}

/// The roots of every certificate that is kept, configured or not. One that cannot be read has no root to be taken for.
fn known(store: &CertStore) -> Result<Vec<Root>, Problem> {
    let kept = store.list().map_err(|error| Problem::from(&error))?;
    let hosts = kept.into_iter().flatten().map(|certificate| certificate.host);
    Ok(hosts.filter_map(|host| Root::of(store, &host).ok()).collect())
}

fn first(settings: &Settings) -> HostName {
    let hosts = &settings.gateway.hosts;
    hosts.first().expect("settings have at least one host").clone()
}

/// The addresses of the running engine; none without one.
async fn served_urls(paths: &Paths) -> Result<Vec<String>, Problem> {
    let Some(mut client) = control::connect(paths).await? else {
        return Ok(Vec::new());
    };
    match control::ask_over(&mut client, &Request::Status).await? {
        Reply::Status(status) => Ok(status.urls),
        _ => Err(control::unexpected()),
    }
}

/// A page of `host` that needs no signing in, at the address where the engine serves it; without an engine, where it would.
fn page(host: &HostName, urls: &[String], settings: &Settings) -> String {
    let authority = host.authority();
    let is_hosts = |url: &&String| {
        url.strip_prefix("https://")
            .and_then(|rest| rest.strip_prefix(&*authority))
            .is_some_and(|rest| rest.starts_with([':', '/']))
    };
    let base = urls.iter().find(is_hosts).cloned().unwrap_or_else(|| {
        let port = settings
            .gateway
            .listen
            .iter()
            .find_map(ListenAddress::tcp)
            .map_or(443, |listen| listen.port());
        format!("https://{authority}:{port}/")
    });
    format!("{base}.doorcode/sign-in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_where_the_engine_serves_the_host() {
        let settings = Settings::default();
        let urls = [
            "https://localhost:9000/",
            "https://localhost.example/",
            "https://[::1]:9000/",
        ]
        .map(str::to_owned);
        let page = |host: &str| page(&host.parse().expect("a host"), &urls, &settings);
        assert_eq!(page("localhost"), "https://localhost:9000/.doorcode/sign-in");
        assert_eq!(page("::1"), "https://[::1]:9000/.doorcode/sign-in");
        assert_eq!(
            page("localhost.example"),
            "https://localhost.example/.doorcode/sign-in"
        );
        assert_eq!(page("local"), "https://local:8443/.doorcode/sign-in");
    }

    #[test]
    fn a_certificate_of_ones_own_has_no_root_of_ours() {
        let settings = Settings {
            tls: Tls::Custom {
                cert: "/etc/mine.crt".into(),
                key: "/etc/mine.key".into(),
            },
            ..Settings::default()
        };
        let problem = refuse_custom(&settings).expect_err("refused");
        assert_eq!(problem.code, "tls_custom");
        assert!(problem.message.contains("/etc/mine.crt"), "{}", problem.message);
    }
}
