//! Short questions to programs: run, wait a limited time, read what they print.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, PipeReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use thiserror::Error;

use crate::environment;

/// How long a program may take to say its version.
pub(crate) const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// How much of each stream is kept; more is not a version.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// How long the output of a program that has ended is waited for: something it started may hold the pipe
/// open.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);

/// A question: a program with arguments, variables beyond the scrubbed environment, and the time it has.
pub(crate) struct Question<'a> {
    pub(crate) program: &'a Path,
    pub(crate) args: Vec<OsString>,
    pub(crate) variables: Vec<(OsString, OsString)>,
    pub(crate) limit: Duration,
}

impl<'a> Question<'a> {
    /// `program args`, with the time limit for a version.
    pub(crate) fn new<A: AsRef<OsStr>>(program: &'a Path, args: impl IntoIterator<Item = A>) -> Self {
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        Question {
            program,
            args,
            variables: Vec::new(),
            limit: VERSION_LIMIT,
        }
    }

    /// The command line, for a message.
    pub(crate) fn command_line(&self) -> String {
        command_line(self.program.as_os_str(), &self.args)
    }
}

/// What a program printed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// Both streams, for a message.
    pub(crate) fn everything(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum Unanswered {
    #[error("it cannot be started: {0}")]
    NotStarted(#[source] io::Error),
    #[error("it ended with {status}")]
    Failed { status: ExitStatus, answer: Answer },
    #[error("it did not answer within {} s", .0.as_secs())]
    TooSlow(Duration),
    #[error("the question was called off")]
    Stopped,
}

/// Runs the program in `/`, in a process group of its own, with nothing to read; `stopped` is asked all the
/// time. However it goes, nothing of the group runs on afterwards.
pub(crate) fn ask(question: &Question<'_>, stopped: impl Fn() -> bool) -> Result<Answer, Unanswered> {
    let deadline = Instant::now() + question.limit;
    let (mut child, stdout, stderr) = start(question, deadline).map_err(Unanswered::NotStarted)?;
    let (stdout, stderr) = (collect(stdout), collect(stderr));
    let ended = wait(&mut child, deadline, &stopped);
    if !matches!(ended, Ok(Some(_))) {
        end_group(&mut child);
    }
    let status = match ended.map_err(Unanswered::NotStarted)? {
        Some(status) => status,
        None if stopped() => return Err(Unanswered::Stopped),
        None => return Err(Unanswered::TooSlow(question.limit)),
    };
    let text = |stream: Receiver<Vec<u8>>| {
        let bytes = stream.recv_timeout(OUTPUT_GRACE).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let answer = Answer {
        stdout: text(stdout),
        stderr: text(stderr),
    };
    if status.success() {
        Ok(answer)
    } else {
        Err(Unanswered::Failed { status, answer })
    }
}

/// How a program ended, in words.
pub(crate) fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

/// A command line as a person could type it, for a message.
pub(crate) fn command_line(program: &OsStr, args: &[OsString]) -> String {
    let words = std::iter::once(program).chain(args.iter().map(OsString::as_os_str));
    let quoted = words.map(|word| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:@,+".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn start(question: &Question<'_>, deadline: Instant) -> io::Result<(Child, PipeReader, PipeReader)> {
    loop {
        let (stdout, stdout_end) = io::pipe()?;
        let (stderr, stderr_end) = io::pipe()?;
        let mut command = Command::new(question.program);
        command
            .args(&question.args)
            .env_clear()
            .envs(environment::scrubbed())
            .envs(question.variables.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(stdout_end)
            .stderr(stderr_end)
            .process_group(0);
        match command.spawn() {
            // A file that was written a moment ago: a process that another thread has just forked still holds
            // it open for writing, until it executes its own program.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            spawned => return Ok((spawned?, stdout, stderr)),
        }
    }
}

/// Reads a stream on a thread of its own, which ends with the stream or when it has enough.
fn collect(stream: PipeReader) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is all there is.
        let _ = stream.take(OUTPUT_LIMIT).read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// The status once it has ended; `None` at the deadline or when stopped.
fn wait(child: &mut Child, deadline: Instant, stopped: &impl Fn() -> bool) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline || stopped() {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Ends the program, which has not been waited for yet, and what it started.
fn end_group(child: &mut Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Question<'static> {
        Question::new(Path::new("/bin/sh"), ["-c", script])
    }

    #[test]
    fn both_streams_are_told_apart() {
        let answer = ask(&shell("echo out; echo err >&2"), || false).expect("it succeeds");
        assert_eq!(
            (answer.stdout.as_str(), answer.stderr.as_str()),
            ("out\n", "err\n")
        );
    }

    #[test]
    fn a_failure_keeps_status_and_output() {
        match ask(&shell("echo why >&2; exit 7"), || false) {
            Err(Unanswered::Failed { status, answer }) => {
                assert_eq!(ending(status), "exit status 7");
                assert_eq!(answer.stderr, "why\n");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_what_it_started() {
        let pid_file = tempfile::NamedTempFile::new().expect("a temporary file");
        let script = format!("sleep 600 & echo $! > {}; wait", pid_file.path().display());
        let question = Question {
            limit: Duration::from_millis(700),
            ..shell(&script)
        };
        assert!(matches!(ask(&question, || false), Err(Unanswered::TooSlow(_))));
        let pid: i32 = std::fs::read_to_string(pid_file.path())
            .expect("written")
            .trim()
            .parse()
            .expect("a pid");
        let deadline = Instant::now() + Duration::from_secs(5);
        while std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(Instant::now() < deadline, "process {pid} runs on");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_flood_of_output_is_cut_and_does_not_hang() {
        let question = shell("head -c 10000000 /dev/zero; exit 0");
        // It is told by SIGPIPE that nobody reads on; either ending is fine, a hang is not.
        match ask(&question, || false) {
            Ok(answer) | Err(Unanswered::Failed { answer, .. }) => {
                assert!(answer.stdout.len() as u64 <= OUTPUT_LIMIT);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_environment_is_scrubbed_and_extended() {
        let question = Question {
            variables: vec![("ADDED".into(), "yes".into())],
            ..shell("echo \"$ADDED\"; env | grep -c -e ^VSCODE_ -e ^NODE_OPTIONS=; pwd")
        };
        let answer = ask(&question, || false).expect("it succeeds");
        assert_eq!(answer.stdout, "yes\n0\n/\n");
    }
}
