//! Other people's programs: run with a time limit, in a group of their own, with nothing left behind.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use zeroize::Zeroizing;

use crate::ask::CommandLine;
use crate::error::{Output, TrustError};
use crate::places::Places;

/// For a program that reads or writes a file or two.
pub(crate) const SHORT: Duration = Duration::from_secs(20);

/// How much of each stream is kept; more is read and thrown away.
const KEPT: usize = 4 << 20;
/// How long what a program has printed is waited for after it has ended: what it started may hold its streams open.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);
/// How often an ending is looked for.
const POLL: Duration = Duration::from_millis(10);

/// A program with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    words: Vec<OsString>,
    environment: Vec<(&'static str, OsString)>,
    input: Zeroizing<Vec<u8>>,
    limit: Duration,
}

/// How it ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Ran {
    /// None if it was ended from here.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// All that it printed, and how it ended.
    pub(crate) fn text(&self) -> String {
        let end = self.status.map(|status| status.to_string()).unwrap_or_default();
        format!("{}\n{}\n{end}", self.stdout, self.stderr)
    }
}

impl Tool {
    pub(crate) fn new(places: &Places, program: &Path, limit: Duration) -> Tool {
        Tool {
            words: vec![program.into()],
            environment: places.environment(),
            input: Zeroizing::default(),
            limit,
        }
    }

    pub(crate) fn arg(mut self, word: impl AsRef<OsStr>) -> Tool {
        self.words.push(word.as_ref().to_owned());
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Tool {
        self.words
            .extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Tool {
        self.environment.push((name, value.into()));
        self
    }

    /// What it reads from its standard input; an end of file otherwise.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Tool {
        self.input = Zeroizing::new(input.into());
        self
    }

    pub(crate) fn command_line(&self) -> CommandLine {
        CommandLine(
            self.words
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
        )
    }

    /// Runs it to its end, whatever that is.
    ///
    /// # Errors
    /// It could not be started, or its time was over.
    pub(crate) fn run(&self) -> Result<Ran, TrustError> {
        let ran = self.run_watched(|| false)?;
        if ran.status.is_none() {
            return Err(self.timed_out(&ran));
        }
        Ok(ran)
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// As [`Tool::run`], and any exit status but 0.
    pub(crate) fn succeed(&self) -> Result<Ran, TrustError> {
        let ran = self.run()?;
        if ran.succeeded() {
            Ok(ran)
        } else {
            Err(self.failed(&ran))
        }
    }

    pub(crate) fn failed(&self, ran: &Ran) -> TrustError {
        TrustError::Command {
            command: self.command_line(),
            output: Output::tail(&ran.text()),
        }
    }

    pub(crate) fn timed_out(&self, ran: &Ran) -> TrustError {
        TrustError::TimedOut {
            command: self.command_line(),
            limit: self.limit,
            output: Output::tail(&ran.text()),
        }
    }

    /// Runs it until it ends, or `stop` says that enough has been seen, or the time is over. All that it started in its
    /// group is ended in every case.
    ///
    /// # Errors
    /// It could not be started.
    pub(crate) fn run_watched(&self, mut stop: impl FnMut() -> bool) -> Result<Ran, TrustError> {
        let mut running = Running::new(self)?;
        let deadline = Instant::now() + self.limit;
        loop {
            let ended = running
                .child
                .try_wait()
                .map_err(|source| self.not_started(source))?;
            if ended.is_some() || Instant::now() > deadline || stop() {
                running.end();
                return Ok(running.finish(ended));
            }
            thread::sleep(POLL);
        }
    }

    fn not_started(&self, source: std::io::Error) -> TrustError {
        TrustError::Start {
            command: self.command_line(),
            source,
        }
    }
}

/// Ends its whole group when dropped.
struct Running {
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
}

impl Running {
    fn new(tool: &Tool) -> Result<Running, TrustError> {
        let mut child = Command::new(&tool.words[0])
            .args(&tool.words[1..])
            .env_clear()
            .envs(tool.environment.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(if tool.input.is_empty() {
                Stdio::null()
            } else {
                Stdio::piped()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|source| tool.not_started(source))?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = tool.input.clone();
            // A program that does not want it all is not wrong for that.
            thread::spawn(move || stdin.write_all(&input));
        }
        Ok(Running {
            stdout: read(child.stdout.take().expect("it is piped")),
            stderr: read(child.stderr.take().expect("it is piped")),
            child,
        })
    }

    /// It may be gone already, and others of its group not.
    fn end(&mut self) {
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }

    fn finish(&self, status: Option<ExitStatus>) -> Ran {
        let deadline = Instant::now() + OUTPUT_GRACE;
        let text = |stream: &Receiver<Vec<u8>>| {
            let mut octets = Vec::new();
            while let Ok(mut chunk) = stream.recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                octets.append(&mut chunk);
            }
            String::from_utf8_lossy(&octets).into_owned()
        };
        Ran {
            status,
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn read(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut chunk = vec![0; 16 << 10];
        let mut kept = 0;
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            kept += count;
            if kept <= KEPT && sender.send(chunk[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}
