//! A host's root: the one certificate that trust stores are given.

use doorcode_certs::CertStore;
use doorcode_settings::{HostName, Problem};

/// A root of the shape that this program issues: it vouches for the names of one host and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The host it is for.
    pub host: HostName,
    /// PEM, this certificate alone.
    pub pem: String,
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256, `AA:BB:…`, as in the status and in browsers.
    pub fingerprint: String,
    /// What stores call it: no two roots share one, and there is no colon in it (NSS takes that for a token's name).
    pub nickname: String,
}

impl Root {
    /// The root of the certificate that `store` has for `host`.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it has not the shape that keeps it harmless.
    pub fn of(store: &CertStore, host: &HostName) -> Result<Root, Problem> {
        let pem = store.export(host).map_err(|error| Problem::from(&error))?;
        Root::recognise_pem(&pem)
            .filter(|root| root.host == *host)
            .ok_or_else(|| {
                Problem::new(
                    "root_shape",
                    format!("the root of {host} is not limited to that host; no store is given it"),
                    format!("doorcode cert issue {host}"),
                )
            })
    }

    /// Tells whether a certificate in DER is one that this program made, for whatever host, by what it says and not by
    /// what a store calls it.
    pub fn recognise(_der: &[u8]) -> Option<Root> {
        None
    }

    pub(crate) fn recognise_pem(_pem: &str) -> Option<Root> {
        None
    }
}
