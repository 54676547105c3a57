//! Ending an editor that an earlier engine left behind. It is never adopted: nobody holds its terminal any more.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use doorcode_settings::files;
use tracing::warn;

use crate::ending;
use crate::error::SupervisorError;
use crate::process;
use crate::record::Record;
use crate::tree::Tree;

/// As long as code-server's own cap for an orderly end.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// An editor that was left behind and has been ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Its parent process.
    pub pid: u32,
    /// How many processes there were.
    pub processes: usize,
}

/// Ends what is left of the editor named by the record of an earlier engine, and removes the record; none when there is
/// nothing left, or no record. Only processes that are certainly ours are ended: the one with the recorded start time, or
/// members of its session that carry the mark of that start. Blocks, for at most 7 s.
///
/// # Errors
/// When the record is there and cannot be read, as when it belongs to somebody else; when a process does not end.
pub fn sweep_leftover(record: &Path) -> Result<Option<Swept>, SupervisorError> {
    let unusable = |source| SupervisorError::Record {
        path: record.to_owned(),
        source,
    };
    let contents = match files::read_private(record) {
        Ok(contents) => contents,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error)),
    };
    let swept = match serde_json::from_slice::<Record>(&contents) {
        Ok(known) => sweep(&known, process::boot_id().map_err(unusable)?)?,
        Err(error) => {
            warn!(path = %record.display(), %error, "the record of an earlier editor is damaged and is thrown away");
            None
        }
    };
    fs::remove_file(record).map_err(unusable)?;
    Ok(swept)
}

fn sweep(record: &Record, boot: String) -> Result<Option<Swept>, SupervisorError> {
    if record.boot != boot {
        return Ok(None);
    }
    let mut tree = if process::is_alive(record.leader) {
        Tree::of(record.leader)
    } else {
        Tree::left_behind(record.leader, record.token())
    };
    let ended = ending::end(&mut tree, STOP_LIMIT);
    ended.check()?;
    Ok((ended.processes > 0).then_some(Swept {
        pid: record.leader.pid,
        processes: ended.processes,
    }))
}
