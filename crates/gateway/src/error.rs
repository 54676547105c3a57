//! Why a gateway does not start.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::busy::{PortHolder, Process};
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
                ("port_busy", free_the_port(*address, holder.as_ref()))
            }
            GatewayError::PortNotPermitted { .. } => (
                "port_not_permitted",
                "choose a port above 1023, such as `listen = [\"127.0.0.1:8443\"]` under [gateway]: `doorcode settings edit`, then \
                 `doorcode up`"
                    .to_owned(),
            ),
            GatewayError::AddressUnknown { .. } => (
                "address_unknown",
                "correct listen under [gateway] (`ip -brief address` shows what this machine has): `doorcode settings edit`, then \
                 `doorcode up`"
                    .to_owned(),
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
        "`lsof '{}'` shows who; end it, or choose another path in listen under [gateway]: `doorcode settings edit`, then `doorcode up`",
        path.display()
    )
}

/// Both ways out: the other program ends, or Doorcode goes elsewhere.
fn free_the_port(address: SocketAddr, holder: Option<&PortHolder>) -> String {
    let port = address.port();
    let show = if cfg!(target_os = "linux") {
        format!("sudo ss -ltnp 'sport = :{port}'")
    } else {
        format!("sudo lsof -nP -iTCP:{port} -sTCP:LISTEN")
    };
    let end = match holder {
        Some(PortHolder {
            ours: true,
            process: Some(Process { id, .. }),
            ..
        }) => {
            format!(
                "`ps -fp {id}` shows what it was started as; if it may go, end it: `kill {id}`, then `doorcode up`"
            )
        }
        Some(PortHolder {
            user,
            process: Some(Process { id, .. }),
            ..
        }) => {
            format!(
                "ask the user {user} to end it, or do so as an administrator: `sudo kill {id}`, then `doorcode up`"
            )
        }
        Some(PortHolder { user, .. }) => {
            format!(
                "`{show}` shows its process id; ask the user {user} to end it, or do so as an administrator: `sudo kill PID`, then `doorcode up`"
            )
        }
        None => format!("`{show}` shows who it is; if it may go, end it: `kill PID`, then `doorcode up`"),
    };
    let other = SocketAddr::new(address.ip(), port.checked_add(1).unwrap_or(8443));
    format!(
        "{end}. Or have Doorcode listen on another port, which is then in its address as well: `doorcode settings edit`, under [gateway] \
         `listen = [\"{other}\"]`, then `doorcode up`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(user: &str, ours: bool, process: Option<u32>) -> Problem {
        Problem::from(&GatewayError::PortBusy {
            address: "127.0.0.1:8443".parse().expect("an address"),
            holder: Some(PortHolder {
                user: user.into(),
                ours,
                process: process.map(|id| Process {
                    name: "nginx".into(),
                    id,
                    since: Some(time::OffsetDateTime::UNIX_EPOCH),
                }),
            }),
        })
    }

    #[test]
    fn a_busy_port_names_address_and_holder_and_both_ways_out() {
        let problem = said("you", true, Some(12));
        assert_eq!(problem.code, "port_busy");
        assert_eq!(
            problem.message,
            "127.0.0.1:8443 is in use by nginx (process 12, of the user you, since 1970-01-01 00:00 UTC)"
        );
        for part in ["`kill 12`", "`listen = [\"127.0.0.1:8444\"]`", "`doorcode up`"] {
            assert!(problem.fix.contains(part), "{}", problem.fix);
        }
    }

    #[test]
    fn what_is_somebody_elses_is_not_ended_without_asking() {
        let seen = said("www-data", false, Some(12));
        assert!(seen.fix.contains("ask the user www-data"), "{}", seen.fix);
        assert!(seen.fix.contains("`sudo kill 12`"), "{}", seen.fix);
        let unseen = said("www-data", false, None);
        assert!(
            unseen.message.ends_with("by a program of the user www-data"),
            "{unseen}"
        );
        assert!(unseen.fix.contains("ask the user www-data"), "{}", unseen.fix);
        let unknown = Problem::from(&GatewayError::PortBusy {
            address: "127.0.0.1:8443".parse().expect("an address"),
            holder: None,
        });
        assert!(unknown.fix.contains(":8443"), "{}", unknown.fix);
    }
}
