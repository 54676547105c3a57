//! Putting a new pair in the place of an old one.
//!
//! Everything that can fail for want of room or permission comes first, under other names; what follows are renames. The
//! old certificate leaves before any half of the new pair arrives, and the new certificate comes last: however the machine
//! dies in between, no certificate ever stands beside another's key, and a lone key is one that nobody trusts yet.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use doorcode_settings::files::write_private;
use time::OffsetDateTime;
use time::macros::format_description;

use super::failed;
use super::load::PairPaths;
use crate::error::CertError;
use crate::shape::Fresh;

/// Stands between a file's name and the time it was set aside.
pub(super) const BACKUP_MARK: &str = ".bak-";

/// Replaces the pair at `paths` by `fresh`. Gives the name the old certificate now has, or the old key's if that was all.
pub(super) fn replace(
    paths: &PairPaths,
    fresh: &Fresh,
    now: OffsetDateTime,
) -> Result<Option<PathBuf>, CertError> {
    let staged = PairPaths {
        cert: staging(&paths.cert),
        key: staging(&paths.key),
    };
    let backup = backup_names(paths, now);
    let mut moves = Vec::new();
    if exists(&paths.cert) {
        moves.push((&paths.cert, &backup.cert));
    }
    if exists(&paths.key) {
        moves.push((&paths.key, &backup.key));
    }
    let old = moves.first().map(|(_, backup)| (*backup).clone());
    moves.push((&staged.key, &paths.key));
    moves.push((&staged.cert, &paths.cert));

    let done = stage(&staged, fresh).and_then(|()| rename_all(&moves));
    if done.is_err() {
        // Nobody was told of these; whichever exist are of no use.
        let _ = fs::remove_file(&staged.key);
        let _ = fs::remove_file(&staged.cert);
    }
    done?;
    tighten(&backup.key);
    sync_folder(&paths.cert)?;
    Ok(old)
}

fn stage(staged: &PairPaths, fresh: &Fresh) -> Result<(), CertError> {
    write_private(&staged.key, fresh.key.as_bytes()).map_err(failed("write", &staged.key))?;
    write_private(&staged.cert, fresh.certificates.as_bytes()).map_err(failed("write", &staged.cert))
}

/// Renames in order; at the first failure, undoes those before it.
fn rename_all(moves: &[(&PathBuf, &PathBuf)]) -> Result<(), CertError> {
    for (index, (from, to)) in moves.iter().enumerate() {
        if let Err(error) = fs::rename(from, to) {
            for (from, to) in moves[..index].iter().rev() {
                // The first failure is the one to report; where this fails too, the backup is what is left.
                let _ = fs::rename(to, from);
            }
            return Err(failed("rename", from)(error));
        }
    }
    Ok(())
}

/// A hidden name beside `path`. The same one each time, so that a leftover of a crash is overwritten.
fn staging(path: &Path) -> PathBuf {
    renamed(path, |name| format!(".{name}.new"))
}

/// Names with the same time for both files, and not in use.
fn backup_names(paths: &PairPaths, now: OffsetDateTime) -> PairPaths {
    let second = now
        .format(format_description!("[year][month][day]T[hour][minute][second]Z"))
        .expect("every time after the year 0 can be written so");
    let ends = std::iter::once(second.clone()).chain((2..).map(|number: u32| format!("{second}-{number}")));
    let names = |end: String| PairPaths {
        cert: renamed(&paths.cert, |name| format!("{name}{BACKUP_MARK}{end}")),
        key: renamed(&paths.key, |name| format!("{name}{BACKUP_MARK}{end}")),
    };
    ends.map(names)
        .find(|backup| !exists(&backup.cert) && !exists(&backup.key))
        .expect("there are more numbers than files")
}

fn renamed(path: &Path, name: impl FnOnce(&str) -> String) -> PathBuf {
    let old = path
        .file_name()
        .and_then(|name| name.to_str())
        .expect("the store's file names are made of host names");
    path.with_file_name(name(old))
}

/// A key that others could read is kept, but no longer readable by them.
fn tighten(key: &Path) {
    // Not through a link, whose target is not ours to change. It lies in a folder that only we can enter, so that a
    // failure (somebody else's file) leaves nothing open.
    if key.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
        let _ = fs::set_permissions(key, Permissions::from_mode(0o600));
    }
}

fn sync_folder(file: &Path) -> Result<(), CertError> {
    let folder = file.parent().expect("the store's files are in its folder");
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed("sync", folder))
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
