//! A log's lines as they are written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::rotating::numbered;
use crate::tail::{end_of_lines, identity, last_lines, open_if_there, text};

/// A line longer than this is given out in pieces.
const LONGEST_LINE: usize = 1 << 20;
const BLOCK: usize = 64 << 10;
/// Lines that may wait for a slow reader.
const QUEUE: usize = 1024;

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
/// The folder cannot be watched, or no thread can be started.
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
    let mut reader = Reader {
        path: path.to_owned(),
        file: None,
        offset: 0,
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
        self.file = open_if_there(&self.path)?;
        self.offset = self.file.as_ref().map_or(Ok(0), end_of_lines)?;
        for line in last_lines(self.file.as_ref(), self.offset, &self.path, lines)? {
            self.send(line)?;
        }
        self.catch_up()
    }

    fn catch_up(&mut self) -> Result<(), Stop> {
        self.read_on()?;
        let Some(newest) = open_if_there(&self.path)? else {
            return Ok(());
        };
        let newest_id = identity(&newest)?;
        let Some(read) = self.file.as_ref().map(identity).transpose()? else {
            return self.switch_to(newest);
        };
        if read == newest_id {
            return Ok(());
        }
        self.read_on()?; // what was written between the last look and the rotation
        for between in self.files_since(read)?.into_iter().rev() {
            self.switch_to(between)?;
        }
        if self.file.as_ref().map(identity).transpose()? == Some(newest_id) {
            return Ok(()); // rotated once more while we looked
        }
        self.switch_to(newest)
    }

    /// Predecessors that are newer than the file `read`, newest first; none when that is gone.
    fn files_since(&self, read: (u64, u64)) -> io::Result<Vec<File>> {
        let mut newer = Vec::new();
        for number in 1.. {
            let Some(file) = open_if_there(&numbered(&self.path, number))? else {
                break;
            };
            if identity(&file)? == read {
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
