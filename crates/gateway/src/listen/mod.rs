//! Addresses to listen on, taken before anything else is started.

mod tcp;
mod unix;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use doorcode_settings::ListenAddress;
use tokio::net::{TcpListener, UnixListener};

use crate::error::GatewayError;
use crate::socket::{Peer, Socket};

pub(crate) use unix::SocketFile;

/// Sockets that listen and do not accept yet.
#[derive(Debug)]
pub struct Listeners {
    sockets: Vec<Bound>,
}

#[derive(Debug)]
enum Bound {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener, SocketFile),
}

impl Listeners {
    /// Listens on every one of `addresses`, or on none. Blocking, but not for long.
    pub(crate) fn bind(addresses: &[ListenAddress]) -> Result<Listeners, GatewayError> {
        let bind = |address: &ListenAddress| match address {
            ListenAddress::Tcp(address) => {
                let v4_twin = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
                tcp::listen(*address, addresses.contains(&ListenAddress::Tcp(v4_twin))).map(Bound::Tcp)
            }
            ListenAddress::Unix(path) => {
                unix::listen(path).map(|(listener, file)| Bound::Unix(listener, file))
            }
        };
        let sockets = addresses.iter().map(bind).collect::<Result<_, _>>()?;
        Ok(Listeners { sockets })
    }

    /// The IP addresses as bound: a port 0 has become the one the system chose.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.addresses().iter().filter_map(ListenAddress::tcp).collect()
    }

    /// All addresses as bound, unix sockets too.
    pub fn addresses(&self) -> Vec<ListenAddress> {
        let address = |socket: &Bound| match socket {
            Bound::Tcp(listener) => listener.local_addr().ok().map(ListenAddress::Tcp),
            Bound::Unix(_, file) => Some(ListenAddress::Unix(file.path().to_owned())),
        };
        self.sockets.iter().filter_map(address).collect()
    }

    /// To accept with on this runtime. A socket that it cannot watch is told to the log and left out: so few are open that this is not
    /// about limits.
    pub(crate) fn watch(self) -> Vec<Listener> {
        let watch = |socket| match socket {
            Bound::Tcp(listener) => TcpListener::from_std(listener).map(Listener::Tcp),
            Bound::Unix(listener, file) => UnixListener::from_std(listener).map(|listener| Listener::Unix {
                listener,
                _file: file,
            }),
        };
        self.sockets
            .into_iter()
            .filter_map(|socket| {
                watch(socket)
                    .inspect_err(|error| tracing::error!(%error, "an address is not served"))
                    .ok()
            })
            .collect()
    }
}

/// A socket that accepts.
#[derive(Debug)]
pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix {
        listener: UnixListener,
        /// It goes when the listener does.
        _file: SocketFile,
    },
}

impl Listener {
    pub(crate) async fn accept(&self) -> io::Result<(Socket, Peer)> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                Ok((Socket::Tcp(stream), Peer::Address(peer)))
            }
            Listener::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                Ok((Socket::Unix(stream), Peer::Unix))
            }
        }
    }
}
