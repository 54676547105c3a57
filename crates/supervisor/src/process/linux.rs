//! Linux: `/proc/<pid>/stat` (proc_pid_stat(5)) and process file descriptors (pidfd_open(2), Linux 5.3).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use nix::sys::signal::Signal;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};

use super::{Identity, Process, signal_by_number};

pub(super) fn all() -> io::Result<HashMap<u32, Process>> {
    let numbers = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(numbers.filter_map(|pid| Some((pid, find(pid)?))).collect())
}

pub(super) fn find(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parse(&stat, rustix::param::page_size() as u64)
}

/// Through a file descriptor of the process, which never means another one; by number where the kernel has none.
pub(super) fn signal(id: Identity, signal: Signal) -> io::Result<()> {
    let number = i32::try_from(id.pid).ok().and_then(Pid::from_raw);
    let handle = match number.map(|pid| pidfd_open(pid, PidfdFlags::empty())) {
        Some(Ok(handle)) => handle,
        None | Some(Err(Errno::SRCH)) => return Ok(()),
        Some(Err(_)) => return signal_by_number(id, signal),
    };
    if !super::is_alive(id) {
        return Ok(());
    }
    match pidfd_send_signal(&handle, to_rustix(signal)) {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn was_started_with(pid: u32, variable: &str) -> bool {
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
        return false;
    };
    environment
        .split(|byte| *byte == 0)
        .any(|entry| entry == variable.as_bytes())
}

pub(super) fn arguments(pid: u32) -> Vec<String> {
    let text = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let arguments = text.split(|byte| *byte == 0);
    arguments
        .map(|argument| String::from_utf8_lossy(argument).into_owned())
        .collect()
}

pub(super) fn connections_at(pid: u32, path: &Path) -> Option<HashSet<u64>> {
    // Of the process' own network namespace.
    let table = fs::read_to_string(format!("/proc/{pid}/net/unix")).ok()?;
    connections(&table, path.to_str()?)
}

pub(super) fn sockets(pid: u32) -> Option<HashSet<u64>> {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let targets = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    Some(targets.filter_map(|target| inode(target.to_str()?)).collect())
}

/// The inode in `socket:[12345]`.
fn inode(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The connected sockets at `path` in a table as `/proc/net/unix` (proc_pid_net(5)); none when no socket listens there.
fn connections(table: &str, path: &str) -> Option<HashSet<u64>> {
    const LISTENS: u32 = 0x1_0000;
    const CONNECTED: &str = "03";
    let mut is_there = false;
    let mut connected = HashSet::new();
    for line in table.lines() {
        // Num RefCount Protocol Flags Type St Inode Path, the numbers padded with spaces.
        let Some(line) = line.strip_suffix(path) else {
            continue;
        };
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, _, _, flags, _, state, inode] = *fields else {
            continue;
        };
        is_there |= u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & LISTENS != 0);
        if state == CONNECTED {
            connected.extend(inode.parse::<u64>().ok());
        }
    }
    is_there.then_some(connected)
}

pub(super) fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?
        .trim()
        .to_owned())
}

fn to_rustix(signal: Signal) -> rustix::process::Signal {
    rustix::process::Signal::from_named_raw(signal as i32).expect("every signal of nix has a name")
}

/// The fields of `/proc/<pid>/stat`; none for a zombie or a line that is not one.
fn parse(stat: &str, page_size: u64) -> Option<Process> {
    // The name is in parentheses and may hold spaces and parentheses of its own.
    let (head, tail) = stat.rsplit_once(')')?;
    let pid = head.split(' ').next()?.parse().ok()?;
    // The third field of the line, the state, is the first one here.
    let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X" | "x") {
        return None;
    }
    let number = |field: usize| fields.get(field - 3)?.parse::<i64>().ok();
    let terminal = number(7)?;
    Some(Process {
        id: Identity {
            pid,
            started: u64::try_from(number(22)?).ok()?,
        },
        parent: u32::try_from(number(4)?).ok()?,
        // -1 and 0 in a process that is being torn down.
        group: u32::try_from(number(5)?).unwrap_or_default(),
        session: u32::try_from(number(6)?).unwrap_or_default(),
        terminal: (terminal != 0).then_some(terminal as u32),
        rss: u64::try_from(number(24)?).unwrap_or_default() * page_size,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let line = "42 (a) R (b c) S 7 41 40 34816 41 4194304 1 2 3 4 5 6 7 8 20 0 1 0 999 1000 25 18446744073709551615";
        let expected = Process {
            id: Identity {
                pid: 42,
                started: 999,
            },
            parent: 7,
            group: 41,
            session: 40,
            terminal: Some(34816),
            rss: 25 * 4096,
        };
        assert_eq!(parse(line, 4096), Some(expected));
    }

    #[test]
    fn zombies_and_rubbish_are_no_processes() {
        let zombie = "42 (sh) Z 7 41 40 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 999 0 0 18446744073709551615";
        for line in [zombie, "", "42", "42 (sh)", "42 (sh) S", "x (sh) S 1 1 1 0"] {
            assert_eq!(parse(line, 4096), None, "{line:?}");
        }
    }

    #[test]
    fn connections_are_those_at_the_very_path_while_something_listens_there() {
        let table = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            ffff0: 00000002 00000000 00010000 0001 01 2623100 /run/a b/editor.sock\n\
            ffff1: 00000003 00000000 00000000 0001 03 2623101 /run/a b/editor.sock\n\
            ffff2: 00000003 00000000 00000000 0001 03 2623102 /run/other/editor.sock\n\
            ffff3: 00000003 00000000 00000000 0001 03 2623103\n";
        assert_eq!(
            connections(table, "/run/a b/editor.sock"),
            Some(HashSet::from([2623101]))
        );
        assert_eq!(
            connections(table, "/run/other/editor.sock"),
            None,
            "nothing listens"
        );
        assert_eq!(
            connections(table, "b/editor.sock"),
            None,
            "the end of a path is another path"
        );
    }

    #[test]
    fn a_connection_is_found_at_the_process_that_holds_it() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("a socket");
        let listener = std::os::unix::net::UnixListener::bind(&path).expect("listening");
        let us = std::process::id();
        assert_eq!(connections_at(us, &path), Some(HashSet::new()));
        let client = std::os::unix::net::UnixStream::connect(&path).expect("connected");
        let (server, _) = listener.accept().expect("accepted");
        let ends = connections_at(us, &path).expect("something listens");
        assert_eq!(ends.len(), 1);
        assert!(sockets(us).expect("our own").is_superset(&ends));
        drop((server, client));
        assert!(sockets(us).expect("our own").is_disjoint(&ends));
        assert!(!arguments(us).is_empty());
    }

    #[test]
    fn this_process_is_found_with_its_environment_and_not_under_another_start_time() {
        let us = find(std::process::id()).expect("this process lives");
        assert!(us.rss > 0);
        assert!(all().expect("/proc is readable").contains_key(&us.id.pid));
        assert!(!super::super::is_alive(Identity {
            started: us.id.started + 1,
            ..us.id
        }));
        let (name, value) = std::env::vars().next().expect("tests have an environment");
        assert!(was_started_with(us.id.pid, &format!("{name}={value}")));
        assert!(!was_started_with(us.id.pid, &format!("{name}={value} and more")));
    }

    #[test]
    fn a_signal_for_a_process_that_has_ended_does_not_reach_the_one_with_its_number() {
        let us = find(std::process::id()).expect("this process lives");
        // Would end this test if it arrived.
        signal(
            Identity {
                started: us.id.started + 1,
                ..us.id
            },
            Signal::SIGKILL,
        )
        .expect("nobody to refuse it");
        signal_by_number(
            Identity {
                started: us.id.started + 1,
                ..us.id
            },
            Signal::SIGKILL,
        )
        .expect("the same");
    }
}
