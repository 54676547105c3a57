//! Who holds a port.

use std::fmt;
#[cfg(target_os = "linux")]
use std::io::{BufRead, BufReader};

use time::OffsetDateTime;
use time::macros::format_description;

/// Who listens where we want to, as far as the system tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// The user that it belongs to.
    pub user: String,
    /// Whether that is who we are.
    pub ours: bool,
    /// The process; none where it is another user's, of which we may not see more.
    pub process: Option<Process>,
}

/// A process that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// What it is called, fit for a terminal.
    pub name: String,
    /// Its id.
    pub id: u32,
    /// When it was started.
    pub since: Option<OffsetDateTime>,
}

impl fmt::Display for PortHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Process { name, id, since }) = &self.process else {
            return write!(f, "a program of the user {}", self.user);
        };
        write!(f, "{name} (process {id}, of the user {}", self.user)?;
        let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
        match since.and_then(|since| since.format(format).ok()) {
            Some(since) => write!(f, ", since {since})"),
            None => f.write_str(")"),
        }
    }
}

/// Who listens on TCP `port`. Blocking.
#[cfg(target_os = "linux")]
pub(crate) fn holder(port: u16) -> Option<PortHolder> {
    let listeners = listeners(&[port]);
    let user = listeners.first()?.user;
    let links: Vec<String> = listeners.iter().map(Listener::link).collect();
    Some(PortHolder {
        user: user_name(user),
        ours: user == nix::unistd::geteuid().as_raw(),
        process: process_with(&links),
    })
}

/// macOS shows this only through `lsof`, which the error's next step names.
#[cfg(not(target_os = "linux"))]
pub(crate) fn holder(_port: u16) -> Option<PortHolder> {
    None
}

/// The process that has one of these open, if it is one that we may look into.
#[cfg(target_os = "linux")]
fn process_with(links: &[String]) -> Option<Process> {
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let holds = std::fs::read_dir(entry.path().join("fd"))
            .ok()?
            .flatten()
            .filter_map(|fd| std::fs::read_link(fd.path()).ok())
            .any(|target| links.iter().any(|link| target.as_os_str() == link.as_str()));
        let name = std::fs::read_to_string(entry.path().join("comm")).ok()?;
        holds.then(|| Process {
            name: name.trim().escape_default().to_string(),
            id,
            since: started(id),
        })
    })
}

#[cfg(target_os = "linux")]
fn user_name(user: u32) -> String {
    match nix::unistd::User::from_uid(user.into()) {
        Ok(Some(user)) => user.name,
        _ => user.to_string(),
    }
}

/// When a process was started: field 22 of its `stat`, in hundredths of a second since the system was (proc_pid_stat(5)).
#[cfg(target_os = "linux")]
fn started(id: u32) -> Option<OffsetDateTime> {
    const USER_HZ: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name, in parentheses, may contain anything.
    let fields = stat.get(stat.rfind(')')? + 1..)?;
    let started: f64 = fields.split_whitespace().nth(19)?.parse().ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let ago = time::Duration::checked_seconds_f64(uptime - started / USER_HZ)?;
    OffsetDateTime::now_utc().checked_sub(ago)
}

/// A socket that listens.
#[cfg(target_os = "linux")]
#[derive(Debug, PartialEq, Eq)]
struct Listener {
    port: u16,
    user: u32,
    inode: u64,
}

#[cfg(target_os = "linux")]
impl Listener {
    /// As a link to an open one names it.
    fn link(&self) -> String {
        format!("socket:[{}]", self.inode)
    }
}

#[cfg(target_os = "linux")]
fn listeners(ports: &[u16]) -> Vec<Listener> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter();
    let tables = tables.filter_map(|table| Some(BufReader::new(std::fs::File::open(table).ok()?)));
    tables.flat_map(|table| in_table(table, ports)).collect()
}

#[cfg(target_os = "linux")]
fn in_table(table: impl BufRead, ports: &[u16]) -> Vec<Listener> {
    let lines = table.lines().skip(1).map_while(Result::ok);
    // The listeners come first; of the connections there may be very many.
    let listeners = lines.map_while(|line| listener(&line));
    listeners
        .filter(|listener| ports.contains(&listener.port))
        .collect()
}

/// A line of `/proc/net/tcp` that is a listener (proc_net_tcp(5)).
#[cfg(target_os = "linux")]
fn listener(line: &str) -> Option<Listener> {
    const LISTEN: &str = "0A";
    let mut fields = line.split_whitespace().skip(1);
    let local = fields.next()?;
    let state = fields.nth(1)?;
    let user = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    let port = u16::from_str_radix(local.rsplit(':').next()?, 16).ok()?;
    (state == LISTEN).then_some(Listener { port, user, inode })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_listener_of_a_table_is_read_with_its_user() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
   0: 0100007F:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4711 1 0 100 0 0 10 0\n\
   1: 0100007F:20FB 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0 0 10 0\n";
        let found = in_table(table.as_bytes(), &[8443]);
        assert_eq!(
            found,
            [Listener {
                port: 8443,
                user: 33,
                inode: 4711
            }]
        );
    }

    #[test]
    fn this_process_is_known_with_its_beginning() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let holder = holder(listener.local_addr().expect("an address").port()).expect("held");
        assert!(holder.ours);
        let process = holder.process.expect("seen");
        assert_eq!(process.id, std::process::id());
        let age = OffsetDateTime::now_utc() - process.since.expect("told");
        // Counted from the system's start, which other machines in the same kernel may see differently by a little.
        assert!(
            age > -time::Duration::minutes(1) && age < time::Duration::hours(1),
            "{age}"
        );
    }
}
