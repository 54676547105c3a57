//! A request that is not let through, and why.

use http::StatusCode;

/// What the client is told, and what the access log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// For the access log.
    pub(crate) code: &'static str,
    /// For the client: one sentence.
    pub(crate) text: &'static str,
    /// The connection is closed: what follows on it cannot be trusted.
    pub(crate) closes: bool,
}

impl Refusal {
    pub(crate) const fn new(status: StatusCode, code: &'static str, text: &'static str) -> Refusal {
        Refusal {
            status,
            code,
            text,
            closes: false,
        }
    }

    /// The same, and the connection is closed.
    pub(crate) const fn closing(self) -> Refusal {
        Refusal { closes: true, ..self }
    }
}
