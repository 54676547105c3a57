//! Why something could not be measured.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

/// What went wrong, on which contender, file or address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BenchError {
    /// A file, a process or a socket.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, on what.
        what: String,
        source: io::Error,
    },
    #[error("cannot make the certificate that all contenders share: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("{path}: {source}")]
    Http { path: String, source: hyper::Error },
    #[error("{path} was answered with {status}, not {expected}")]
    Status {
        path: String,
        status: u16,
        expected: u16,
    },
    /// Anything else the other side said that is not what was asked for.
    #[error("{0}")]
    Unexpected(String),
    #[error("no answer to {what} within {} s", limit.as_secs_f64())]
    TimedOut { what: String, limit: Duration },
    #[error("{name} ended ({status}) before it answered. Its last lines:\n{log}")]
    Ended {
        name: String,
        status: ExitStatus,
        log: String,
    },
    #[error("{name} did not answer with 200 within {} s (last: {last}). Its last lines:\n{log}", limit.as_secs())]
    NotReady {
        name: String,
        limit: Duration,
        last: String,
        log: String,
    },
    #[error("measurements that failed: {count}; the reasons stand under the table")]
    Incomplete { count: usize },
    #[error("interrupted; everything that was started has been ended")]
    Interrupted,
}

impl BenchError {
    /// An I/O error with what was being done.
    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            what: what.into(),
            source,
        }
    }
}
