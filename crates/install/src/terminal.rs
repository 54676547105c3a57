//! Long commands, run in a terminal of their own (PTY): whoever dies, the kernel hangs up on all that they
//! started.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, ExitStatus, PtyPair, PtySize, native_pty_system};

use crate::InstallError;
use crate::probe::command_line;

/// How many of the last lines an error keeps.
const KEPT_LINES: usize = 30;

/// A longer line is cut.
const LINE_LIMIT: usize = 1_000;

/// How long what a command has printed is waited for after it has ended.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);

/// How long a command that is called off may take to end by itself.
const TERM_GRACE: Duration = Duration::from_secs(2);

/// How often `watch` is called.
const TICK: Duration = Duration::from_millis(200);

/// How often an ending is looked for.
const POLL: Duration = Duration::from_millis(20);

/// A command: program, arguments, folder, and its whole environment.
pub(crate) struct Tool<'a> {
    pub(crate) program: &'a Path,
    pub(crate) args: Vec<OsString>,
    pub(crate) folder: &'a Path,
    pub(crate) environment: Vec<(OsString, OsString)>,
}

/// Runs the command to its end, with nothing to read (a question it asks gets an end of file). What it prints
/// goes into `log`. `watch` is called for every line and five times a second with none; its error ends the
/// command, whose processes are then all ended.
///
/// # Errors
/// That of `watch`; [`InstallError::Command`] with the last lines.
pub(crate) fn run(
    tool: &Tool<'_>,
    log: &mut File,
    mut watch: impl FnMut(Option<&str>) -> Result<(), InstallError>,
) -> Result<(), InstallError> {
    let command = command_line(tool.program.as_os_str(), &tool.args);
    let mut tail = VecDeque::new();
    // The log helps to understand a failure; that it cannot be written is not one.
    let _ = writeln!(log, "$ {command}");
    let failed = |what: String, tail: &VecDeque<String>| InstallError::Command {
        command: command.clone(),
        what,
        output: tail.iter().flat_map(|line| ["\n  ", line]).collect(),
    };
    let mut started = Started::new(tool).map_err(|error| failed(error.to_string(), &tail))?;
    let mut ended: Option<(ExitStatus, Instant)> = None;
    let status = loop {
        let received = started.lines.recv_timeout(TICK);
        match &received {
            Ok(line) => {
                let _ = writeln!(log, "{line}");
                watch(Some(line))?;
                if tail.len() == KEPT_LINES {
                    tail.pop_front();
                }
                tail.push_back(line.clone());
            }
            Err(RecvTimeoutError::Timeout) => watch(None)?,
            // It has closed its terminal, and may run on.
            Err(RecvTimeoutError::Disconnected) => {
                watch(None)?;
                thread::sleep(POLL);
            }
        }
        if ended.is_none() {
            let status = started
                .child
                .try_wait()
                .map_err(|error| failed(error.to_string(), &tail))?;
            ended = status.map(|status| (status, Instant::now()));
        }
        let all_read = match received {
            Ok(_) => false,
            Err(RecvTimeoutError::Timeout) => ended
                .as_ref()
                .is_some_and(|(_, when)| when.elapsed() > OUTPUT_GRACE),
            Err(RecvTimeoutError::Disconnected) => true,
        };
        if let (Some((status, _)), true) = (&ended, all_read) {
            break status.clone();
        }
    };
    started.waited_for = true;
    if status.success() {
        Ok(())
    } else {
        Err(failed(status.to_string(), &tail))
    }
}

/// A command that runs; ended when this is dropped.
struct Started {
    child: Box<dyn Child + Send + Sync>,
    lines: Receiver<String>,
    waited_for: bool,
    /// Held until the end: closing it hangs up.
    _pty: PtyPair,
}

impl Started {
    fn new(tool: &Tool<'_>) -> io::Result<Started> {
        // The terminal is for its output and for the hanging up; a question it asks gets an end of file.
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", "exec \"$0\" \"$@\" </dev/null"]);
        command.arg(tool.program);
        command.args(&tool.args);
        command.cwd(tool.folder);
        command.env_clear();
        for (name, value) in &tool.environment {
            command.env(name, value);
        }
        let pty = native_pty_system()
            .openpty(PtySize {
                cols: 200,
                ..PtySize::default()
            })
            .map_err(pty_error)?;
        let reader = pty.master.try_clone_reader().map_err(pty_error)?;
        let child = pty.slave.spawn_command(command).map_err(pty_error)?;
        let (sender, lines) = channel();
        thread::spawn(move || send_lines(reader, &sender));
        Ok(Started {
            child,
            lines,
            waited_for: false,
            _pty: pty,
        })
    }

    /// Ends the foreground group: asks, waits, insists. The session's leader is the command, so its pid is
    /// the group's.
    fn end(&mut self) {
        let Some(group) = self
            .child
            .process_id()
            .and_then(|pid| i32::try_from(pid).ok())
            .map(Pid::from_raw)
        else {
            return;
        };
        let _ = killpg(group, Signal::SIGTERM);
        let deadline = Instant::now() + TERM_GRACE;
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(POLL);
        }
        // The leader may be gone and others of the group still there.
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if !self.waited_for {
            self.end();
        }
    }
}

/// Reads until the last program has closed the terminal (an error, EIO) or nobody listens.
fn send_lines(mut reader: Box<dyn Read + Send>, lines: &Sender<String>) {
    let mut chunk = [0; 8192];
    let mut pending = Vec::new();
    while let Ok(count @ 1..) = reader.read(&mut chunk) {
        for &byte in &chunk[..count] {
            match byte {
                b'\n' => {
                    if lines.send(readable(&pending)).is_err() {
                        return;
                    }
                    pending.clear();
                }
                _ if pending.len() < LINE_LIMIT => pending.push(byte),
                _ => {}
            }
        }
    }
    if !pending.is_empty() {
        let _ = lines.send(readable(&pending));
    }
}

/// A line without escape sequences and other control characters, which would act on the terminal of whoever
/// reads it.
fn readable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                // Parameters, up to the letter that ends the sequence (ECMA-48, 5.4).
                while chars.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {}
            }
            '\t' => clean.push(' '),
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean.trim_end().to_owned()
}

fn pty_error(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn shell(script: &str) -> Tool<'static> {
        Tool {
            program: Path::new("/bin/sh"),
            args: vec!["-c".into(), script.into()],
            folder: Path::new("/"),
            environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        }
    }

    fn log() -> File {
        tempfile::tempfile().expect("a temporary file")
    }

    #[test]
    fn lines_are_seen_as_they_come_and_questions_get_an_end_of_file() {
        let mut seen = Vec::new();
        let script = "test -t 1 && echo terminal; read answer || echo nobody; env";
        run(&shell(script), &mut log(), |line| {
            seen.extend(line.map(str::to_owned));
            Ok(())
        })
        .expect("it succeeds");
        assert_eq!(seen[..2], ["terminal", "nobody"], "{seen:?}");
        assert!(seen.iter().any(|line| line == "PATH=/usr/bin:/bin"), "{seen:?}");
        assert!(!seen.iter().any(|line| line.starts_with("CARGO")), "{seen:?}");
    }

    #[test]
    fn a_failure_keeps_the_command_line_and_the_last_lines() {
        let error = run(&shell("seq 100; exit 3"), &mut log(), |_| Ok(())).expect_err("it fails");
        let text = error.to_string();
        assert!(
            text.starts_with("`/bin/sh -c 'seq 100; exit 3'` failed: "),
            "{text}"
        );
        assert!(
            text.ends_with("\n  99\n  100") && text.lines().count() == KEPT_LINES + 1,
            "{text}"
        );
    }

    #[test]
    fn a_command_that_has_closed_its_terminal_can_still_be_called_off() {
        let started = Instant::now();
        let result = run(&shell("exec >/dev/null 2>&1; sleep 600"), &mut log(), |_| {
            if started.elapsed() > Duration::from_millis(300) {
                Err(InstallError::Cancelled)
            } else {
                Ok(())
            }
        });
        assert!(matches!(result, Err(InstallError::Cancelled)));
        assert!(started.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn calling_it_off_ends_every_process() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let pid_file = folder.path().join("pid");
        let script = format!(
            "trap '' TERM HUP; sh -c 'trap \"\" TERM HUP; echo $$ > {}; while :; do sleep 1; done'",
            pid_file.display()
        );
        let error = run(&shell(&script), &mut log(), |_| {
            if fs::read_to_string(&pid_file).is_ok_and(|pid| pid.ends_with('\n')) {
                Err(InstallError::Cancelled)
            } else {
                Ok(())
            }
        });
        assert!(matches!(error, Err(InstallError::Cancelled)));
        let pid: i32 = fs::read_to_string(&pid_file)
            .expect("written")
            .trim()
            .parse()
            .expect("a pid");
        let gone = || nix::sys::signal::kill(Pid::from_raw(pid), None).is_err();
        let deadline = Instant::now() + Duration::from_secs(5);
        while !gone() {
            assert!(Instant::now() < deadline, "process {pid} runs on");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn nothing_in_a_line_can_act_on_a_terminal() {
        assert_eq!(
            readable(b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07x\ty\r"),
            "red ]0;titlex y"
        );
    }
}
