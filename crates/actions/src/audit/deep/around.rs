//! Ways to the editor that do not lead through the door.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use doorcode_audit::{Attack, Attempt, Outcome};
use doorcode_settings::Paths;

use crate::audit::network::open_to_all;

/// Looks whether everybody can open the editor's socket, and whether it listens on a port.
pub(super) fn attempt(paths: &Paths, editor: Option<u32>) -> Attempt {
    let socket = paths.editor_socket();
    let (answer, outcome) = if !socket.exists() {
        ("it does not run".to_owned(), Outcome::Refused)
    } else if open_to_all(&socket) {
        ("every user can connect".to_owned(), Outcome::GotThrough)
    } else {
        match editor.map(listening).unwrap_or_default().as_slice() {
            [] => (
                "nobody but you can connect, and it listens on no port".to_owned(),
                Outcome::Refused,
            ),
            ports => {
                let named: Vec<String> = ports.iter().map(SocketAddr::to_string).collect();
                (format!("it listens on {}", named.join(", ")), Outcome::GotThrough)
            }
        }
    };
    Attempt {
        attack: Attack::DirectEditor,
        at: socket.display().to_string(),
        sent: "a look at who can connect to the editor".to_owned(),
        answer,
        outcome,
    }
}

/// TCP addresses that code-server itself listens on: its wrapper and the server below it. What runs in terminals is further
/// down. Nothing where the system does not tell.
fn listening(editor: u32) -> Vec<SocketAddr> {
    let mut processes = vec![editor];
    processes.extend(children(editor));
    let sockets: HashSet<u64> = processes.into_iter().flat_map(sockets).collect();
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(listener).collect::<Vec<_>>())
        .filter(|(_, inode)| sockets.contains(inode))
        .map(|(address, _)| address)
        .collect()
}

fn children(parent: u32) -> Vec<u32> {
    let file = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

fn sockets(process: u32) -> Vec<u64> {
    let entries = std::fs::read_dir(format!("/proc/{process}/fd"))
        .into_iter()
        .flatten()
        .flatten();
    let links = entries.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    links
        .filter_map(|link| {
            link.to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .parse()
                .ok()
        })
        .collect()
}

/// A line of /proc/net/tcp (proc_pid_net(5)) whose state is LISTEN: its address and its inode.
fn listener(line: &str) -> Option<(SocketAddr, u64)> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = fields.get(1)?.split_once(':')?;
    if *fields.get(3)? != LISTEN {
        return None;
    }
    // Words of four bytes, each in the machine's own order.
    let words =
        (0..address.len() / 8).map(|at| u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok());
    let bytes: Vec<u8> = words
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .flat_map(u32::to_ne_bytes)
        .collect();
    let v4 = <[u8; 4]>::try_from(&bytes[..]).map(|bytes| IpAddr::from(Ipv4Addr::from(bytes)));
    let v6 = || <[u8; 16]>::try_from(&bytes[..]).map(|bytes| IpAddr::from(Ipv6Addr::from(bytes)));
    let ip = v4.or_else(|_| v6()).ok()?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some((SocketAddr::new(ip, port), fields.get(9)?.parse().ok()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_process_that_listens_is_found_out_with_its_address() {
        let v4 = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let v6 = TcpListener::bind("[::1]:0").expect("a free port");
        let found = listening(std::process::id());
        for listener in [v4, v6] {
            let address = listener.local_addr().expect("bound");
            assert!(found.contains(&address), "{address} is not in {found:?}");
        }
    }
}
