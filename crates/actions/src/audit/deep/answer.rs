//! What came back, or why nothing did.

use std::fmt;
use std::time::Duration;

use doorcode_audit::Outcome;

/// How long one attempt may take.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nobody listens, or not in time.
    Unreachable(String),
    /// The handshake failed on our side: the certificate is not what it should be.
    Handshake(String),
    /// The other side hung up without a word, or with an alert.
    HungUp,
    /// It is there, and says nothing.
    Silent,
}

impl Answer {
    pub(super) fn parse(bytes: &[u8]) -> Result<Answer, Trouble> {
        let head = String::from_utf8_lossy(bytes).into_owned();
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .or_else(|| head.strip_prefix("HTTP/1.0 "));
        let status = status
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .ok_or(Trouble::HungUp)?;
        Ok(Answer { status, head })
    }

    /// A header's first value; `name` in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .find_map(|line| {
                let (found, value) = line.split_once(':')?;
                found.eq_ignore_ascii_case(name).then(|| value.trim())
            })
    }

    pub(super) fn leads_to_sign_in(&self) -> bool {
        self.header("location")
            .is_some_and(|to| to.starts_with("/.doorcode/"))
    }

    pub(super) fn leads_to_https(&self) -> bool {
        self.header("location")
            .is_some_and(|to| to.starts_with("https://"))
    }

    /// For people: never more than the status and where a redirect leads.
    pub(super) fn said(&self) -> String {
        match self
            .header("location")
            .filter(|_| (300..400).contains(&self.status))
        {
            // What follows the path may be a secret.
            Some(to) => format!(
                "{} to {}",
                self.status,
                to.split(['?', '#']).next().unwrap_or_default()
            ),
            None => self.status.to_string(),
        }
    }
}

impl Trouble {
    /// What it means when a refusal was hoped for.
    pub(super) fn judged(&self) -> (String, Outcome) {
        let outcome = match self {
            Trouble::HungUp => Outcome::Refused,
            Trouble::Unreachable(_) | Trouble::Handshake(_) | Trouble::Silent => Outcome::Unknown,
        };
        (self.to_string(), outcome)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Unreachable(error) => write!(f, "no connection: {error}"),
            Trouble::Handshake(error) => write!(f, "no TLS: {error}"),
            Trouble::HungUp => f.write_str("the connection was closed"),
            Trouble::Silent => write!(f, "nothing within {} s", LIMIT.as_secs()),
        }
    }
}
