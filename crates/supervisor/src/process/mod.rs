//! The processes of this machine: who is whose child, in which session, at which terminal; and a signal that cannot hit a
//! stranger who was given the number of a process that has ended.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;

/// A living process as the system describes it. One that has ended and only waits to be collected (a zombie) counts as gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// The process.
    pub id: Identity,
    /// The process id of its parent: 1, or a reaper of the system's, once its own parent has ended.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session: the process id of the session's leader, which may have ended.
    pub session: u32,
    /// The device number of its controlling terminal.
    pub terminal: Option<u32>,
    /// Resident memory in bytes; pages shared with others count in full.
    pub rss: u64,
}

/// One process and no other: a process id is given to a new process sooner or later, the pair is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// When it was started: clock ticks since the system's start on Linux, seconds since 1970 on macOS.
    pub started: u64,
}

/// Every living process, by process id.
///
/// # Errors
/// When the system's process table cannot be read at all; a process that ends meanwhile is left out.
pub(crate) fn all() -> io::Result<HashMap<u32, Process>> {
    system::all()
}

/// The living process with this id, if there is one.
pub(crate) fn find(pid: u32) -> Option<Process> {
    system::find(pid)
}

/// Whether this very process lives.
pub(crate) fn is_alive(id: Identity) -> bool {
    find(id.pid).is_some_and(|process| process.id == id)
}

/// Sends a signal to this very process; one that has ended is none of our concern.
///
/// # Errors
/// When the system refuses, as for a process that now belongs to somebody else.
pub(crate) fn signal(id: Identity, signal: Signal) -> io::Result<()> {
    system::signal(id, signal)
}

/// Whether the process was started with exactly this `NAME=value` in its environment. False when that cannot be known.
pub(crate) fn was_started_with(pid: u32, variable: &str) -> bool {
    system::was_started_with(pid, variable)
}

/// The arguments a process was started with; empty when they cannot be known.
pub(crate) fn arguments(pid: u32) -> Vec<String> {
    system::arguments(pid)
}

/// The server's ends of the connections to the unix socket that listens at `path`, by inode, as `pid` sees them; none when
/// that cannot be known, or when nothing listens there.
pub(crate) fn connections_at(pid: u32, path: &Path) -> Option<HashSet<u64>> {
    system::connections_at(pid, path)
}

/// The sockets that a process has open, by inode; none when they cannot be known.
pub(crate) fn sockets(pid: u32) -> Option<HashSet<u64>> {
    system::sockets(pid)
}

/// The resident memory of this very process, bytes.
pub fn own_rss() -> Option<u64> {
    find(std::process::id()).map(|process| process.rss)
}

/// What tells one run of the system from the next: start times are comparable only within one.
///
/// # Errors
/// When the system does not say.
pub(crate) fn boot_id() -> io::Result<String> {
    system::boot_id()
}

/// Sends a signal by number, right after a check that the number still means the same process.
fn signal_by_number(id: Identity, signal: Signal) -> io::Result<()> {
    if !is_alive(id) {
        return Ok(());
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(id.pid).map_err(io::Error::other)?);
    match nix::sys::signal::kill(pid, signal) {
        Ok(()) | Err(nix::errno::Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
