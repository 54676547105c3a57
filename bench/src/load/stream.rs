//! Large bodies: one download at a time, on a connection that is open already.

use std::time::{Duration, Instant};

use crate::error::BenchError;
use crate::load::alone;
use crate::load::client::Client;
use crate::load::target::{Protocol, Target};

/// How long one download took.
#[derive(Clone, Copy)]
pub(crate) struct Download {
    pub(crate) bytes: u64,
    pub(crate) time: Duration,
}

impl Download {
    /// Megabytes (10⁶ bytes) a second.
    pub(crate) fn rate(self) -> f64 {
        self.bytes as f64 / 1e6 / self.time.as_secs_f64()
    }

    pub(crate) fn millis(self) -> f64 {
        self.time.as_secs_f64() * 1e3
    }
}

/// Downloads `bytes` from the stub.
pub(crate) fn stub(target: &Target, protocol: Protocol, bytes: u64) -> Result<Download, BenchError> {
    let path = format!("/stream?bytes={bytes}");
    let download = repeated(target, protocol, &path, Duration::ZERO)?;
    match download.bytes {
        all if all == bytes => Ok(download),
        part => Err(BenchError::Unexpected(format!("{path} ended after {part} bytes"))),
    }
}

/// Downloads `path` again and again for `time`, at least once. Gives the median download.
pub(crate) fn repeated(
    target: &Target,
    protocol: Protocol,
    path: &str,
    time: Duration,
) -> Result<Download, BenchError> {
    alone(path, async {
        let mut client = Client::open(target, protocol).await?;
        let deadline = Instant::now() + time;
        let mut downloads = Vec::new();
        while downloads.is_empty() || Instant::now() < deadline {
            let start = Instant::now();
            let bytes = client.fetch(target.ask(path, protocol)).await?;
            downloads.push(Download {
                bytes,
                time: start.elapsed(),
            });
        }
        downloads.sort_by_key(|download| download.time);
        Ok(downloads[downloads.len() / 2])
    })
}
