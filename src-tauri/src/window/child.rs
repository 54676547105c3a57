//! The window's process, as the tray's process sees it.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use clap::ValueEnum;
use doorcode_settings::Paths;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child as Process, ChildStderr, Command};
use tracing::{error, info, warn};

use super::Page;

/// How long a process whose window has closed, or whose tray is ending, may take to end.
const LIMIT: Duration = Duration::from_secs(3);
/// The longest line of what it prints that is kept, in bytes.
const LONGEST_LINE: u64 = 4096;

/// One that runs.
pub(super) struct Child(Process);

impl Child {
    /// Starts it, to show `page`, and gives the tray's end of the channel to it.
    ///
    /// # Errors
    /// When no process can be started.
    pub(super) fn start(paths: &Paths, page: Page) -> io::Result<(Child, UnixStream)> {
        let (ours, theirs) = StdStream::pair()?;
        ours.set_nonblocking(true)?;
        let name = page.to_possible_value();
        let name = name.as_ref().expect("no page is hidden from the command line");
        let mut command = std::process::Command::new(program());
        command
            .arg0("doorcode-desktop")
            .arg("--settings")
            .arg(&paths.settings_file)
            .arg("--window")
            .arg(name.get_name())
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stderr(Stdio::piped());
        #[cfg(target_os = "linux")]
        command.envs(super::drawing::environment().iter().copied());
        let mut process = Command::from(command).kill_on_drop(true).spawn()?;
        if let Some(printed) = process.stderr.take() {
            tokio::spawn(log(printed));
        }
        Ok((Child(process), UnixStream::from_std(ours)?))
    }

    /// Waits until it has ended, whose end of the channel is closed; ends it when that takes too long.
    ///
    /// # Errors
    /// When the system does not say how it ended.
    pub(super) async fn end(mut self) -> io::Result<ExitStatus> {
        match tokio::time::timeout(LIMIT, self.0.wait()).await {
            Ok(ended) => ended,
            Err(_late) => {
                warn!(
                    "the window's process did not end in {} seconds: it is killed",
                    LIMIT.as_secs()
                );
                self.0.kill().await?;
                self.0.wait().await
            }
        }
    }
}

/// Whether it ended of itself, not because somebody closed the window or ended the process.
pub(super) fn is_crash(status: ExitStatus) -> bool {
    let asked = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];
    !status.success() && status.signal().is_none_or(|signal| !asked.contains(&signal))
}

/// This very program: on Linux its file as it was when this process began, whatever has become of that path since. The two
/// must be of one version, and an upgrade may be under way.
fn program() -> PathBuf {
    match cfg!(target_os = "linux") {
        true => "/proc/self/exe".into(),
        false => std::env::current_exe().unwrap_or_else(|_| "doorcode-desktop".into()),
    }
}

/// Puts what the process prints into this process's log: its own events with their levels, and what its libraries say.
async fn log(printed: ChildStderr) {
    let mut printed = BufReader::new(printed);
    let mut line = Vec::new();
    // Longer lines come in pieces.
    while let Ok(1..) = (&mut printed)
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
        .await
    {
        let text = String::from_utf8_lossy(&line);
        match text.trim().split_once(' ') {
            Some(("ERROR", event)) => error!("the window: {event}"),
            Some(("WARN", event)) => warn!("the window: {event}"),
            Some(("INFO", event)) => info!("the window: {event}"),
            _ if text.trim().is_empty() => {}
            _ => info!("the window printed: {}", text.trim()),
        }
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_that_nobody_asked_for_is_a_crash() {
        for (wait_status, expected) in [
            (0, false),
            (1 << 8, true),
            (libc::SIGTERM, false),
            (libc::SIGINT, false),
            (libc::SIGKILL, true),
            (libc::SIGABRT, true),
        ] {
            assert_eq!(
                is_crash(ExitStatus::from_raw(wait_status)),
                expected,
                "{wait_status}"
            );
        }
    }
}
