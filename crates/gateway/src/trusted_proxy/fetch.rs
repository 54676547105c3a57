//! Getting keys from where they are published.

use std::path::PathBuf;
use std::time::Duration;

use doorcode_settings::Problem;
use doorcode_settings::trusted_proxy::{Algorithm, KeySource};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, StatusCode};
use rustls::pki_types::CertificateDer;
use thiserror::Error;

use super::files;
use super::key_set::{KeySet, KeySetError, MOST_KEYS};

/// A key set of sixteen RSA keys with their certificates has some 40 KB.
pub(super) const MOST_BYTES: u64 = 64 << 10;
/// From the first packet to the last byte. A request may be waiting for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where the keys are, and what it takes to get them. Clones share the client.
#[derive(Clone)]
pub(super) enum Fetcher {
    Set { url: String, client: Client },
    PemByKid { prefix: String, client: Client },
    File(PathBuf),
}

/// Why there are no new keys.
#[derive(Debug, Error)]
pub(super) enum FetchError {
    /// The server answered that it has no such key; it may have others.
    #[error("there is no key with that id")]
    NoSuchKey,
    #[error("{url} cannot be read: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("{at}: {source}")]
    Unusable { at: String, source: KeySetError },
    #[error("{} cannot be read: {reason}", .path.display())]
    File { path: PathBuf, reason: String },
}

impl Fetcher {
    /// Reads the certificates that the system trusts, so this is blocking.
    pub(super) fn new(
        source: &KeySource,
        authorities: &[CertificateDer<'static>],
    ) -> Result<Fetcher, Problem> {
        Ok(match source {
            KeySource::Url(url) => Fetcher::Set {
                url: url.clone(),
                client: client(authorities)?,
            },
            KeySource::PemByKid(prefix) => Fetcher::PemByKid {
                prefix: format!("{}/", prefix.trim_end_matches('/')),
                client: client(authorities)?,
            },
            KeySource::File(path) => Fetcher::File(path.clone()),
        })
    }

    /// Whether it is a file, which costs nothing to look at again.
    pub(super) fn is_local(&self) -> bool {
        matches!(self, Fetcher::File(_))
    }

    /// Everything that is published now; where keys are published one by one, those of `known` and `wanted`.
    pub(super) async fn fetch(
        &self,
        known: Vec<String>,
        wanted: Option<&str>,
        accepted: &[Algorithm],
    ) -> Result<KeySet, FetchError> {
        match self {
            Fetcher::Set { url, client } => {
                let json = get(client, url).await.map_err(|error| no_set(error, url))?;
                KeySet::parse(&json, accepted).map_err(unusable(url))
            }
            Fetcher::File(path) => {
                let json = read(path.clone()).await?;
                KeySet::parse(&json, accepted).map_err(unusable(&path.display().to_string()))
            }
            Fetcher::PemByKid { prefix, client } => pems(prefix, client, known, wanted).await,
        }
    }
}

/// A key that its server no longer knows is left out. The wanted one must be there.
async fn pems(
    prefix: &str,
    client: &Client,
    known: Vec<String>,
    wanted: Option<&str>,
) -> Result<KeySet, FetchError> {
    let mut pems = Vec::new();
    if let Some(id) = wanted {
        if !is_plain(id) {
            return Err(FetchError::NoSuchKey);
        }
        pems.push((id.to_owned(), get(client, &format!("{prefix}{id}")).await?));
    }
    for id in known.into_iter().take(MOST_KEYS - pems.len()) {
        match get(client, &format!("{prefix}{id}")).await {
            Ok(pem) => pems.push((id, pem)),
            Err(FetchError::NoSuchKey) => {}
            Err(error) => return Err(error),
        }
    }
    KeySet::from_pems(pems).map_err(unusable(prefix))
}

/// Whether a token's key id may stand in an address: AWS's are UUIDs.
fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// No redirects: keys come from where the settings say, and from nowhere that a server says.
fn client(authorities: &[CertificateDer<'static>]) -> Result<Client, Problem> {
    let certificates = authorities
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok());
    Client::builder()
        .https_only(true)
        .redirect(Policy::none())
        .referer(false)
        .timeout(TIMEOUT)
        .pool_max_idle_per_host(0)
        .user_agent(concat!("doorcode/", env!("CARGO_PKG_VERSION")))
        .tls_certs_merge(certificates)
        .build()
        .map_err(|error| {
            Problem::new(
                "trusted_proxy_keys_client",
                format!(
                    "nothing can be fetched over https, and so no keys: {}",
                    chain(&error)
                ),
                "doorcode logs --app",
            )
        })
}

async fn get(client: &Client, url: &str) -> Result<Vec<u8>, FetchError> {
    let unreachable = |reason: String| FetchError::Unreachable {
        url: url.to_owned(),
        reason,
    };
    let mut response = client
        .get(url)
        .send()
        .await
        .map_err(|error| unreachable(chain(&error.without_url())))?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => {
            return Err(FetchError::NoSuchKey);
        }
        status if status.is_redirection() => {
            return Err(unreachable(format!(
                "it answers {status}, and redirects are not followed"
            )));
        }
        status => return Err(unreachable(format!("it answers {status}"))),
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if (body.len() + chunk.len()) as u64 > MOST_BYTES => {
                return Err(unreachable(format!(
                    "it sends more than {} KiB",
                    MOST_BYTES >> 10
                )));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(unreachable(chain(&error.without_url()))),
        }
    }
}

/// Where a whole set should be, an answer that there is none says nothing about a key.
fn no_set(error: FetchError, url: &str) -> FetchError {
    match error {
        FetchError::NoSuchKey => FetchError::Unreachable {
            url: url.to_owned(),
            reason: "the server says that there is nothing, or not for us".to_owned(),
        },
        other => other,
    }
}

async fn read(path: PathBuf) -> Result<Vec<u8>, FetchError> {
    let at = path.clone();
    let read = tokio::task::spawn_blocking(move || files::read(&at, files::NOT_WRITABLE, MOST_BYTES)).await;
    let reason = match read {
        Ok(Ok(contents)) => return Ok(contents),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Err(FetchError::File { path, reason })
}

fn unusable(at: &str) -> impl FnOnce(KeySetError) -> FetchError {
    let at = at.to_owned();
    move |source| FetchError::Unusable { at, source }
}

/// An error with what it came from: reqwest's own sentence rarely names the reason.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_a_path() {
        assert!(is_plain("0f1e2d3c-aaaa-bbbb-cccc-0123456789ab"));
        for id in ["", "../x", "a/b", "a?b", "a%2fb", "é", &"a".repeat(65)] {
            assert!(!is_plain(id), "{id:?}");
        }
    }
}
