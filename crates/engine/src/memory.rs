//! How much memory the editor uses: a figure that costs a walk through all processes, and so is looked up rarely.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::task::lock;

/// How long a figure is good enough.
const FRESH: Duration = Duration::from_secs(10);

/// The last figure. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Option<Figure>>>);

#[derive(Debug, Clone, Copy)]
struct Figure {
    pid: u32,
    at: Instant,
    bytes: Option<u64>,
}

impl Memory {
    /// What was found for this process a moment ago; `None` when it has to be looked up.
    pub(crate) fn known(&self, pid: u32) -> Option<Option<u64>> {
        let last = (*lock(&self.0))?;
        (last.pid == pid && last.at.elapsed() < FRESH).then_some(last.bytes)
    }

    /// Looks it up: bytes of the editor whose parent process is `pid`, with all it started. Blocking.
    pub(crate) fn look_up(&self, pid: u32) -> Option<u64> {
        let bytes = doorcode_supervisor::tree_rss(pid);
        *lock(&self.0) = Some(Figure {
            pid,
            at: Instant::now(),
            bytes,
        });
        bytes
    }
}
