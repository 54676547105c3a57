//! Why a gateway does not start.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::busy::PortHolder;
use doorcode_settings::Problem;
use thiserror::Error;

/// Why an address cannot be listened on, or nobody can be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// Another socket listens there.
    #[error("{address} is in use{}", by(.holder.as_ref()))]
    PortBusy {
        /// The address.
        address: SocketAddr,
        /// Who holds it, where the system tells.
        holder: Option<PortHolder>,
    },
    /// Ports below 1024 need a privilege.
    #[error("listening on {address} is not permitted")]
    PortNotPermitted {
        /// The address.
        address: SocketAddr,
    },
    /// No interface of this machine has it.
    #[error("{address} is not an address of this machine")]
    AddressUnknown {
        /// The address.
        address: SocketAddr,
    },
    /// Anything else.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Another process answers at the unix socket.
    #[error("{} is in use", .path.display())]
    SocketBusy {
        /// The socket.
        path: PathBuf,
    },
    /// Something that is no socket has its name.
    #[error("{} is there already, and is no socket", .path.display())]
    SocketInTheWay {
        /// The file.
        path: PathBuf,
    },
    /// Its folder is missing, or not safe.
    #[error("the folder of {} cannot be used: {reason}", .path.display())]
    SocketFolder {
        /// The socket.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Anything else about a unix socket.
    #[error("cannot listen on {}: {source}", .path.display())]
    ListenSocket {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no threads, or nothing to wait for sockets with.
    #[error("cannot start the threads that serve connections: {0}")]
    Threads(#[source] io::Error),
}

fn by(holder: Option<&PortHolder>) -> String {
    holder.map(|holder| format!(" by {holder}")).unwrap_or_default()
}

impl From<&GatewayError> for Problem {
    fn from(error: &GatewayError) -> Problem {
        let (code, fix) = match error {
            GatewayError::PortBusy { address, holder } => {
                ("port_busy", free_the_port(address.port(), holder.as_ref()))
            }
            GatewayError::PortNotPermitted { .. } => (
                "port_not_permitted",
                "choose a port above 1023 in gateway.listen: doorcode settings edit".to_owned(),
            ),
            GatewayError::AddressUnknown { .. } => (
                "address_unknown",
                "correct gateway.listen: doorcode settings edit".to_owned(),
            ),
            GatewayError::Listen { .. } => ("listen_failed", "doorcode settings show".to_owned()),
            GatewayError::SocketBusy { path } => ("socket_busy", show_socket(path)),
            GatewayError::SocketInTheWay { path } => {
                ("socket_in_the_way", format!("ls -l '{}'", path.display()))
            }
            GatewayError::SocketFolder { path, .. } => {
                let folder = path.parent().unwrap_or(path).display();
                // The group is the proxy's.
                (
                    "socket_folder",
                    format!("install -d -m 2750 -g GROUP_OF_THE_PROXY '{folder}'"),
                )
            }
            GatewayError::ListenSocket { path, .. } => {
                ("listen_failed", format!("ls -l '{}'", path.display()))
            }
            GatewayError::Threads(_) => ("threads_unavailable", "ulimit -a".to_owned()),
        };
        Problem::new(code, error.to_string(), fix)
    }
}

fn show_socket(path: &Path) -> String {
    format!(
        "lsof '{}' shows who; or choose another path in gateway.listen: doorcode settings edit",
        path.display()
    )
}

fn free_the_port(port: u16, holder: Option<&PortHolder>) -> String {
    const ELSEWHERE: &str = "or choose another port in gateway.listen: doorcode settings edit";
    if let Some(PortHolder { process, .. }) = holder {
        return format!(
            "see what it is with `ps -fp {process}`; if it may go, end it with `kill {process}` and run `doorcode up`; {ELSEWHERE}"
        );
    }
    let show = if cfg!(target_os = "linux") {
        format!("ss -ltnp 'sport = :{port}'")
    } else {
        format!("lsof -nP -iTCP:{port} -sTCP:LISTEN")
    };
    format!("{show} shows who; {ELSEWHERE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_names_address_and_holder() {
        let address: SocketAddr = "127.0.0.1:8443".parse().expect("an address");
        let error = GatewayError::PortBusy {
            address,
            holder: Some(PortHolder {
                name: "nginx".into(),
                process: 12,
            }),
        };
        let problem = Problem::from(&error);
        assert_eq!(problem.code, "port_busy");
        assert_eq!(problem.message, "127.0.0.1:8443 is in use by nginx (process 12)");
        assert!(problem.fix.contains("`kill 12`"), "{}", problem.fix);
        let unknown = Problem::from(&GatewayError::PortBusy {
            address,
            holder: None,
        });
        assert!(unknown.fix.contains("8443"), "{}", unknown.fix);
    }
}
