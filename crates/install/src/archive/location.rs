//! Where an archive is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;

use crate::InstallError;

/// A file or an address that may be used.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Location {
    File(PathBuf),
    Url(Url),
}

impl FromStr for Location {
    type Err = InstallError;

    /// What has `://` in it is an address.
    fn from_str(text: &str) -> Result<Self, InstallError> {
        if !text.contains("://") {
            return Ok(Location::File(PathBuf::from(text)));
        }
        let refused = |reason| InstallError::LocationRefused {
            location: shown(text),
            reason,
        };
        let url = Url::parse(text).map_err(|_| refused("it is no valid address"))?;
        match permitted(&url) {
            Ok(()) => Ok(Location::Url(url)),
            Err(reason) => Err(refused(reason)),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File(path) => path.display().fmt(f),
            Location::Url(url) => f.write_str(&without_secrets(url)),
        }
    }
}

/// Whether an archive may be fetched from here, also after a redirect: https, or this machine.
pub(super) fn permitted(url: &Url) -> Result<(), &'static str> {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(&host.to_string()) => Ok(()),
        ("http", _) => Err("plain http can be read and changed on its way; https cannot"),
        _ => Err("only https addresses and files are fetched"),
    }
}

/// A location as it may stand in messages and logs.
pub(crate) fn shown(location: &str) -> String {
    match Url::parse(location) {
        Ok(url) if location.contains("://") => without_secrets(&url),
        _ => location.to_owned(),
    }
}

/// Without user, password, query and fragment, where signed addresses carry what lets one in.
pub(super) fn without_secrets(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_this_machine() {
        for text in [
            "https://example.com/a.tar.gz",
            "http://127.0.0.1:80/a",
            "http://[::1]:8080/a",
            "http://localhost/a",
        ] {
            assert!(matches!(text.parse(), Ok(Location::Url(_))), "{text}");
        }
        for text in [
            "http://example.com/a",
            "http://localhost.example.com/a",
            "http://10.0.0.1/a",
            "ftp://x/a",
            "file:///a",
            "http://",
            "https://",
        ] {
            assert!(
                matches!(
                    text.parse::<Location>(),
                    Err(InstallError::LocationRefused { .. })
                ),
                "{text}"
            );
        }
        assert!(matches!("some/where:it is.tar.gz".parse(), Ok(Location::File(_))));
    }

    #[test]
    fn what_lets_one_in_is_never_shown() {
        let location: Location = "https://me:secret@example.com:8443/a.tar.gz?sig=secret#secret"
            .parse()
            .expect("https");
        assert_eq!(location.to_string(), "https://example.com:8443/a.tar.gz");
        let refused = "http://me:secret@example.com/a?sig=secret".parse::<Location>();
        assert!(refused.is_err_and(|error| !error.to_string().contains("secret")));
    }
}
