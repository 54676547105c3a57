//! The editor's extension hosts, and which of them no window holds any more.
//!
//! A window of the editor has an extension host of its own, a process of 100 MB and more. When the window's browser is
//! gone without a goodbye, the host lingers for the time in which the window could come back: three hours.
//!
//! Whether a window holds a host shows in the host itself: code-server hands it the connection on which its window came
//! in (`ExtensionHostConnection` in code-server's out/server-main.js), and that is a connection to the editor's own socket.
//! The host of a living window has one, the host of a window that is gone has none, and gets another when its window comes
//! back. A host of which this cannot be known counts as held.
//!
//! Its file watcher is not ended with it: code-server starts another one at once.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tracing::warn;

use crate::process::{self, Identity, Process};
use crate::tree;

/// How long a host may take to end by itself.
const TERM_LIMIT: Duration = Duration::from_secs(5);
/// How long the kernel may take to end one.
const KILL_LIMIT: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What every extension host has on its command line.
const ARGUMENT: &str = "--type=extensionHost";
/// What is in the environment of those that are handed their window's connection.
const IS_HANDED_ITS_CONNECTION: &str = "VSCODE_EXTHOST_WILL_SEND_SOCKET=1";

/// An extension host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionHost {
    /// The process.
    pub id: Identity,
    /// Resident memory of it and all that its extensions have started, bytes.
    pub rss: u64,
    /// Whether a window holds it; also when that cannot be known.
    pub held: bool,
}

/// What ending hosts brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freed {
    /// How many hosts have ended.
    pub hosts: usize,
    /// Resident memory that they, and what ended with them, had used, bytes.
    pub bytes: u64,
}

/// The extension hosts of the editor whose parent process is `pid` and which listens at `socket`. Blocks for some
/// milliseconds.
pub fn extension_hosts(pid: u32, socket: &Path) -> Vec<ExtensionHost> {
    let processes = tree::tree(pid);
    let hosts: Vec<&Process> = processes
        .iter()
        .filter(|process| is_host(process.id.pid))
        .collect();
    if hosts.is_empty() {
        return Vec::new();
    }
    let connections = process::connections_at(pid, socket);
    hosts
        .into_iter()
        .map(|host| ExtensionHost {
            id: host.id,
            rss: with_descendants(host.id.pid, &processes)
                .map(|process| process.rss)
                .sum(),
            held: is_held(host.id.pid, connections.as_ref()),
        })
        .collect()
}

/// Ends those of `hosts` that no window holds at this moment: SIGTERM, and SIGKILL after 5 s. Blocks until they are gone.
pub fn end_extension_hosts(pid: u32, socket: &Path, hosts: &[Identity]) -> Freed {
    let before = tree::tree(pid);
    let doomed: Vec<Identity> = extension_hosts(pid, socket)
        .into_iter()
        .filter(|host| !host.held && hosts.contains(&host.id))
        .map(|host| host.id)
        .collect();
    let families: Vec<Process> = doomed
        .iter()
        .flat_map(|host| with_descendants(host.pid, &before))
        .copied()
        .collect();
    for (signal, limit) in [(Signal::SIGTERM, TERM_LIMIT), (Signal::SIGKILL, KILL_LIMIT)] {
        for host in &doomed {
            if let Err(error) = process::signal(*host, signal) {
                warn!(pid = host.pid, %signal, %error, "cannot signal an extension host");
            }
        }
        let deadline = Instant::now() + limit;
        while doomed.iter().any(|host| process::is_alive(*host)) && Instant::now() < deadline {
            std::thread::sleep(LOOK_EVERY);
        }
    }
    Freed {
        hosts: doomed.iter().filter(|host| !process::is_alive(**host)).count(),
        bytes: families
            .iter()
            .filter(|process| !process::is_alive(process.id))
            .map(|process| process.rss)
            .sum(),
    }
}

fn is_host(pid: u32) -> bool {
    process::arguments(pid)
        .iter()
        .any(|argument| argument == ARGUMENT)
}

/// `connections` are those to the editor's socket, when they are known.
fn is_held(pid: u32, connections: Option<&HashSet<u64>>) -> bool {
    let (Some(connections), true) = (
        connections,
        process::was_started_with(pid, IS_HANDED_ITS_CONNECTION),
    ) else {
        return true;
    };
    process::sockets(pid).is_none_or(|held| held.iter().any(|socket| connections.contains(socket)))
}

/// A process and everything below it.
fn with_descendants(pid: u32, all: &[Process]) -> impl Iterator<Item = &Process> {
    let mut family = HashSet::from([pid]);
    // A child may be listed before its parent.
    loop {
        let before = family.len();
        let children = all.iter().filter(|process| family.contains(&process.parent));
        let children: Vec<u32> = children.map(|process| process.id.pid).collect();
        family.extend(children);
        if family.len() == before {
            break;
        }
    }
    all.iter().filter(move |process| family.contains(&process.id.pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32) -> Process {
        Process {
            id: Identity { pid, started: 1 },
            parent,
            group: 1,
            session: 1,
            terminal: None,
            rss: 1,
        }
    }

    #[test]
    fn a_family_is_everybody_below_in_whatever_order() {
        let all = [
            process(5, 4),
            process(4, 2),
            process(2, 1),
            process(3, 1),
            process(6, 3),
        ];
        let mut family: Vec<u32> = with_descendants(2, &all).map(|process| process.id.pid).collect();
        family.sort_unstable();
        assert_eq!(family, [2, 4, 5]);
    }

    #[test]
    fn a_host_of_which_nothing_is_known_counts_as_held() {
        assert!(
            is_held(std::process::id(), Some(&HashSet::new())),
            "not started as a host is"
        );
        assert!(is_held(std::process::id(), None));
    }
}
