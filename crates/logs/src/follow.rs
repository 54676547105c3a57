//! A log's lines as they are written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::predecessors::{Identity, identity, open_if_there, predecessors};
use crate::tail::{end_of_lines, last_lines, text};

/// A line longer than this is given out in pieces.
const LONGEST_LINE: usize = 1 << 20;
const BLOCK: usize = 64 << 10;
/// Lines that may wait for a slow reader.
const QUEUE: usize = 1024;
const MOST_LOOKS: usize = 100;

/// The lines of a log: see [`follow`]. Dropping it ends its thread.
pub struct Follow {
    lines: mpsc::Receiver<io::Result<String>>,
    _watcher: RecommendedWatcher,
}

impl Follow {
    /// Waits for the next line. None, or an error before it, only when the log cannot be followed any further.
    pub async fn next(&mut self) -> Option<io::Result<String>> {
        self.lines.recv().await
    }
}

/// Gives the last `lines` lines of the log at `path`, and then each new one, over any number of rotations.
///
/// The file need not exist yet, its folder must. Nothing polls: a thread sleeps until the folder changes.
///
/// # Errors
/// The folder cannot be watched, the file cannot be read, or no thread can be started.
pub fn follow(path: &Path, lines: usize) -> io::Result<Follow> {
    let (changed, changes) = std::sync::mpsc::sync_channel(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
            let _ = changed.try_send(()); // full: a look is due already
        }
    })
    .map_err(io::Error::other)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    watcher
        .watch(folder, RecursiveMode::NonRecursive)
        .map_err(io::Error::other)?;

    let (sender, receiver) = mpsc::channel(QUEUE);
    // Here and not on the thread: whatever is written from now on is new.
    let file = open_if_there(path)?;
    let offset = file.as_ref().map_or(Ok(0), end_of_lines)?;
    let mut reader = Reader {
        path: path.to_owned(),
        file,
        offset,
        unfinished: Vec::new(),
        sender,
    };
    std::thread::Builder::new()
        .name("log-follower".into())
        .spawn(move || {
            let mut result = reader.begin(lines);
            while result.is_ok() && changes.recv().is_ok() {
                result = reader.catch_up();
            }
            if let Err(Stop::Failed(error)) = result {
                let _ = reader.sender.blocking_send(Err(error)); // nobody listens any more: nobody to tell
            }
        })?;
    Ok(Follow {
        lines: receiver,
        _watcher: watcher,
    })
}

enum Stop {
    /// Nobody listens any more.
    Unheard,
    Failed(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Failed(error)
    }
}

/// The thread's side: the file being read, which a rotation may have renamed, and how far.
struct Reader {
    path: PathBuf,
    file: Option<File>,
    offset: u64,
    unfinished: Vec<u8>,
    sender: mpsc::Sender<io::Result<String>>,
}

impl Reader {
    fn begin(&mut self, lines: usize) -> Result<(), Stop> {
        for line in last_lines(self.file.as_ref(), self.offset, &self.path, lines)? {
            self.send(line)?;
        }
        self.catch_up()
    }

    fn catch_up(&mut self) -> Result<(), Stop> {
        self.read_on()?;
        let Some(read) = self.file.as_ref().map(identity).transpose()? else {
            return open_if_there(&self.path)?.map_or(Ok(()), |first| self.switch_to(first));
        };
        // A look that a rotation came in between is worth nothing. When all were, the last rotation is still to be reported.
        for _ in 0..MOST_LOOKS {
            let Some(newest) = open_if_there(&self.path)? else {
                return Ok(());
            };
            let newest_id = identity(&newest)?;
            if newest_id == read {
                return Ok(());
            }
            let between = self.files_since(read)?;
            let still_newest = open_if_there(&self.path)?.as_ref().map(identity).transpose()?;
            if still_newest == Some(newest_id) {
                self.read_on()?; // what was written between the first look and the rotation
                between
                    .into_iter()
                    .rev()
                    .try_for_each(|file| self.switch_to(file))?;
                return self.switch_to(newest);
            }
        }
        Ok(())
    }

    /// Predecessors that are newer than the file `read`, newest first; none when that is gone.
    fn files_since(&self, read: Identity) -> io::Result<Vec<File>> {
        let mut newer = Vec::new();
        for predecessor in predecessors(&self.path) {
            let (identity, file) = predecessor?;
            if identity == read {
                return Ok(newer);
            }
            newer.push(file);
        }
        Ok(Vec::new())
    }

    fn switch_to(&mut self, file: File) -> Result<(), Stop> {
        self.finish_line()?;
        self.file = Some(file);
        self.offset = 0;
        self.read_on()
    }

    /// Gives out what was written to the present file since the last time.
    fn read_on(&mut self) -> Result<(), Stop> {
        let Some(file) = &self.file else { return Ok(()) };
        let file = file.try_clone()?;
        if file.metadata()?.len() < self.offset {
            self.unfinished.clear();
            self.offset = 0; // truncated in place
        }
        let mut block = vec![0; BLOCK];
        loop {
            let count = file.read_at(&mut block, self.offset)?;
            if count == 0 {
                return Ok(());
            }
            self.offset += count as u64;
            self.split(&block[..count])?;
        }
    }

    fn split(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.unfinished.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.unfinished.len() >= LONGEST_LINE {
                self.finish_line()?;
            }
        }
        Ok(())
    }

    fn finish_line(&mut self) -> Result<(), Stop> {
        if self.unfinished.is_empty() {
            return Ok(());
        }
        let line = text(self.unfinished.strip_suffix(b"\n").unwrap_or(&self.unfinished));
        self.unfinished.clear();
        self.send(line)
    }

    fn send(&self, line: String) -> Result<(), Stop> {
        self.sender.blocking_send(Ok(line)).map_err(|_| Stop::Unheard)
    }
}
