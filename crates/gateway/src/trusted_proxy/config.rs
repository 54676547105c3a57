//! The settings of this mode, with the files they name read and checked.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorcode_settings::trusted_proxy::{KeySource, Proof, TrustedProxy};
use doorcode_settings::{HostName, Problem};
use http::HeaderName;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use super::fetch::Fetcher;
use super::files;
use super::headers::Protected;
use super::proof::{ClientAuthority, Evidence};

/// Everything the gateway needs to believe a proxy. Clones share it.
#[derive(Clone)]
pub struct TrustedProxyConfig {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    settings: TrustedProxy,
    protected: Protected,
    evidence: Evidence,
    fetcher: Option<Fetcher>,
    websocket: Duration,
}

/// A secret shorter than this could be guessed, or is a password.
const SECRET_BYTES: usize = 32;
/// A secret longer than this is no header field.
const SECRET_MOST: u64 = 4 << 10;
/// Certificates of authorities.
const AUTHORITY_MOST: u64 = 256 << 10;
const HOUR: Duration = Duration::from_secs(60 * 60);

impl TrustedProxyConfig {
    /// Reads the files that `settings` name. Blocking.
    ///
    /// # Errors
    /// A secret, a certificate authority or a key file that is missing, that others can read or write as they should not, or that
    /// does not contain what it should.
    pub fn prepare(settings: &TrustedProxy) -> Result<TrustedProxyConfig, Problem> {
        TrustedProxyConfig::prepare_trusting(settings, &[])
    }

    /// As [`TrustedProxyConfig::prepare`]; the server of an assertion's keys may also have a certificate of one of `authorities`,
    /// besides those that the system trusts.
    ///
    /// # Errors
    /// As [`TrustedProxyConfig::prepare`].
    pub fn prepare_trusting(
        settings: &TrustedProxy,
        authorities: &[CertificateDer<'static>],
    ) -> Result<TrustedProxyConfig, Problem> {
        let protected = Protected::new(settings).ok_or_else(bad_name)?;
        let fetcher = match &settings.proof {
            Proof::Assertion(assertion) => {
                if let KeySource::File(path) = &assertion.keys {
                    readable("auth.trusted_proxy.assertion.jwks_file", path, || {
                        files::read(path, files::NOT_WRITABLE, super::fetch::MOST_BYTES)
                    })?;
                }
                Some(Fetcher::new(&assertion.keys, authorities)?)
            }
            _ => None,
        };
        Ok(TrustedProxyConfig {
            inner: Arc::new(Inner {
                protected,
                evidence: evidence(&settings.proof)?,
                fetcher,
                websocket: HOUR.saturating_mul(settings.websocket_hours),
                settings: settings.clone(),
            }),
        })
    }

    /// The same, except that a WebSocket lives for `limit` at most, which need not be whole hours.
    #[must_use]
    pub fn with_websocket_limit(self, limit: Duration) -> TrustedProxyConfig {
        let mut inner = Arc::unwrap_or_clone(self.inner);
        inner.websocket = limit;
        TrustedProxyConfig {
            inner: Arc::new(inner),
        }
    }

    pub(super) fn settings(&self) -> &TrustedProxy {
        &self.inner.settings
    }

    pub(super) fn protected(&self) -> &Protected {
        &self.inner.protected
    }

    pub(super) fn evidence(&self) -> &Evidence {
        &self.inner.evidence
    }

    pub(super) fn fetcher(&self) -> Option<&Fetcher> {
        self.inner.fetcher.as_ref()
    }

    /// How long a WebSocket may live.
    pub(super) fn websocket(&self) -> Duration {
        self.inner.websocket
    }

    /// The host that browsers use.
    pub(crate) fn host(&self) -> &HostName {
        self.inner.settings.public_url.host()
    }

    /// Whose certificates a client of the TLS side must have, where that is the proof.
    pub(crate) fn client_authority(&self) -> Option<&ClientAuthority> {
        match &self.inner.evidence {
            Evidence::Certificate(authority) => Some(authority),
            _ => None,
        }
    }

    /// Whether both let the same people in for the same reasons, but for the list of them.
    pub(super) fn differs_only_in_users(&self, other: &TrustedProxyConfig) -> bool {
        let (one, other) = (&*self.inner, &*other.inner);
        let with_users_of_other = TrustedProxy {
            allow_users: other.settings.allow_users.clone(),
            ..one.settings.clone()
        };
        with_users_of_other == other.settings
            && one.evidence == other.evidence
            && one.websocket == other.websocket
    }
}

impl fmt::Debug for TrustedProxyConfig {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TrustedProxyConfig")
            .field(&self.inner.settings)
            .finish()
    }
}

fn evidence(proof: &Proof) -> Result<Evidence, Problem> {
    Ok(match proof {
        Proof::Assertion(_) => Evidence::Assertion,
        Proof::Header { header, secret_file } => Evidence::Secret {
            header: HeaderName::try_from(header).map_err(|_| bad_name())?,
            secret: secret(secret_file)?,
        },
        Proof::Mtls { client_ca } => Evidence::Certificate(authority(client_ca)?),
        Proof::UnixSocket => Evidence::UnixSocket,
        Proof::AddressOnly => Evidence::AddressOnly,
    })
}

/// The file's contents without the line end that editors add.
fn secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    const KEY: &str = "auth.trusted_proxy.proof.secret_file";
    let contents = readable(KEY, path, || files::read(path, files::PRIVATE, SECRET_MOST))?;
    let contents = Zeroizing::new(contents);
    let secret = Zeroizing::new(contents.trim_ascii().to_vec());
    if secret.len() < SECRET_BYTES || !secret.iter().all(u8::is_ascii_graphic) {
        return Err(Problem::new(
            "trusted_proxy_secret_weak",
            format!(
                "the secret in {} (auth.trusted_proxy.proof) is not {SECRET_BYTES} or more printable characters without a space",
                path.display()
            ),
            format!("(umask 077; openssl rand -hex 32 > '{}')", path.display()),
        ));
    }
    Ok(secret)
}

fn authority(path: &Path) -> Result<ClientAuthority, Problem> {
    let pem = readable("auth.trusted_proxy.client_ca", path, || {
        files::read(path, files::NOT_WRITABLE, AUTHORITY_MOST)
    })?;
    let unusable = |reason: String| {
        Problem::new(
            "trusted_proxy_client_ca_unusable",
            format!(
                "{} (auth.trusted_proxy.client_ca) holds no usable certificate authority: {reason}",
                path.display()
            ),
            format!("openssl x509 -in '{}' -noout -text", path.display()),
        )
    };
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unusable(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        roots
            .add(certificate.clone())
            .map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("there is no certificate in it".to_owned()));
    }
    Ok(ClientAuthority::new(certificates))
}

fn readable<T>(key: &str, path: &Path, read: impl FnOnce() -> io::Result<T>) -> Result<T, Problem> {
    read().map_err(|error| {
        Problem::new(
            "trusted_proxy_file_unusable",
            format!("{} ({key}) cannot be used: {error}", path.display()),
            format!("ls -l '{}'", path.display()),
        )
    })
}

/// The settings check names when they are read, so this is for callers that make them up.
fn bad_name() -> Problem {
    Problem::new(
        "trusted_proxy_header_name",
        "a header named in auth.trusted_proxy is no field name",
        "doorcode settings edit",
    )
}
