//! An archive from a server.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::SIZE_LIMIT;
use super::checksum::Checksum;
use super::location::{permitted, without_secrets};
use crate::InstallError;
use crate::install_error::Trouble;
use crate::progress::{Phase, Run};

/// How long the connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// How long the server may send nothing.
const STALL_LIMIT: Duration = Duration::from_secs(30);

/// How many times it may point somewhere else; a release on GitHub does once.
const REDIRECTS: usize = 5;

/// Fetches the archive and gives its sum. Called on a blocking thread of the runtime.
pub(super) fn fetch(
    url: &Url,
    copy: &mut File,
    copy_path: &Path,
    run: &Run,
) -> Result<Checksum, InstallError> {
    let fetching = run.cancel.run_until_cancelled(stream(url, copy, copy_path, run));
    Handle::current()
        .block_on(fetching)
        .unwrap_or(Err(InstallError::Cancelled))
}

async fn stream(url: &Url, copy: &mut File, copy_path: &Path, run: &Run) -> Result<Checksum, InstallError> {
    let failed = |reason: String| InstallError::Download {
        location: without_secrets(url),
        reason,
    };
    let broken = |error: reqwest::Error| failed(chain(error));
    let too_large = || InstallError::TooLarge {
        location: without_secrets(url),
        limit: SIZE_LIMIT,
    };

    let client = client().map_err(broken)?;
    let mut response = client.get(url.clone()).send().await.map_err(broken)?;
    if !response.status().is_success() {
        return Err(failed(format!("the server answers {}", response.status())));
    }
    let total = response.content_length();
    if total.is_some_and(|total| total > SIZE_LIMIT) {
        return Err(too_large());
    }
    let mut counter = run.counter(Phase::Fetching, total);
    let mut hasher = Sha256::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        hasher.update(&chunk);
        copy.write_all(&chunk).trouble("write", copy_path)?;
        counter.add(chunk.len() as u64)?;
        if counter.done() > SIZE_LIMIT {
            return Err(too_large());
        }
    }
    Ok(Checksum::of(hasher))
}

fn client() -> reqwest::Result<Client> {
    let redirects = Policy::custom(|attempt| {
        if attempt.previous().len() > REDIRECTS {
            return attempt.error("the server redirects too often");
        }
        match permitted(attempt.url()) {
            Ok(()) => attempt.follow(),
            Err(reason) => attempt.error(reason),
        }
    });
    Client::builder()
        .user_agent(concat!("doorcode/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(STALL_LIMIT)
        .redirect(redirects)
        .build()
}

/// The error with all its causes, because the outermost says little ("error sending request"), and without
/// its address, which may carry a secret.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
