//! Addresses to listen on, taken before anything else is started.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::busy::holder;
use crate::error::GatewayError;
use crate::tuning::BACKLOG;

/// Sockets that listen and do not accept yet.
#[derive(Debug)]
pub struct Listeners {
    pub(crate) sockets: Vec<TcpListener>,
}

impl Listeners {
    /// Listens on every one of `addresses`, or on none.
    pub(crate) fn bind(addresses: &[SocketAddr]) -> Result<Listeners, GatewayError> {
        let sockets = addresses
            .iter()
            .map(|&address| {
                let v4_twin = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
                listen(address, addresses.contains(&v4_twin)).map_err(|source| explain(address, source))
            })
            .collect::<Result<_, _>>()?;
        Ok(Listeners { sockets })
    }

    /// The addresses as bound: a port 0 has become the one the system chose.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.sockets
            .iter()
            .filter_map(|socket| socket.local_addr().ok())
            .collect()
    }
}

/// `v4_apart`: the same port is bound for IPv4 on its own, so `[::]` must leave it alone.
fn listen(address: SocketAddr, v4_apart: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if let IpAddr::V6(ip) = address.ip() {
        socket.set_only_v6(!ip.is_unspecified() || v4_apart)?;
    }
    // Without it a restart fails for a minute while the old connections are in TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn explain(address: SocketAddr, source: io::Error) -> GatewayError {
    match source.kind() {
        ErrorKind::AddrInUse => GatewayError::PortBusy {
            address,
            holder: holder(address.port()),
        },
        ErrorKind::PermissionDenied => GatewayError::PortNotPermitted { address },
        ErrorKind::AddrNotAvailable => GatewayError::AddressUnknown { address },
        _ => GatewayError::Listen { address, source },
    }
}
