//! Everything that can go wrong with certificates, and what to do about it.

use std::io;
use std::path::PathBuf;

use doorcode_settings::{HostName, Problem};
use thiserror::Error;

use crate::flaw::{Flaw, list};
use crate::shape::ShapeError;

/// Why there is no certificate to serve, or why a command on one was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the fields are the host or file concerned and what the message says about it"
)]
pub enum CertError {
    /// The host's pair in the store is not fit to be served, and replacing it could cost trust that was given.
    #[error("the certificate of {host} is not used: {flaw}")]
    Stored { host: HostName, flaw: Flaw },
    /// The pair that the settings name is not fit to be served.
    #[error("the certificate of your own (tls.cert) is not used: {flaw}")]
    Custom { flaw: Flaw, replacement: String },
    /// There is nothing for this host in the store.
    #[error("there is no certificate for {host} in {}", dir.display())]
    Missing { host: HostName, dir: PathBuf },
    /// The host's file holds another host's certificate.
    #[error("{} is for {}, not for {host}; it is left as it is", file.display(), list(.names))]
    HostFileTaken {
        host: HostName,
        file: PathBuf,
        names: Vec<String>,
    },
    /// Renewal was asked for long before the end.
    #[error(
        "the certificate of {host} is valid for {days_left} more days; a new one would have to be trusted anew"
    )]
    NotDue { host: HostName, days_left: i64 },
    /// A custom certificate was to be checked for no host at all.
    #[error("no host is configured for the custom certificate")]
    NoHosts,
    /// A new certificate could not be made.
    #[error("no certificate could be made for {host}: {source}")]
    Generate { host: HostName, source: ShapeError },
    /// A file or folder of the store could not be worked on.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl From<&CertError> for Problem {
    fn from(error: &CertError) -> Problem {
        Problem::new(code(error), error.to_string(), fix(error))
    }
}

fn code(error: &CertError) -> &'static str {
    match error {
        CertError::Stored { flaw, .. } | CertError::Custom { flaw, .. } => flaw.code(),
        CertError::Missing { .. } => "certificate_missing",
        CertError::HostFileTaken { .. } => "host_file_taken",
        CertError::NotDue { .. } => "certificate_not_due",
        CertError::NoHosts => "certificate_no_hosts",
        CertError::Generate { .. } => "certificate_not_made",
        CertError::File { .. } => "certificate_files",
    }
}

fn fix(error: &CertError) -> String {
    match error {
        CertError::Stored { host, flaw } => match flaw.remedy() {
            Some(remedy) => {
                format!(
                    "{remedy}; or have a new one made, which has to be trusted anew: `doorcode cert issue {host}`"
                )
            }
            None => format!("doorcode cert issue {host}"),
        },
        CertError::Custom { flaw, replacement } => match flaw {
            Flaw::NotYetValid { .. } => format!("{}; where it is right, {replacement}", CLOCK),
            Flaw::HostNotCovered { host, .. } => {
                format!("{replacement}. Or take {host} out of hosts under [gateway] there")
            }
            flaw => flaw.remedy().unwrap_or_else(|| replacement.clone()),
        },
        CertError::Missing { host, .. } | CertError::Generate { host, .. } => {
            format!("doorcode cert issue {host}")
        }
        CertError::HostFileTaken { file, names, .. } => match own_host(file, names) {
            Some(other) => {
                format!("`doorcode cert remove {other}`, or name only one of the two hosts in gateway.hosts")
            }
            None => format!("mv '{0}' '{0}.aside'", file.display()),
        },
        CertError::NotDue { host, .. } => format!("doorcode cert renew {host} --force"),
        CertError::NoHosts => "name a host in gateway.hosts: `doorcode settings edit`".to_owned(),
        CertError::File { path, .. } => format!(
            "`ls -ld '{0}'` and `df -h '{0}'` show the folder and its disk",
            path.parent().unwrap_or(path).display()
        ),
    }
}

/// Above all it is the clock that is wrong.
pub(crate) const CLOCK: &str =
    "`date` shows this machine's clock; where it is wrong, `timedatectl set-ntp true`";

/// The host that a file of the store rightly belongs to, if it is one of `names`.
fn own_host(file: &std::path::Path, names: &[String]) -> Option<HostName> {
    let host: HostName = names.first()?.parse().ok()?;
    (file.file_stem()?.to_str()? == host.file_stem()).then_some(host)
}
