//! Listening on an IP address.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::busy::holder;
use crate::error::GatewayError;
use crate::tuning::BACKLOG;

/// `v4_apart`: the same port is bound for IPv4 on its own, so `[::]` must leave it alone.
pub(super) fn listen(address: SocketAddr, v4_apart: bool) -> Result<TcpListener, GatewayError> {
    open(address, v4_apart).map_err(|source| explain(address, source))
}

fn open(address: SocketAddr, v4_apart: bool) -> io::Result<TcpListener> {
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
