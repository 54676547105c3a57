//! What the gateway serves: every host's certificate as the settings ask for, and what is wrong with the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorcode_certs::{CertStore, Certificate, Outcome, Pair};
use doorcode_settings::{HostName, Problem, Settings, Tls};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use crate::devices::Root;
use crate::expiry;
use crate::health::ToldCertificate;
use crate::status::CertificateStatus;

/// The certificates in force.
#[derive(Clone, Default)]
pub(crate) struct Certificates {
    served: BTreeMap<HostName, Served>,
    /// What was wrong when they were loaded; a host named here may still be served what it was served before.
    at_load: Vec<Problem>,
}

#[derive(Clone)]
struct Served {
    key: Arc<CertifiedKey>,
    info: Certificate,
    root: Option<String>,
}

impl Certificates {
    /// Loads, and where there is none issues, the certificates that `settings` ask for. Blocking.
    ///
    /// A host whose pair cannot be used keeps what `previous` served for it, and a problem says so: a mistake on disk
    /// never takes away a door that works, and never puts a bad certificate in.
    pub(crate) fn load(settings: &Settings, dir: &Path, previous: &Certificates) -> Certificates {
        match &settings.tls {
            Tls::SelfSigned => self_signed(&settings.gateway.hosts, dir, previous),
            Tls::Custom { cert, key } => custom(cert, key, &settings.gateway.hosts, previous),
            Tls::Off => Certificates::default(),
        }
    }

    /// What is wrong now, and which certificates are due: an engine may run for months after they were loaded.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let now = OffsetDateTime::now_utc();
        let mut problems = self.at_load.clone();
        let hosts: Vec<HostName> = self.served.keys().cloned().collect();
        for (host, served) in &self.served {
            let due = expiry::problem(host, &served.info, served.root.is_some(), &hosts, now);
            // A pair of one's own is the same for all hosts.
            problems.extend(due.filter(|problem| !problems.contains(problem)));
        }
        problems
    }

    /// What was wrong when they were loaded. When one that is served ends is not in it: that changes by itself.
    pub(crate) fn at_load(&self) -> &[Problem] {
        &self.at_load
    }

    /// True when there is nothing at all to serve.
    pub(crate) fn is_empty(&self) -> bool {
        self.served.is_empty()
    }

    pub(crate) fn keys(&self) -> Vec<(HostName, Arc<CertifiedKey>)> {
        self.served
            .iter()
            .map(|(host, served)| (host.clone(), served.key.clone()))
            .collect()
    }

    /// The roots that people can trust, PEM, for the hosts that have one.
    pub(crate) fn roots(&self) -> Vec<(HostName, String)> {
        self.served
            .iter()
            .filter_map(|(host, served)| Some((host.clone(), served.root.clone()?)))
            .collect()
    }

    /// The root that `host` is served with.
    pub(crate) fn root(&self, host: &HostName) -> Root {
        match self.served.get(host) {
            None => Root::None,
            Some(served) => served
                .info
                .root_fingerprint
                .clone()
                .map_or(Root::Foreign, Root::Own),
        }
    }

    /// The root of ours that `host` is served with, PEM, and its fingerprint.
    pub(crate) fn root_pem(&self, host: &HostName) -> Option<(String, String)> {
        let served = self.served.get(host)?;
        Some((served.root.clone()?, served.info.root_fingerprint.clone()?))
    }

    /// The same, as the probes want to know it.
    pub(crate) fn told(&self) -> Vec<ToldCertificate> {
        let told = |(host, served): (&HostName, &Served)| ToldCertificate {
            host: host.clone(),
            fingerprint: served.info.fingerprint.clone(),
            not_before: served.info.not_before,
            ours: served.root.is_some(),
        };
        self.served.iter().map(told).collect()
    }

    pub(crate) fn status(&self) -> Vec<CertificateStatus> {
        let status = |(host, served): (&HostName, &Served)| CertificateStatus {
            host: host.clone(),
            not_after: served.info.not_after,
            days_left: (served.info.not_after - OffsetDateTime::now_utc()).whole_days(),
            fingerprint: served.info.fingerprint.clone(),
        };
        self.served.iter().map(status).collect()
    }
}

/// The files whose change means that certificates are to be loaded again.
pub(crate) fn files(settings: &Settings, dir: &Path) -> Vec<PathBuf> {
    match &settings.tls {
        Tls::Custom { cert, key } => vec![cert.clone(), key.clone()],
        Tls::Off => Vec::new(),
        Tls::SelfSigned => {
            let pair =
                |host: &HostName| [".crt", ".key"].map(|end| dir.join(format!("{}{end}", host.file_stem())));
            settings.gateway.hosts.iter().flat_map(pair).collect()
        }
    }
}

fn self_signed(hosts: &[HostName], dir: &Path, previous: &Certificates) -> Certificates {
    let store = CertStore::new(dir.to_owned());
    let mut loaded = Certificates::default();
    for host in hosts {
        match ensure(&store, host, &mut loaded.at_load) {
            Ok(served) => {
                loaded.served.insert(host.clone(), served);
            }
            Err(problem) => loaded.keep(host, previous, problem),
        }
    }
    loaded
}

fn ensure(store: &CertStore, host: &HostName, problems: &mut Vec<Problem>) -> Result<Served, Problem> {
    let ensured = store.ensure(host).map_err(|error| Problem::from(&error))?;
    problems.extend(not_due(ensured.warnings));
    if let Outcome::Replaced { reason, backup } = &ensured.outcome {
        problems.push(Problem::new(
            "certificate_replaced",
            format!(
                "the certificate of {host} was replaced: {reason}; the old files are kept as {}; browsers must trust the new one",
                backup.display()
            ),
            format!("doorcode cert show {host}"),
        ));
    }
    let root = store.export(host).map_err(|error| Problem::from(&error))?;
    let key = certified(&ensured.pair)?;
    Ok(Served {
        key,
        info: ensured.pair.info,
        root: Some(root),
    })
}

fn custom(cert: &Path, key: &Path, hosts: &[HostName], previous: &Certificates) -> Certificates {
    let mut loaded = Certificates::default();
    let pair = doorcode_certs::load_custom(cert, key, hosts).map_err(|error| Problem::from(&error));
    match pair.and_then(|(pair, warnings)| Ok((certified(&pair)?, pair.info, warnings))) {
        Ok((key, info, warnings)) => {
            loaded.at_load = not_due(warnings);
            for host in hosts {
                let served = Served {
                    key: key.clone(),
                    info: info.clone(),
                    root: None,
                };
                loaded.served.insert(host.clone(), served);
            }
        }
        Err(problem) => hosts
            .iter()
            .for_each(|host| loaded.keep(host, previous, problem.clone())),
    }
    loaded
}

/// What is due is said by [`Certificates::problems`], as of then.
fn not_due(mut warnings: Vec<Problem>) -> Vec<Problem> {
    warnings.retain(|warning| warning.code != expiry::DUE);
    warnings
}

impl Certificates {
    fn keep(&mut self, host: &HostName, previous: &Certificates, problem: Problem) {
        if let Some(served) = previous.served.get(host) {
            self.served.insert(host.clone(), served.clone());
        }
        if !self.at_load.contains(&problem) {
            self.at_load.push(problem);
        }
    }
}

fn certified(pair: &Pair) -> Result<Arc<CertifiedKey>, Problem> {
    pair.certified_key().map_err(|error| {
        Problem::new(
            "certificate_unusable",
            format!(
                "{} and {} cannot be used: {error}",
                pair.info.cert_file.display(),
                pair.info.key_file.display()
            ),
            format!("doorcode cert show {}", pair.info.host),
        )
    })
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn the_end_of_one_that_is_served_is_told_once_and_as_of_now() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut loaded = Certificates::load(&Settings::default(), dir.path(), &Certificates::default());
        let mut codes = |left: Duration| {
            for served in loaded.served.values_mut() {
                served.info.not_after = OffsetDateTime::now_utc() + left;
            }
            assert_eq!(loaded.at_load(), [], "what changes by itself is not kept");
            let codes = loaded.problems().into_iter().map(|problem| problem.code);
            codes.collect::<Vec<_>>()
        };
        assert_eq!(codes(Duration::days(90)), [""; 0]);
        assert_eq!(codes(Duration::days(20)), ["certificate_due"]);
        assert_eq!(codes(-Duration::HOUR), ["certificate_expired"]);
    }
}
