//! The address that browsers use.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::HostName;

/// `https://code.example.com`, with a port or without one, and with nothing after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    host: HostName,
    port: Option<u16>,
}

impl PublicUrl {
    /// The host.
    pub fn host(&self) -> &HostName {
        &self.host
    }

    /// The port; none for 443.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// As browsers write it in `Origin` (RFC 6454 section 6.2): `https://code.example.com`.
    pub fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }

    /// As browsers write it in `Host`.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host.authority()),
            None => self.host.authority(),
        }
    }
}

/// Why a text is no public address.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct PublicUrlError(String);

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |reason: &str| PublicUrlError(reason.to_owned());
        let rest = text
            .strip_prefix("https://")
            .ok_or_else(|| wrong("it does not begin with https://"))?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err(wrong("nothing may stand behind the host and its port"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an IPv6 address without a port.
            Some((_, after)) if after.ends_with(']') => (authority, None),
            Some((host, port)) => {
                let port = port
                    .parse()
                    .ok()
                    .filter(|number| *number != 0 && port.bytes().all(|byte| byte.is_ascii_digit()));
                (
                    host,
                    Some(port.ok_or_else(|| wrong("its port is no number from 1 to 65535"))?),
                )
            }
            None => (authority, None),
        };
        let host = host
            .parse::<HostName>()
            .map_err(|error| PublicUrlError(error.reason().to_owned()))?;
        Ok(PublicUrl {
            host,
            port: port.filter(|port| *port != 443),
        })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

impl Serialize for PublicUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.origin())
    }
}
