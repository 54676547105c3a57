//! The TLS side: versions, ALPN, and which certificate a client gets.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use doorcode_settings::HostName;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, NoServerSessionStorage, ProducesTickets, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::Config;

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
        let by_name: HashMap<String, Arc<CertifiedKey>> = certificates
            .iter()
            .filter_map(|(host, key)| match host {
                HostName::Dns(name) => Some((name.clone(), key.clone())),
                HostName::Ip(_) => None,
            })
            .collect();
        let by_name = Arc::new(by_name);
        let first = certificates.first().map(|(_, key)| key.clone());
        let loopback = by_name.get("localhost").cloned().or_else(|| first.clone());
        let by_address = certificates
            .iter()
            .filter_map(|(host, key)| match host {
                HostName::Ip(address) => Some((*address, self.server_config(&by_name, Some(key.clone())))),
                HostName::Dns(_) => None,
            })
            .collect();
        Choice {
            by_address,
            loopback: self.server_config(&by_name, loopback),
            other: self.server_config(&by_name, first),
        }
    }

    fn server_config(
        &self,
        by_name: &Arc<HashMap<String, Arc<CertifiedKey>>>,
        unnamed: Option<Arc<CertifiedKey>>,
    ) -> Arc<ServerConfig> {
        let resolver = Resolver {
            by_name: by_name.clone(),
            unnamed,
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .expect("the provider has cipher suites for both versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![H2.to_vec(), HTTP_1_1.to_vec()];
        // Resumption by tickets only: nothing is kept for clients that do not come back. One ticket a connection is what
        // browsers use, and each costs an encryption and a record.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 1;
        match &self.tickets {
            Some(tickets) => config.ticketer = tickets.clone(),
            None => config.send_tls13_tickets = 0,
        }
        Arc::new(config)
    }
}

/// The configuration to use, by the address that the client reached: it decides what a client gets that names no host,
/// as all do that open an IP address (RFC 6066 section 3).
pub(crate) struct Choice {
    by_address: Vec<(IpAddr, Arc<ServerConfig>)>,
    loopback: Arc<ServerConfig>,
    other: Arc<ServerConfig>,
}

impl Choice {
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
