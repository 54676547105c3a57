//! An engine in a process of its own, which outlives this one: `doorcode up` in a session of its own.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use doorcode_settings::Paths;
use tokio::process::{Child, Command};

/// How long it may take until it holds the engine's lock: it looks for code-server first.
const LIMIT: Duration = Duration::from_secs(15);
/// How often the lock is looked at until then.
const LOOK: Duration = Duration::from_millis(100);

/// Starts it and waits until it holds the engine's lock; gives its process id.
///
/// # Errors
/// It cannot be started, or ends at once. Why is said by an engine that is then started here.
pub(super) async fn start(paths: &Paths) -> io::Result<u32> {
    let mut child = command(paths).spawn()?;
    let id = child.id().unwrap_or_default();
    let held = tokio::time::timeout(LIMIT, async {
        loop {
            if let Some(status) = child.try_wait()? {
                return Err(io::Error::other(format!("`doorcode up` ended with {status}")));
            }
            let lock = paths.lock_file();
            let holder = tokio::task::spawn_blocking(move || doorcode_engine::holder(&lock)).await?;
            if matches!(holder, Ok(Some(holder)) if holder.pid == id) {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    });
    match held.await {
        Ok(held) => held?,
        Err(_) => {
            child.kill().await?;
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
    }
    tokio::spawn(reap(child));
    Ok(id)
}

/// What it prints is for a terminal: a one-time link among it.
fn command(paths: &Paths) -> Command {
    let mut command = Command::new(program());
    command
        .arg("--settings")
        .arg(&paths.settings_file)
        .arg("up")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    lead_a_session(&mut command);
    command
}

/// The command is installed beside this program.
fn program() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .map(|program| program.with_file_name("doorcode"));
    beside
        .filter(|program| program.is_file())
        .unwrap_or_else(|| "doorcode".into())
}

/// Without it, the end of the terminal that this program was started from would end the engine too.
#[expect(
    unsafe_code,
    reason = "the standard library offers no session of its own to a child"
)]
fn lead_a_session(command: &mut Command) {
    // SAFETY: setsid(2) is async-signal-safe (signal-safety(7)) and nothing else happens between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::setsid() {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
}

/// It is our child for as long as we live, and must not stay as a zombie.
async fn reap(mut child: Child) {
    let _ = child.wait().await;
}
