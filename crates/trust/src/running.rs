//! Whether a browser runs, and since when.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// Since when a browser of Chromium's family runs with the settings in `config`: `SingletonLock` is a link to
/// `<machine>-<pid>`, made when it starts and removed when it ends, but not when it is killed.
pub(crate) fn chromium_since(config: &Path) -> Option<SystemTime> {
    let lock = config.join("SingletonLock");
    let target = fs::read_link(&lock).ok()?;
    let pid = target.to_str()?.rsplit_once('-')?.1;
    if pid.is_empty() || !pid.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let owner = fs::metadata(Path::new("/proc").join(pid)).ok()?.uid();
    let ours = owner == nix::unistd::geteuid().as_raw();
    ours.then(|| fs::symlink_metadata(&lock).ok()?.modified().ok())?
}

/// Since when Firefox runs with `profile`. It holds a lock on `.parentlock` for as long as it lives, however it ends, and
/// makes the link `lock` when it starts.
pub(crate) fn firefox_since(profile: &Path) -> Option<SystemTime> {
    let file = File::open(profile.join(".parentlock")).ok()?;
    let mut wanted = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(&file, FcntlArg::F_GETLK(&mut wanted)).ok()?;
    if wanted.l_type == libc::F_UNLCK as libc::c_short {
        return None;
    }
    let started = fs::symlink_metadata(profile.join("lock")).or_else(|_| file.metadata());
    started.ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_a_killed_chromium_left_behind_is_none() {
        let config = tempfile::tempdir().expect("a folder");
        let link = config.path().join("SingletonLock");
        let pointing_at = |target: String| {
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(target, &link).expect("a link");
            chromium_since(config.path()).is_some()
        };
        assert!(pointing_at(format!("some-machine-{}", std::process::id())));
        // Larger than any process id (PID_MAX_LIMIT in proc(5)).
        assert!(!pointing_at("some-machine-5000000".to_owned()));
        assert!(!pointing_at("some-machine-../self".to_owned()));
        assert!(!pointing_at("nonsense".to_owned()));
    }
}
