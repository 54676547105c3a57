//! A process of a contender: started with its output in a file, ended by its id.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::error::BenchError;

/// code-server allows itself 5 s; Doorcode waits for that and then for the rest.
const STOP_LIMIT: Duration = Duration::from_secs(12);
const STOP_POLL: Duration = Duration::from_millis(5);
/// 1,000 WebSockets are two files each in a proxy, and one each here.
const FILES: u64 = 65_536;
const LOG_LINES: usize = 8;

/// Ends with SIGTERM when dropped, with SIGKILL for its whole group where that is not enough.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` in a process group of its own, so that Ctrl-C at the terminal reaches only this program.
    pub(crate) fn start(name: &'static str, mut command: Command, log: PathBuf) -> Result<Self, BenchError> {
        let output =
            File::create(&log).map_err(|e| BenchError::io(format!("cannot write {}", log.display()), e))?;
        let errors = output
            .try_clone()
            .map_err(|e| BenchError::io(format!("cannot write {}", log.display()), e))?;
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        let child = command.spawn().map_err(|e| {
            BenchError::io(
                format!(
                    "cannot start {name} ({})",
                    command.get_program().to_string_lossy()
                ),
                e,
            )
        })?;
        Ok(Self { name, child, log })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error once the process has ended by itself.
    pub(crate) fn check(&mut self) -> Result<(), BenchError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(BenchError::Ended {
                name: self.name.to_owned(),
                status,
                log: self.last_lines(),
            }),
            Err(error) => Err(BenchError::io(format!("cannot wait for {}", self.name), error)),
        }
    }

    /// What it printed last.
    pub(crate) fn last_lines(&self) -> String {
        let text = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Whether it has ended, and been waited for, before `deadline`.
    fn ended_by(&mut self, deadline: Instant) -> bool {
        loop {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            thread::sleep(STOP_POLL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // A process that has just ended by itself cannot be signalled: there is nothing left to do about it.
        let _ = kill(self.pid(), Signal::SIGTERM);
        if self.ended_by(Instant::now() + STOP_LIMIT) {
            return;
        }
        eprintln!(
            "doorcode-bench: {} did not end within {} s; killing it",
            self.name,
            STOP_LIMIT.as_secs()
        );
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// Raises the limit on open files for this process and everything it starts, as far as the system lets it.
pub(crate) fn allow_many_files() -> Result<(), BenchError> {
    let what = |e: nix::Error| BenchError::io("cannot raise the limit on open files", e.into());
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(what)?;
    let wanted = FILES.min(hard);
    if soft >= wanted {
        Ok(())
    } else {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).map_err(what)
    }
}
