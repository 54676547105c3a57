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
    /// For the access log, where the code alone does not say it.
    pub(crate) detail: Option<&'static str>,
    /// The connection is closed: what follows on it cannot be trusted.
    pub(crate) closes: bool,
}

impl Refusal {
    pub(crate) const fn new(status: StatusCode, code: &'static str, text: &'static str) -> Refusal {
        Refusal {
            status,
            code,
            text,
            detail: None,
            closes: false,
        }
    }

    /// The same, with more for the access log.
    pub(crate) const fn saying(self, detail: &'static str) -> Refusal {
        Refusal {
            detail: Some(detail),
            ..self
        }
    }

    /// The same, and the connection is closed.
    pub(crate) const fn closing(self) -> Refusal {
        Refusal { closes: true, ..self }
    }
}
