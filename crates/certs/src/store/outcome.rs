//! What the store's operations give back.

use std::path::PathBuf;

use doorcode_settings::Problem;

use crate::flaw::{Day, Flaw};
use crate::pair::{Certificate, Pair};

/// What [`CertStore::ensure`](super::CertStore::ensure) gives.
#[derive(Debug)]
pub struct Ensured {
    /// The pair to serve.
    pub pair: Pair,
    /// Where it came from.
    pub outcome: Outcome,
    /// What the person should know though the pair is served, such as `certificate_due`.
    pub warnings: Vec<Problem>,
}

/// Where an ensured pair came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was there.
    Reused,
    /// There was none; this is the host's first.
    Issued,
    /// There was one that nothing could trust any more. The new one has to be trusted anew.
    Replaced {
        /// What was wrong with the old one.
        reason: String,
        /// The old certificate, renamed; its key, if there was one, has the same ending. The key alone if that was all.
        backup: PathBuf,
    },
}

/// What issuing on request gives.
#[derive(Debug)]
pub struct Issued {
    /// The new certificate.
    pub certificate: Certificate,
    /// The old one, renamed, as in [`Outcome::Replaced`]; none if there was none.
    pub backup: Option<PathBuf>,
}

/// An entry of the store that is not fit to be served.
#[derive(Debug)]
pub struct Broken {
    /// The host's name as it stands in the file names: with underscores for dots and colons.
    pub stem: String,
    /// What is wrong.
    pub flaw: Flaw,
}

impl From<&Broken> for Problem {
    fn from(broken: &Broken) -> Problem {
        let issue = "doorcode cert issue HOST, with the host that the file is named after";
        let fix = broken.flaw.remedy().unwrap_or_else(|| issue.to_owned());
        Problem::new(broken.flaw.code(), broken.flaw.to_string(), fix)
    }
}

/// The warning for a certificate whose end is near.
pub(super) fn due(certificate: &Certificate) -> Vec<Problem> {
    if !certificate.due {
        return Vec::new();
    }
    let Certificate {
        host,
        days_left,
        not_after,
        ..
    } = certificate;
    let message = format!(
        "the certificate of {host} ends on {}, in {days_left} days",
        Day(*not_after)
    );
    vec![Problem::new(
        "certificate_due",
        message,
        format!("doorcode cert renew {host}"),
    )]
}
