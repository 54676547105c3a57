//! macOS: the `ps` and `sysctl` that come with it. Written from their manual pages; unverified, for want of a machine.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use nix::unistd::{Pid, getsid};
use time::PrimitiveDateTime;
use time::macros::format_description;

use super::{Identity, Process, signal_by_number};

pub(super) fn all() -> io::Result<HashMap<u32, Process>> {
    let text = ps(&["-axo", COLUMNS])?;
    Ok(text
        .lines()
        .filter_map(parse)
        .map(|process| (process.id.pid, process))
        .collect())
}

pub(super) fn find(pid: u32) -> Option<Process> {
    let text = ps(&["-o", COLUMNS, "-p", &pid.to_string()]).ok()?;
    text.lines().find_map(parse)
}

pub(super) fn signal(id: Identity, signal: Signal) -> io::Result<()> {
    signal_by_number(id, signal)
}

/// The environment of another process is not for us to read here.
pub(super) fn was_started_with(_pid: u32, _variable: &str) -> bool {
    false
}

/// Not told by the programs used here, so no process is ever taken for an extension host.
pub(super) fn arguments(_pid: u32) -> Vec<String> {
    Vec::new()
}

/// As [`arguments`].
pub(super) fn connections_at(_pid: u32, _path: &Path) -> Option<HashSet<u64>> {
    None
}

/// As [`arguments`].
pub(super) fn sockets(_pid: u32) -> Option<HashSet<u64>> {
    None
}

pub(super) fn boot_id() -> io::Result<String> {
    output(Command::new("/usr/sbin/sysctl").args(["-n", "kern.bootsessionuuid"]))
        .map(|text| text.trim().to_owned())
}

/// `lstart` comes last, because it alone holds spaces; `tdev` is the terminal's device number, `??` without one.
const COLUMNS: &str = "pid=,ppid=,pgid=,tdev=,rss=,state=,lstart=";

fn ps(args: &[&str]) -> io::Result<String> {
    // In UTC and in English, so that a start time is the same text whoever asks.
    output(
        Command::new("/bin/ps")
            .args(args)
            .env("LC_ALL", "C")
            .env("TZ", "UTC"),
    )
}

fn output(command: &mut Command) -> io::Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

fn parse(line: &str) -> Option<Process> {
    let mut fields = line.split_ascii_whitespace();
    let pid: u32 = fields.next()?.parse().ok()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let terminal = device(fields.next()?);
    let kilobytes: u64 = fields.next()?.parse().ok()?;
    if fields.next()?.starts_with('Z') {
        return None;
    }
    let session = getsid(Some(Pid::from_raw(i32::try_from(pid).ok()?))).ok()?;
    Some(Process {
        id: Identity {
            pid,
            started: start_time(&fields.collect::<Vec<_>>().join(" "))?,
        },
        parent,
        group,
        session: u32::try_from(session.as_raw()).ok()?,
        terminal,
        rss: kilobytes * 1024,
    })
}

/// `16/3`, major and minor, as one number; none for `??`, `-` or `0/0`.
fn device(field: &str) -> Option<u32> {
    let (major, minor) = field.split_once('/')?;
    let (major, minor): (u32, u32) = (major.parse().ok()?, minor.parse().ok()?);
    Some(major << 24 | minor).filter(|device| *device != 0)
}

/// `Tue Nov 20 20:40:00 2026` in seconds since 1970.
fn start_time(text: &str) -> Option<u64> {
    let format = format_description!(
        "[weekday repr:short] [month repr:short] [day padding:none] [hour]:[minute]:[second] [year]"
    );
    let time = PrimitiveDateTime::parse(text, &format).ok()?;
    u64::try_from(time.assume_utc().unix_timestamp()).ok()
}
