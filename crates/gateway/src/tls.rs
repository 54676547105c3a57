//! The TLS side: versions, ALPN, and which certificate a client gets.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use doorcode_settings::{AuthMode, HostName};
use rustls::crypto::aws_lc_rs;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{
    ClientHello, NoServerSessionStorage, ProducesTickets, ResolvesServerCert, WebPkiClientVerifier,
};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};

use crate::config::Config;
use crate::trusted_proxy::{AuthorityId, ClientAuthority, TrustedProxyConfig};

/// The ALPN name of HTTP/2 (RFC 9113 section 3.1).
pub(crate) const H2: &[u8] = b"h2";
const HTTP_1_1: &[u8] = b"http/1.1";

/// Makes the configurations of the TLS side; kept across changes, so that clients can resume.
pub(crate) struct Tls {
    tickets: Option<Arc<dyn ProducesTickets>>,
}

impl Tls {
    pub(crate) fn new() -> Tls {
        let tickets = aws_lc_rs::Ticketer::new()
            .inspect_err(|error| tracing::warn!(%error, "no TLS session tickets: every connection is a full handshake"))
            .ok();
        Tls { tickets }
    }

    /// The configurations for these certificates.
    pub(crate) fn choice(&self, config: &Config) -> Choice {
        let certificates = &config.certificates;
        let mut by_name: HashMap<String, Arc<CertifiedKey>> = certificates
            .iter()
            .filter_map(|(host, key)| match host {
                HostName::Dns(name) => Some((name.clone(), key.clone())),
                HostName::Ip(_) => None,
            })
            .collect();
        let first = certificates.first().map(|(_, key)| key.clone());
        let proxied = config
            .trusted_proxy
            .as_ref()
            .filter(|_| config.auth == AuthMode::TrustedProxy);
        // A proxy may ask for the name that browsers use, for which we have no certificate of our own.
        if let (Some(HostName::Dns(name)), Some(first)) = (proxied.map(TrustedProxyConfig::host), &first) {
            by_name.entry(name.clone()).or_insert_with(|| first.clone());
        }
        let by_name = Arc::new(by_name);
        let authority = proxied.and_then(TrustedProxyConfig::client_authority);
        let loopback = by_name.get("localhost").cloned().or_else(|| first.clone());
        let by_address = certificates
            .iter()
            .filter_map(|(host, key)| match host {
                HostName::Ip(address) => Some((
                    *address,
                    self.server_config(&by_name, Some(key.clone()), authority),
                )),
                HostName::Dns(_) => None,
            })
            .collect();
        Choice {
            by_address,
            loopback: self.server_config(&by_name, loopback, authority),
            other: self.server_config(&by_name, first, authority),
            authority: authority.map(|authority| authority.id),
        }
    }

    fn server_config(
        &self,
        by_name: &Arc<HashMap<String, Arc<CertifiedKey>>>,
        unnamed: Option<Arc<CertifiedKey>>,
        authority: Option<&ClientAuthority>,
    ) -> Arc<ServerConfig> {
        let resolver = Resolver {
            by_name: by_name.clone(),
            unnamed,
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .expect("the provider has cipher suites for both versions")
            .with_client_cert_verifier(client_verifier(authority))
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![H2.to_vec(), HTTP_1_1.to_vec()];
        // Resumption by tickets only: nothing is kept for clients that do not come back. One ticket a connection is what
        // browsers use, and each costs an encryption and a record.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 1;
        match &self.tickets {
            // A ticket would stand for a client's certificate, also when its authority is no longer ours.
            Some(tickets) if authority.is_none() => config.ticketer = tickets.clone(),
            _ => config.send_tls13_tickets = 0,
        }
        Arc::new(config)
    }
}

/// A client that shows a certificate must have one of the authority's. One that shows none gets as far as the proof, whose refusal says
/// what is missing; see [`crate::trusted_proxy`].
fn client_verifier(authority: Option<&ClientAuthority>) -> Arc<dyn ClientCertVerifier> {
    let Some(authority) = authority else {
        return WebPkiClientVerifier::no_client_auth();
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authority.certificates.iter().cloned());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(aws_lc_rs::default_provider()))
        .allow_unauthenticated()
        .build()
        .expect("an authority has certificates, and there are no revocation lists")
}

/// Whether a handshake failed because of the certificate that the client showed.
pub(crate) fn is_about_the_clients_certificate(error: &io::Error) -> bool {
    let error = error
        .get_ref()
        .and_then(|error| error.downcast_ref::<rustls::Error>());
    matches!(error, Some(rustls::Error::InvalidCertificate(_)))
}

/// The configuration to use, by the address that the client reached: it decides what a client gets that names no host,
/// as all do that open an IP address (RFC 6066 section 3).
pub(crate) struct Choice {
    by_address: Vec<(IpAddr, Arc<ServerConfig>)>,
    loopback: Arc<ServerConfig>,
    other: Arc<ServerConfig>,
    authority: Option<AuthorityId>,
}

impl Choice {
    /// Whose certificates clients are asked for.
    pub(crate) fn authority(&self) -> Option<AuthorityId> {
        self.authority
    }

    /// For a connection that arrived at `local`.
    pub(crate) fn at(&self, local: IpAddr) -> Arc<ServerConfig> {
        let local = local.to_canonical();
        match self.by_address.iter().find(|(address, _)| *address == local) {
            Some((_, config)) => config.clone(),
            None if local.is_loopback() => self.loopback.clone(),
            None => self.other.clone(),
        }
    }
}

/// By the name the client asks for. A name that is not ours is refused: whoever asks for it was led here by somebody else.
struct Resolver {
    by_name: Arc<HashMap<String, Arc<CertifiedKey>>>,
    unnamed: Option<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name() {
            // rustls gives it in lower case.
            Some(name) => self.by_name.get(name.trim_end_matches('.')).cloned(),
            None => self.unnamed.clone(),
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("names", &self.by_name.keys())
            .finish_non_exhaustive()
    }
}
