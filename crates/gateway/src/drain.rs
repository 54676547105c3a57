//! Stopping in good order: no new connections, the old ones finish, and whatever is left at the deadline ends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Every task of a gateway, and the word to stop.
#[derive(Debug, Default)]
pub(crate) struct Drain {
    begun: AtomicBool,
    stop: CancellationToken,
    tasks: TaskTracker,
    next: AtomicU64,
    handles: Mutex<HashMap<u64, AbortHandle>>,
}

impl Drain {
    /// Runs `work` as a task that [`Drain::run`] waits for and, at its deadline, ends.
    pub(crate) fn spawn(self: &Arc<Self>, work: impl Future<Output = ()> + Send + 'static) {
        self.spawn_on(&Handle::current(), work);
    }

    /// The same, on another event loop.
    pub(crate) fn spawn_on(
        self: &Arc<Self>,
        runtime: &Handle,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let registered = Registered {
            drain: self.clone(),
            id,
        };
        // Held while spawning: the task cannot take its handle out before it is in.
        let mut handles = self.handles();
        let task = async move {
            let _registered = registered;
            work.await;
        };
        let task = self.tasks.spawn_on(task, runtime);
        handles.insert(id, task.abort_handle());
    }

    /// Whether stopping has begun. Cheap enough for every wake-up of a connection.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    /// Ready when stopping begins.
    pub(crate) fn begins(&self) -> impl Future<Output = ()> + Send + 'static {
        self.stop.clone().cancelled_owned()
    }

    /// Begins to stop, waits until every task has ended, and ends those that have not by `deadline`.
    pub(crate) async fn run(&self, deadline: Duration) {
        self.begun.store(true, Ordering::Release);
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(deadline, self.tasks.wait()).await.is_ok() {
            return;
        }
        let late: Vec<AbortHandle> = self.handles().values().cloned().collect();
        tracing::warn!(
            tasks = late.len(),
            "connections were still busy at the deadline and are closed"
        );
        late.iter().for_each(AbortHandle::abort);
        self.tasks.wait().await;
    }

    fn handles(&self) -> MutexGuard<'_, HashMap<u64, AbortHandle>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Registered {
    drain: Arc<Drain>,
    id: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.drain.handles().remove(&self.id);
    }
}
