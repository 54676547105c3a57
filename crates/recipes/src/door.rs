//! Where the proxy finds the door, and how it knows that it is the door.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use doorcode_settings::{HostName, ListenAddress, Problem, Settings, Tls};

use crate::quote;

/// The door as the proxy sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Door {
    pub(crate) at: At,
    pub(crate) tls: DoorTls,
}

/// Where it listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// A path, fit for a configuration file.
    Unix(String),
    Tcp(SocketAddr),
}

/// What protects the way from the proxy to the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DoorTls {
    Off,
    /// A certificate that a root of our own vouches for: the one of this host.
    OwnRoot {
        server_name: HostName,
    },
    /// A certificate of a real authority.
    RealAuthority {
        server_name: HostName,
    },
}

impl Door {
    /// The unix socket where there is one and the proxy can use it, else the first address.
    ///
    /// # Errors
    /// There is only a socket and the proxy cannot use it; the port is not fixed; the path cannot be written.
    pub(crate) fn of(settings: &Settings, unix: bool, proxy: &str) -> Result<Door, Problem> {
        let listen = &settings.gateway.listen;
        let socket = listen.iter().find_map(|address| match address {
            ListenAddress::Unix(path) => Some(path),
            ListenAddress::Tcp(_) => None,
        });
        let at = match (socket, listen.iter().find_map(ListenAddress::tcp)) {
            (Some(path), _) if unix => At::Unix(quote::path(path)?.to_owned()),
            (_, Some(address)) if address.port() == 0 => {
                return Err(Problem::new(
                    "recipe_port_unknown",
                    format!(
                        "gateway.listen has {address}, whose port is another one at each start: a proxy cannot be told it"
                    ),
                    "doorcode settings edit",
                ));
            }
            (_, Some(address)) => At::Tcp(reachable(address)),
            (_, None) => {
                return Err(Problem::new(
                    "recipe_needs_tcp",
                    format!(
                        "{proxy} cannot connect to a unix socket, and gateway.listen names no other address"
                    ),
                    "add an address such as \"127.0.0.1:8443\" to gateway.listen: doorcode settings edit",
                ));
            }
        };
        let tls = match settings.tls {
            Tls::Off => DoorTls::Off,
            Tls::SelfSigned => DoorTls::OwnRoot {
                server_name: server_name(settings),
            },
            Tls::Custom { .. } => DoorTls::RealAuthority {
                server_name: server_name(settings),
            },
        };
        Ok(Door { at, tls })
    }

    /// `http` or `https`.
    pub(crate) fn scheme(&self) -> &'static str {
        match self.tls {
            DoorTls::Off => "http",
            _ => "https",
        }
    }

    /// The name on its certificate, where it has one.
    pub(crate) fn server_name(&self) -> Option<&HostName> {
        match &self.tls {
            DoorTls::Off => None,
            DoorTls::OwnRoot { server_name } | DoorTls::RealAuthority { server_name } => Some(server_name),
        }
    }

    /// Whether whoever connects to it stands on the same machine.
    pub(crate) fn is_local(&self) -> bool {
        match &self.at {
            At::Unix(_) => true,
            At::Tcp(address) => address.ip().is_loopback(),
        }
    }
}

/// The host of the certificate to ask for: the public one where the door has it, else a name rather than an address, because
/// nginx compares names only.
fn server_name(settings: &Settings) -> HostName {
    let hosts = &settings.gateway.hosts;
    let keys = &settings.auth.trusted_proxy_keys;
    let public = keys.public_url.as_ref().map(|url| url.host());
    hosts
        .iter()
        .find(|host| Some(*host) == public)
        .or_else(|| hosts.iter().find(|host| matches!(host, HostName::Dns(_))))
        .or(hosts.first())
        .expect("settings have at least one host")
        .clone()
}

/// What connects to the door when it listens on every address: loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
