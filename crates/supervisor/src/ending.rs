//! Ending the editor with everything it started, in bounded time.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tracing::warn;

use crate::error::SupervisorError;
use crate::process::{self, Process};
use crate::tree::Tree;

/// How long what is left may take to end by itself after its terminal hung up.
const HANG_UP_LIMIT: Duration = Duration::from_secs(1);
/// How long the kernel may take to carry out SIGKILL; only a process stuck in a device driver needs longer.
const KILL_LIMIT: Duration = Duration::from_millis(900);
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What became of the editor's processes.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// How many there were.
    pub(crate) processes: usize,
    /// Those that could not be ended.
    survivors: Vec<Process>,
}

impl Ended {
    /// # Errors
    /// When a process did not end, even by SIGKILL.
    pub(crate) fn check(&self) -> Result<(), SupervisorError> {
        if self.survivors.is_empty() {
            return Ok(());
        }
        Err(SupervisorError::Survivors {
            pids: self.survivors.iter().map(|process| process.id.pid).collect(),
        })
    }
}

/// Ends the editor: SIGTERM to its parent process, which ends the rest in its own order; after `stop_limit`, or as soon
/// as it is gone, a hang-up for whatever is left, and at last SIGKILL. Takes at most 2 s more than `stop_limit`; blocks.
pub(crate) fn end(tree: &mut Tree, stop_limit: Duration) -> Ended {
    let mut ending = Ending { tree, most: 0 };
    let leader = ending.tree.leader();
    let leader_lived = process::is_alive(leader);
    // Who is whose descendant is known only while they live.
    ending.look();
    if leader_lived {
        send(leader, Signal::SIGTERM);
        ending.wait(stop_limit, |_| !process::is_alive(leader));
    }
    // A stopped process takes notice of the others only when it is continued.
    for signal in [Signal::SIGHUP, Signal::SIGTERM, Signal::SIGCONT] {
        ending.signal_all(signal);
    }
    ending.wait(HANG_UP_LIMIT, |left| left.is_empty());
    let mut survivors = ending.look();
    let deadline = Instant::now() + KILL_LIMIT;
    while !survivors.is_empty() && Instant::now() < deadline {
        ending.signal_all(Signal::SIGKILL);
        std::thread::sleep(LOOK_EVERY);
        survivors = ending.look();
    }
    Ended {
        processes: ending.most,
        survivors,
    }
}

struct Ending<'a> {
    tree: &'a mut Tree,
    /// The most processes seen at once.
    most: usize,
}

impl Ending<'_> {
    fn look(&mut self) -> Vec<Process> {
        let alive = self.tree.refresh().unwrap_or_else(|error| {
            warn!(%error, "cannot read the process table");
            process::find(self.tree.leader().pid)
                .into_iter()
                .filter(|found| found.id == self.tree.leader())
                .collect()
        });
        self.most = self.most.max(alive.len());
        alive
    }

    /// Looks again and again, so that what is started meanwhile is known too, until `done` or the limit.
    fn wait(&mut self, limit: Duration, done: impl Fn(&[Process]) -> bool) {
        let deadline = Instant::now() + limit;
        while !done(&self.look()) && Instant::now() < deadline {
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn signal_all(&mut self, signal: Signal) {
        for process in self.look() {
            send(process.id, signal);
        }
    }
}

fn send(id: process::Identity, signal: Signal) {
    if let Err(error) = process::signal(id, signal) {
        warn!(pid = id.pid, %signal, %error, "cannot signal a process of the editor");
    }
}
