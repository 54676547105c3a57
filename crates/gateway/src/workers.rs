//! The threads that serve connections: one a core, each with an event loop of its own.
//!
//! A connection stays on its thread with everything it causes: its requests, their upstream connections, its WebSockets.
//! So nothing is handed from core to core on a request's way, which on small requests costs more than the work itself.

use std::cell::Cell;
use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// The threads; they end when this is dropped.
#[derive(Debug)]
pub(crate) struct Workers {
    workers: Vec<Worker>,
    next: AtomicUsize,
}

#[derive(Debug)]
struct Worker {
    handle: Handle,
    /// Dropped to end the thread.
    _alive: oneshot::Sender<()>,
}

impl Workers {
    /// Starts a thread for every core.
    ///
    /// # Errors
    /// When the system gives no more threads or event queues.
    pub(crate) fn start() -> io::Result<Workers> {
        let workers = (0..count()).map(Worker::start).collect::<io::Result<_>>()?;
        Ok(Workers {
            workers,
            next: AtomicUsize::default(),
        })
    }

    /// The event loop whose turn it is.
    pub(crate) fn next(&self) -> &Handle {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        &self.workers[turn % self.workers.len()].handle
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Worker> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name(format!("gateway-{number}"))
            .spawn(move || {
                NUMBER.set(number);
                // It only ever ends because the other side is dropped.
                let _ = runtime.block_on(ended);
                runtime.shutdown_background();
            })?;
        Ok(Worker {
            handle,
            _alive: alive,
        })
    }
}

/// How many threads there are.
pub(crate) fn count() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Which of them this is; 0 on any other thread.
pub(crate) fn current() -> usize {
    NUMBER.get()
}
