//! A command in a terminal of its own (PTY), whose questions for a password are passed on to a person.
//!
//! A question is told from other output by the terminal: the line is not finished, the command waits, and it has switched
//! the echo off.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::ask::{Ask, CommandLine};
use crate::error::{Output, TrustError};
use crate::places::Places;

/// A person has to find a password, and hooks of the system's store can take long.
const LIMIT: Duration = Duration::from_secs(600);
/// Output that has not gone on for so long is a question.
const QUIET: Duration = Duration::from_millis(150);
/// How long a command that is called off may take to end by itself.
const CANCEL_GRACE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(20);
/// Characters of a line that are kept.
const LONGEST_LINE: usize = 1_000;
/// Lines that are kept for an error.
const KEPT_LINES: usize = 40;
const INTERRUPT: u8 = 3;

/// How the command ended.
pub(super) struct Ended {
    pub(super) success: bool,
    pub(super) code: u32,
    pub(super) output: Output,
}

/// Runs the command with its standard input from `input`.
///
/// # Errors
/// It could not be started; it took too long; [`TrustError::CalledOff`] when no password was given.
pub(super) fn run(
    places: &Places,
    command: &CommandLine,
    input: &Path,
    ask: &dyn Ask,
) -> Result<Ended, TrustError> {
    let mut session = Session::start(places, command, input).map_err(|source| TrustError::Start {
        command: command.clone(),
        source,
    })?;
    let mut printed = Printed::default();
    let deadline = Instant::now() + LIMIT;
    loop {
        match session.output.recv_timeout(QUIET) {
            Ok(chunk) => printed.take(&chunk, ask),
            Err(RecvTimeoutError::Timeout) if session.waits_for_secret() && printed.has_question() => {
                let Some(secret) = ask.secret(&printed.question()) else {
                    session.call_off();
                    return Err(TrustError::CalledOff);
                };
                session.answer(secret.expose());
            }
            Err(RecvTimeoutError::Timeout) => {}
            // Everything that had the terminal has closed it.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(POLL),
        }
        let status = session.child.try_wait().map_err(|source| TrustError::Start {
            command: command.clone(),
            source,
        })?;
        if let Some(status) = status {
            while let Ok(chunk) = session.output.recv_timeout(QUIET) {
                printed.take(&chunk, ask);
            }
            return Ok(Ended {
                success: status.success(),
                code: status.exit_code(),
                output: printed.tail(),
            });
        }
        if Instant::now() > deadline {
            session.call_off();
            return Err(TrustError::TimedOut {
                command: command.clone(),
                limit: LIMIT,
                output: printed.tail(),
            });
        }
    }
}

/// Closing the terminal, which dropping does, hangs up on whatever still runs in it, root's processes too.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    writer: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
}

impl Session {
    fn start(places: &Places, command: &CommandLine, input: &Path) -> std::io::Result<Session> {
        // The shell opens the input with this person's rights, and becomes the command.
        let mut builder = CommandBuilder::new("/bin/sh");
        builder.args(["-c", "exec \"$@\" <\"$0\""]);
        builder.arg(input);
        builder.args(&command.0);
        builder.cwd("/");
        builder.env_clear();
        for (name, value) in places.environment() {
            builder.env(name, value);
        }
        let size = PtySize {
            cols: 500,
            ..PtySize::default()
        };
        let pty = native_pty_system().openpty(size).map_err(pty_error)?;
        let mut reader = pty.master.try_clone_reader().map_err(pty_error)?;
        let writer = pty.master.take_writer().map_err(pty_error)?;
        let child = pty.slave.spawn_command(builder).map_err(pty_error)?;
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut chunk = vec![0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Session {
            child,
            output,
            writer,
            master: pty.master,
        })
    }

    fn waits_for_secret(&self) -> bool {
        let settings = self.master.get_termios();
        settings.is_some_and(|settings| settings.local_flags.bits() & libc::ECHO == 0)
    }

    fn answer(&mut self, secret: &str) {
        // One that no longer listens says so by its end.
        let _ = self.writer.write_all(secret.as_bytes());
        let _ = self.writer.write_all(b"\n");
        let _ = self.writer.flush();
    }

    /// As a person would, by Ctrl-C: what runs with root's rights takes no signal from here.
    fn call_off(&mut self) {
        let _ = self.writer.write_all(&[INTERRUPT]);
        let _ = self.writer.flush();
        let deadline = Instant::now() + CANCEL_GRACE;
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(POLL);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
        }
    }
}

/// What has been printed: whole lines have been shown, the last one may be a question.
#[derive(Default)]
struct Printed {
    lines: Vec<String>,
    unfinished: Vec<u8>,
}

impl Printed {
    fn take(&mut self, chunk: &[u8], ask: &dyn Ask) {
        for &byte in chunk {
            match byte {
                b'\n' => {
                    let line = readable(&std::mem::take(&mut self.unfinished));
                    if !line.is_empty() {
                        ask.output(&line);
                        if self.lines.len() == KEPT_LINES {
                            self.lines.remove(0);
                        }
                        self.lines.push(line);
                    }
                }
                _ if self.unfinished.len() < LONGEST_LINE => self.unfinished.push(byte),
                _ => {}
            }
        }
    }

    fn has_question(&self) -> bool {
        !readable(&self.unfinished).is_empty()
    }

    /// Takes it: the same question is not asked again before it is printed again.
    fn question(&mut self) -> String {
        readable(&std::mem::take(&mut self.unfinished))
    }

    fn tail(&self) -> Output {
        Output::tail(&format!(
            "{}\n{}",
            self.lines.join("\n"),
            readable(&self.unfinished)
        ))
    }
}

/// Without what could act on the terminal of whoever reads it.
fn readable(line: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(line)
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    text.trim().to_owned()
}

fn pty_error(error: impl std::fmt::Display) -> std::io::Error {
    std::io::Error::other(format!("{error:#}"))
}
