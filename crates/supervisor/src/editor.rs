//! One run of the editor: from its start in a terminal of ours to the end of its last process.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorcode_settings::files;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::command::{self, command};
use crate::ending::{self, Ended};
use crate::environment::{RUN_VARIABLE, scrubbed};
use crate::error::SupervisorError;
use crate::launch::Launch;
use crate::output::{self, Tail};
use crate::process::{self, Identity};
use crate::record::Record;
use crate::state::ExitReason;
use crate::tree::Tree;

/// Wide enough that hardly any log line is wrapped by a program which looks.
const TERMINAL: PtySize = PtySize {
    rows: 24,
    cols: 200,
    pixel_width: 0,
    pixel_height: 0,
};
/// What a socket's path may have: 107 bytes on Linux (unix(7)), 103 on macOS.
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// How long the last lines may take to be read once nobody writes any more. What was detached on purpose can hold the
/// terminal open for ever.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);

/// A started editor. Dropping it ends nothing: [`Editor::end`] does, or the kernel when our process is gone.
#[derive(Debug)]
pub(crate) struct Editor {
    pub(crate) launch: Arc<Launch>,
    pub(crate) id: Identity,
    exit: oneshot::Receiver<ExitReason>,
    drained: oneshot::Receiver<()>,
}

impl Editor {
    /// Starts it.
    ///
    /// # Errors
    /// [`SupervisorError::Spawn`] when the system refuses just now; the others stay until somebody changes something.
    pub(crate) async fn start(launch: Arc<Launch>, tail: Tail) -> Result<Editor, SupervisorError> {
        match tokio::task::spawn_blocking(move || start(launch, tail)).await {
            Ok(result) => result,
            Err(error) => Err(SupervisorError::Spawn {
                program: "the editor".into(),
                reason: error.to_string(),
            }),
        }
    }

    /// Waits until its parent process is gone.
    pub(crate) async fn exited(&mut self) -> ExitReason {
        (&mut self.exit).await.unwrap_or(ExitReason::Unknown)
    }

    /// Ends it with everything it started, in its own order if its parent process still lives; then its last lines are in
    /// the log.
    pub(crate) async fn end(self) -> Ended {
        let (id, launch) = (self.id, self.launch);
        let ending = tokio::task::spawn_blocking(move || {
            let ended = ending::end(&mut Tree::of(id), launch.timing.stop_limit);
            // The record of an editor that could not be ended is for the next engine to try again.
            if ended.check().is_ok() {
                remove(&launch.record);
            }
            ended
        });
        let ended = ending.await.unwrap_or_default();
        let _ = tokio::time::timeout(DRAIN_LIMIT, self.drained).await;
        info!(pid = id.pid, processes = ended.processes, "the editor has ended");
        ended
    }
}

/// Blocks for some milliseconds.
fn start(launch: Arc<Launch>, tail: Tail) -> Result<Editor, SupervisorError> {
    prepare(&launch)?;
    let (program, args) = command(&launch);
    let run = format!("{:016x}", random());
    let mut builder = CommandBuilder::new(&program);
    builder.args(args);
    builder.cwd(&launch.folder);
    builder.env_clear();
    for (name, value) in scrubbed(std::env::vars_os()) {
        builder.env(name, value);
    }
    builder.env(RUN_VARIABLE, &run);

    let refused = |reason: String| SupervisorError::Spawn {
        program: program.to_string_lossy().into_owned(),
        reason,
    };
    let pair = native_pty_system()
        .openpty(TERMINAL)
        .map_err(|error| refused(error.to_string()))?;
    // From here on this reader is the only master there is: when our process ends, the kernel hangs up.
    let master = pair
        .master
        .try_clone_reader()
        .map_err(|error| refused(error.to_string()))?;
    let child = pair
        .slave
        .spawn_command(builder)
        .map_err(|error| refused(error.to_string()))?;
    let pid = child
        .process_id()
        .ok_or_else(|| refused("it has no process id".into()))?;
    // One that has ended already is gone to `find`; a start time nobody has makes it stay so.
    let id = process::find(pid).map_or(Identity { pid, started: 0 }, |found| found.id);
    drop(pair);

    let log = launch.log.clone();
    let drained = thread("editor-output", move || output::drain(master, &log, &tail))
        .map_err(|error| refused(error.to_string()))?;
    let exit = thread("editor-wait", move || wait(pid)).map_err(|error| refused(error.to_string()))?;
    if let Err(error) = Record::new(id, run).and_then(|record| record.write(&launch.record)) {
        warn!(path = %launch.record.display(), %error, "cannot write the editor's record: a leftover would not be found");
    }
    info!(pid, version = %launch.code_server.version, folder = %launch.folder.display(), "the editor is started");
    Ok(Editor {
        launch,
        id,
        exit,
        drained,
    })
}

/// Makes the folders and files the editor finds at its start.
fn prepare(launch: &Launch) -> Result<(), SupervisorError> {
    if !launch.folder.is_dir() {
        return Err(SupervisorError::FolderMissing {
            folder: launch.folder.clone(),
        });
    }
    if launch.socket.as_os_str().len() > SOCKET_PATH_LIMIT {
        return Err(SupervisorError::SocketPathTooLong {
            path: launch.socket.clone(),
            limit: SOCKET_PATH_LIMIT,
        });
    }
    let folders = [
        launch.socket.parent(),
        launch.config.parent(),
        launch.record.parent(),
    ];
    let ours = [launch.user_data_dir.as_path(), launch.extensions_dir.as_path()];
    for folder in folders.into_iter().flatten().chain(ours) {
        attempt(folder, files::private_dir(folder))?;
    }
    attempt(
        &launch.config,
        files::write_private(&launch.config, command::CONFIG.as_bytes()),
    )?;
    // Whatever answers there before the new editor listens would be taken for it.
    match fs::remove_file(&launch.socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => attempt(&launch.socket, Err(error)),
        _ => Ok(()),
    }
}

fn attempt(path: &Path, result: io::Result<()>) -> Result<(), SupervisorError> {
    result.map_err(|source| SupervisorError::Prepare {
        path: path.to_owned(),
        source,
    })
}

/// Runs `work`, which blocks as long as the editor lives, and gives what it gives.
fn thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<oneshot::Receiver<T>> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new().name(name.into()).spawn(move || {
        // Nobody waits for it once the editor has been ended.
        let _ = sender.send(work());
    })?;
    Ok(receiver)
}

/// Collects the exit status of the editor's parent process, which is our child.
fn wait(pid: u32) -> ExitReason {
    let Ok(number) = i32::try_from(pid) else {
        return ExitReason::Unknown;
    };
    loop {
        match waitpid(Pid::from_raw(number), None) {
            Ok(WaitStatus::Exited(_, status)) => return ExitReason::Exited { status },
            Ok(WaitStatus::Signaled(_, signal, _)) => {
                return ExitReason::Killed {
                    signal: signal.to_string(),
                };
            }
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return ExitReason::Unknown,
        }
    }
}

fn remove(record: &Path) {
    if let Err(error) = fs::remove_file(record)
        && error.kind() != io::ErrorKind::NotFound
    {
        warn!(path = %record.display(), %error, "cannot remove the editor's record");
    }
}

/// A value no other start has; without the system's randomness the clock has to do, as it is no secret.
fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| time::OffsetDateTime::now_utc().unix_timestamp().unsigned_abs())
}
