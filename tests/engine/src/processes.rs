//! The processes of a door, as the kernel tells them.

use nix::sys::signal::Signal;
use nix::unistd::Pid;

/// A process that lived when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its parent's id.
    pub parent: u32,
    /// Its command line, arguments joined by blanks.
    pub command: String,
}

/// Every process whose environment carries `home` as its `HOME`: whoever its parent is by now.
pub fn members(home: &std::path::Path) -> Vec<Process> {
    let wanted = format!("HOME={}", home.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("/proc is there").flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if !environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes())
        {
            continue;
        }
        if let Some(process) = look(pid) {
            found.push(process);
        }
    }
    found
}

/// Whether the process lives; one that has ended and only waits for its parent does not.
pub fn alive(pid: u32) -> bool {
    look(pid).is_some()
}

/// Sends `signal`; a process that is gone already is fine.
pub fn kill(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).expect("process ids are small"));
    let _ = nix::sys::signal::kill(pid, signal);
}

fn look(pid: u32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    let parent = fields.next()?.parse().ok()?;
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command)
        .replace('\0', " ")
        .trim()
        .to_owned();
    Some(Process { pid, parent, command })
}
