//! Reading a pair of the store, and everything it must be to be served.

use std::path::PathBuf;

use doorcode_settings::HostName;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;

use super::CertStore;
use crate::files::{self, Keeper};
use crate::flaw::{Flaw, list};
use crate::inspect::{self, Source};
use crate::names::subject_names;
use crate::pair::{Certificate, Pair};
use crate::{keys, pem};

/// The two files of a host.
pub(super) struct PairPaths {
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
}

/// Why a host's pair cannot be served.
pub(super) enum Unusable {
    Flaw(Flaw),
    /// The certificate is fine, and another host's.
    Taken {
        file: PathBuf,
        names: Vec<String>,
    },
}

impl From<Flaw> for Unusable {
    fn from(flaw: Flaw) -> Self {
        Unusable::Flaw(flaw)
    }
}

impl CertStore {
    pub(super) fn paths(&self, stem: &str) -> PairPaths {
        PairPaths {
            cert: self.dir.join(format!("{stem}.crt")),
            key: self.dir.join(format!("{stem}.key")),
        }
    }

    /// The pair of `host`, fit to be served but for its dates; `None` if there is neither file.
    pub(super) fn load(&self, host: &HostName, now: OffsetDateTime) -> Result<Option<Pair>, Unusable> {
        let paths = self.paths(&host.file_stem());
        let Some(certificates) = read_certificates(&paths)? else {
            return Ok(None);
        };
        let leaf = parse(&paths, &certificates, 0)?;
        let names = inspect::alternative_names(&leaf);
        // Before anything else: what is wrong with another host's pair is not this host's to put right.
        if !names.contains(&host.to_string()) {
            return Err(Unusable::Taken {
                file: paths.cert,
                names,
            });
        }
        let key = read_key(&paths)?;
        keys::check((&paths.cert, &certificates), (&paths.key, &key))?;
        check_shape(&paths, &certificates, host)?;

        let source = Source {
            host,
            cert: &paths.cert,
            key: &paths.key,
        };
        let info = inspect::describe(&source, &leaf, certificates.get(1), now);
        let mut certificates = certificates.into_iter();
        Ok(Some(Pair {
            chain: certificates.by_ref().take(1).collect(),
            key,
            root: certificates.next(),
            info,
        }))
    }

    /// As [`CertStore::load`], and its dates hold now.
    pub(super) fn load_in_force(
        &self,
        host: &HostName,
        now: OffsetDateTime,
    ) -> Result<Option<Pair>, Unusable> {
        let pair = self.load(host, now)?;
        if let Some(pair) = &pair {
            check_dates(&pair.info, now)?;
        }
        Ok(pair)
    }

    /// What the pair called `stem` says, whichever host it is for.
    pub(super) fn load_stem(&self, stem: &str, now: OffsetDateTime) -> Result<Certificate, Flaw> {
        let paths = self.paths(stem);
        let gone = || Flaw::FileMissing {
            path: paths.cert.clone(),
        };
        let certificates = read_certificates(&paths)?.ok_or_else(gone)?;
        let names = inspect::alternative_names(&parse(&paths, &certificates, 0)?);
        let misplaced = || {
            shape(
                &paths,
                format!("it is for {}, so its name is wrong", list(&names)),
            )
        };
        let host: HostName = names
            .first()
            .and_then(|name| name.parse().ok())
            .ok_or_else(misplaced)?;
        if host.file_stem() != stem {
            return Err(misplaced());
        }
        match self.load(&host, now) {
            Ok(Some(pair)) => Ok(pair.info),
            Ok(None) => Err(gone()),
            Err(Unusable::Flaw(flaw)) => Err(flaw),
            Err(Unusable::Taken { .. }) => Err(misplaced()),
        }
    }
}

/// Fails unless `now` lies in the certificate's validity.
fn check_dates(certificate: &Certificate, now: OffsetDateTime) -> Result<(), Flaw> {
    let path = certificate.cert_file.clone();
    if now < certificate.not_before {
        return Err(Flaw::NotYetValid {
            path,
            not_before: certificate.not_before,
            now,
        });
    }
    if now > certificate.not_after {
        return Err(Flaw::Expired {
            path,
            not_after: certificate.not_after,
        });
    }
    Ok(())
}

/// The certificates of a pair, at least one, and the first one names a host; `None` if there is neither file.
fn read_certificates(paths: &PairPaths) -> Result<Option<Vec<CertificateDer<'static>>>, Flaw> {
    let Some(contents) = files::read(&paths.cert, Keeper::Store)? else {
        if paths.key.symlink_metadata().is_err() {
            return Ok(None);
        }
        return Err(Flaw::CertificateMissing {
            cert: paths.cert.clone(),
            key: paths.key.clone(),
        });
    };
    contents.check_mode(&paths.cert, false)?;
    let certificates = pem::certificates(&paths.cert, &contents.bytes)?;
    if inspect::alternative_names(&parse(paths, &certificates, 0)?).is_empty() {
        let detail = "it names no host".to_owned();
        return Err(Flaw::BadCertificate {
            path: paths.cert.clone(),
            position: 1,
            detail,
        });
    }
    Ok(Some(certificates))
}

fn read_key(paths: &PairPaths) -> Result<PrivateKeyDer<'static>, Flaw> {
    let Some(contents) = files::read(&paths.key, Keeper::Store)? else {
        return Err(Flaw::KeyMissing {
            cert: paths.cert.clone(),
            key: paths.key.clone(),
        });
    };
    contents.check_mode(&paths.key, true)?;
    pem::private_key(&paths.key, &contents.bytes)
}

/// Fails unless the certificates are a leaf for `host` and the constrained root that signed it: what trust stores were
/// given is the root, so a file without it, or with another, was changed by somebody.
fn check_shape(paths: &PairPaths, certificates: &[CertificateDer<'_>], host: &HostName) -> Result<(), Flaw> {
    if certificates.len() != 2 {
        return Err(shape(
            paths,
            format!(
                "it holds {} certificates, not a leaf and its root",
                certificates.len()
            ),
        ));
    }
    let (leaf, root) = (parse(paths, certificates, 0)?, parse(paths, certificates, 1)?);
    if leaf.is_ca() {
        return Err(shape(paths, "the one to serve is a CA certificate"));
    }
    if !inspect::serves_tls(&leaf) {
        return Err(shape(paths, "the one to serve is not made for servers"));
    }
    let names = inspect::alternative_names(&leaf);
    if let Some(name) = subject_names(host)
        .iter()
        .find(|name| !names.contains(&name.to_string()))
    {
        return Err(shape(paths, format!("it does not name {name}")));
    }
    let constrained = root
        .name_constraints()
        .ok()
        .flatten()
        .is_some_and(|constraints| constraints.critical);
    if !root.is_ca() || !constrained {
        return Err(shape(
            paths,
            "its root is not a CA certificate limited to this host",
        ));
    }
    if leaf.verify_signature(Some(root.public_key())).is_err() {
        return Err(shape(paths, "its root did not sign the one to serve"));
    }
    Ok(())
}

/// The certificate at `index`. PEM reading parsed each of them before.
fn parse<'a>(
    paths: &PairPaths,
    certificates: &'a [CertificateDer<'_>],
    index: usize,
) -> Result<X509Certificate<'a>, Flaw> {
    let flaw = |detail| Flaw::BadCertificate {
        path: paths.cert.clone(),
        position: index + 1,
        detail,
    };
    inspect::parse(&certificates[index]).map_err(flaw)
}

fn shape(paths: &PairPaths, detail: impl Into<String>) -> Flaw {
    Flaw::Shape {
        path: paths.cert.clone(),
        detail: detail.into(),
    }
}
