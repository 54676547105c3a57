//! TLS handshakes of our own: what a door serves, and whether the system's own store vouches for it.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use doorcode_settings::HostName;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;

use crate::error::TrustError;

/// How long the door may take for each step.
const LIMIT: Duration = Duration::from_secs(5);
/// What a URL without a port means.
const HTTPS: u16 = 443;

/// A page of a host that answers without signing in, such as `https://localhost:8443/.doorcode/sign-in`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub(crate) url: String,
    pub(crate) host: HostName,
    pub(crate) port: u16,
}

impl Page {
    /// Takes an address.
    ///
    /// # Errors
    /// [`TrustError::Address`] unless `url` is `https://<host>[:<port>]/…` with nothing in it that a program's command line
    /// could take for something else.
    pub fn parse(url: &str) -> Result<Page, TrustError> {
        parts(url).ok_or_else(|| TrustError::Address { url: url.to_owned() })
    }
}

fn parts(url: &str) -> Option<Page> {
    let rest = url.strip_prefix("https://")?;
    let authority = &rest[..rest.find('/').unwrap_or(rest.len())];
    let plain = |c: char| c.is_ascii_graphic() && !"\"'\\`<>".contains(c);
    if !url.chars().all(plain) || authority.contains(['@', '?', '#']) {
        return None;
    }
    let colon = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    let (host, port) = match colon {
        Some(at) => (&authority[..at], authority[at + 1..].parse().ok()?),
        None => (authority, HTTPS),
    };
    Some(Page {
        url: url.to_owned(),
        host: host.parse().ok()?,
        port,
    })
}

/// Fails unless the door is there and what it serves comes from one of `anchors` alone.
///
/// # Errors
/// [`TrustError::Unreachable`], [`TrustError::OtherCertificate`].
pub(crate) fn served_by(
    page: &Page,
    anchors: impl IntoIterator<Item = CertificateDer<'static>>,
) -> Result<(), TrustError> {
    let other = |detail: String| TrustError::OtherCertificate {
        url: page.url.clone(),
        detail,
    };
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(anchors);
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider())
        .build()
        .map_err(|error| other(error.to_string()))?;
    match shake_hands(page, verifier) {
        Ok(()) => Ok(()),
        Err(Failure::Refused(error)) => Err(other(error.to_string())),
        Err(Failure::Unreachable(source)) => Err(unreachable(page, source)),
    }
}

/// Whether a program that asks the system's own store trusts the door; the reason if not.
///
/// # Errors
/// [`TrustError::Unreachable`].
pub(crate) fn system_trusts(page: &Page) -> Result<Result<(), String>, TrustError> {
    let verifier = match Verifier::new(provider()) {
        Ok(verifier) => verifier,
        Err(error) => return Ok(Err(error.to_string())),
    };
    match shake_hands(page, Arc::new(verifier)) {
        Ok(()) => Ok(Ok(())),
        Err(Failure::Refused(error)) => Ok(Err(error.to_string())),
        Err(Failure::Unreachable(source)) => Err(unreachable(page, source)),
    }
}

fn unreachable(page: &Page, source: io::Error) -> TrustError {
    TrustError::Unreachable {
        url: page.url.clone(),
        source,
    }
}

enum Failure {
    Unreachable(io::Error),
    Refused(rustls::Error),
}

/// TLS up to the point where the certificate has been accepted; no request is made.
fn shake_hands(page: &Page, verifier: Arc<dyn ServerCertVerifier>) -> Result<(), Failure> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("the provider has the cipher suites of TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let name = ServerName::try_from(page.host.to_string()).expect("a host is a server name");
    let mut client = ClientConnection::new(Arc::new(config), name).map_err(Failure::Refused)?;
    let mut stream = connect(page).map_err(Failure::Unreachable)?;
    while client.is_handshaking() {
        if let Err(error) = client.complete_io(&mut stream) {
            return Err(match error.downcast::<rustls::Error>() {
                Ok(refused) => Failure::Refused(refused),
                Err(error) => Failure::Unreachable(error),
            });
        }
    }
    client.send_close_notify();
    // The answer was the handshake; that nobody waits for the end of the connection is no failure.
    let _ = client.complete_io(&mut stream);
    Ok(())
}

fn connect(page: &Page) -> io::Result<TcpStream> {
    let addresses = match &page.host {
        HostName::Ip(address) => vec![(*address, page.port).into()],
        HostName::Dns(name) => (name.as_str(), page.port).to_socket_addrs()?.collect(),
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "its name has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, LIMIT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(LIMIT))?;
                stream.set_write_timeout(Some(LIMIT))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_an_https_address_of_a_host() {
        let page = |url: &str| Page::parse(url).map(|page| (page.host.to_string(), page.port));
        assert_eq!(
            page("https://localhost:8443/.doorcode/sign-in").expect("fine"),
            ("localhost".into(), 8443)
        );
        assert_eq!(page("https://[::1]:8443/").expect("fine"), ("::1".into(), 8443));
        assert_eq!(page("https://[::1]/").expect("fine"), ("::1".into(), 443));
        assert_eq!(
            page("https://my.dev.local").expect("fine"),
            ("my.dev.local".into(), 443)
        );
        for bad in [
            "http://localhost/",
            "https://",
            "https://localhost:x/",
            "https://a@localhost/",
            "https://localhost?x/",
            "https://localhost/ --flag",
            "https://localhost/\"x",
            "--help",
        ] {
            assert!(matches!(page(bad), Err(TrustError::Address { .. })), "{bad}");
        }
    }
}
