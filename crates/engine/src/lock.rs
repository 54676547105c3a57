//! One engine per user: whoever holds the lock on `engine.lock` in the data directory is the engine.
//!
//! The lock is the kernel's (`flock`), so it is gone with the process however that ends. The file's content says where
//! the holder's control socket is: the data directory is the same for every login of a person, the runtime directory
//! need not be (`sudo -u`, cron, a service without a login).

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use doorcode_settings::Problem;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The engine's process id.
    pub pid: u32,
    /// Its control socket.
    pub control: PathBuf,
    /// When it took the lock.
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another engine of this person runs.
    #[error("Doorcode already runs as process {} (control socket {})", .0.pid, .0.control.display())]
    Held(Holder),
    /// The file could not be opened, read or written.
    #[error("cannot use the lock file {}: {source}", .path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<&LockError> for Problem {
    fn from(error: &LockError) -> Self {
        match error {
            LockError::Held(_) => Problem::new("already_running", error.to_string(), "doorcode status"),
            LockError::Io { path, .. } => Problem::new(
                "lock_unusable",
                error.to_string(),
                format!("ls -l {}", path.display()),
            ),
        }
    }
}

/// The lock, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct EngineLock(#[expect(dead_code, reason = "held for its Drop")] Flock<File>);

impl EngineLock {
    /// Takes the lock at `path` and writes there that `control` is the socket to talk to.
    ///
    /// # Errors
    /// [`LockError::Held`] when another process has it.
    pub fn acquire(path: &Path, control: &Path) -> Result<EngineLock, LockError> {
        let io = |source| LockError::Io {
            path: path.to_owned(),
            source,
        };
        let file = open(path).map_err(io)?;
        let mut lock = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => lock,
            Err((file, Errno::EWOULDBLOCK)) => return Err(LockError::Held(read_holder(file, path)?)),
            Err((_, errno)) => return Err(io(errno.into())),
        };
        let holder = Holder {
            pid: std::process::id(),
            control: control.to_owned(),
            started_at: OffsetDateTime::now_utc(),
        };
        let json = serde_json::to_vec(&holder).map_err(|error| io(error.into()))?;
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(&json))
            .map_err(io)?;
        Ok(EngineLock(lock))
    }
}

/// Who holds the lock at `path`, if anyone.
///
/// # Errors
/// [`LockError::Io`] when the file is there and cannot be read.
pub fn holder(path: &Path) -> Result<Option<Holder>, LockError> {
    if !path.exists() {
        return Ok(None);
    }
    let io = |source| LockError::Io {
        path: path.to_owned(),
        source,
    };
    match Flock::lock(open(path).map_err(io)?, FlockArg::LockSharedNonblock) {
        Ok(_) => Ok(None),
        Err((file, Errno::EWOULDBLOCK)) => read_holder(file, path).map(Some),
        Err((_, errno)) => Err(io(errno.into())),
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let no_follow = nix::fcntl::OFlag::O_NOFOLLOW.bits();
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(no_follow)
        .open(path)
}

/// The holder writes its line right after it took the lock, so a line that is not there yet is worth a short wait.
fn read_holder(mut file: File, path: &Path) -> Result<Holder, LockError> {
    let io = |source| LockError::Io {
        path: path.to_owned(),
        source,
    };
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        let mut text = String::new();
        file.rewind()
            .and_then(|()| file.read_to_string(&mut text))
            .map_err(io)?;
        match serde_json::from_str(&text) {
            Ok(holder) => return Ok(holder),
            Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            Err(error) => return Err(io(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_engine_learns_where_the_first_one_is() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("engine.lock");
        assert_eq!(holder(&path).expect("readable"), None);

        let first = EngineLock::acquire(&path, Path::new("/run/first.sock")).expect("free");
        let Err(LockError::Held(found)) = EngineLock::acquire(&path, Path::new("/run/second.sock")) else {
            panic!("the second engine got the lock too");
        };
        assert_eq!(found.control, Path::new("/run/first.sock"));
        assert_eq!(found.pid, std::process::id());
        assert_eq!(holder(&path).expect("readable"), Some(found));

        drop(first);
        assert_eq!(holder(&path).expect("readable"), None);
        EngineLock::acquire(&path, Path::new("/run/second.sock")).expect("free again");
    }

    #[test]
    fn a_symlink_in_place_of_the_lock_is_refused() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let target = dir.path().join("precious");
        std::fs::write(&target, "keep me").expect("written");
        let path = dir.path().join("engine.lock");
        std::os::unix::fs::symlink(&target, &path).expect("linked");
        assert!(matches!(
            EngineLock::acquire(&path, Path::new("/x")),
            Err(LockError::Io { .. })
        ));
        assert_eq!(std::fs::read_to_string(&target).expect("still there"), "keep me");
    }
}
