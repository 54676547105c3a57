//! Who holds a port.

use std::fmt;

/// A process that listens where we want to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// Its name.
    pub name: String,
    /// Its id.
    pub process: u32,
}

impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {})", self.name, self.process)
    }
}

/// Who listens on TCP `port`, as far as we may look into it. Blocking.
#[cfg(target_os = "linux")]
pub(crate) fn holder(port: u16) -> Option<PortHolder> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| listening_sockets(&table, port))
        .collect();
    if inodes.is_empty() {
        return None;
    }
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let process: u32 = entry.file_name().to_str()?.parse().ok()?;
        let holds = std::fs::read_dir(entry.path().join("fd"))
            .ok()?
            .flatten()
            .filter_map(|fd| std::fs::read_link(fd.path()).ok())
            .any(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str()));
        let name = std::fs::read_to_string(entry.path().join("comm")).ok()?;
        holds.then(|| PortHolder {
            name: name.trim().to_owned(),
            process,
        })
    })
}

/// macOS shows this only through `lsof`, which the error's next step names.
#[cfg(not(target_os = "linux"))]
pub(crate) fn holder(_port: u16) -> Option<PortHolder> {
    None
}

/// The listeners on `port` in a table, as links to open sockets name them.
#[cfg(target_os = "linux")]
fn listening_sockets(table: &str, port: u16) -> Vec<String> {
    table
        .lines()
        .filter_map(|line| listening_inode(line, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect()
}

/// The socket's inode when `line` of `/proc/net/tcp` is a listener on `port` (proc(5)).
#[cfg(target_os = "linux")]
fn listening_inode(line: &str, port: u16) -> Option<&str> {
    const LISTEN: &str = "0A";
    let mut fields = line.split_whitespace().skip(1);
    let local = fields.next()?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?;
    let found = u16::from_str_radix(local.rsplit(':').next()?, 16).ok()?;
    (state == LISTEN && found == port).then_some(inode)
}
