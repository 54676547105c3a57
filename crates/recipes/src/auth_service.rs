//! The service that a proxy asks whether somebody is signed in.

use std::fmt;
use std::str::FromStr;

use doorcode_settings::HostName;
use thiserror::Error;

/// oauth2-proxy, or one that answers like it: `/oauth2/auth` says 202 with `X-Auth-Request-Email` or 401, `/oauth2/start`
/// signs in. `http://HOST:PORT`: it stands beside the proxy, and what passes between them is the person's cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthService {
    host: HostName,
    port: u16,
}

impl AuthService {
    /// `HOST:PORT`, an IPv6 address in brackets.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host.authority(), self.port)
    }
}

impl Default for AuthService {
    /// Where oauth2-proxy listens unless told otherwise.
    fn default() -> Self {
        AuthService {
            host: HostName::Ip([127, 0, 0, 1].into()),
            port: 4180,
        }
    }
}

/// A text that names no such service.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("{0:?} is no address of an auth service: give it as http://HOST:PORT, such as http://127.0.0.1:4180")]
pub struct AuthServiceError(String);

impl FromStr for AuthService {
    type Err = AuthServiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| AuthServiceError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<AuthService> {
    let rest = text.strip_prefix("http://")?;
    let (host, port) = rest.strip_suffix('/').unwrap_or(rest).rsplit_once(':')?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    Some(AuthService {
        host: host.parse().ok()?,
        port: port.parse().ok().filter(|&number| digits && number != 0)?,
    })
}

impl fmt::Display for AuthService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port_and_nothing_else() {
        for fine in [
            "http://127.0.0.1:4180",
            "http://[::1]:4180",
            "http://oauth2-proxy:80",
        ] {
            assert_eq!(fine.parse::<AuthService>().expect(fine).to_string(), fine);
        }
        for wrong in [
            "https://127.0.0.1:4180",
            "http://127.0.0.1",
            "http://127.0.0.1:0",
            "http://127.0.0.1:+80",
            "http://a b:80",
            "http://a:80/x",
            "http://a;return 200:80",
            "http://u@a:80",
            "http://a:80\n",
        ] {
            assert!(wrong.parse::<AuthService>().is_err(), "{wrong:?}");
        }
    }
}
