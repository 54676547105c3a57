//! How many connections are open, and which.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, watch};

use crate::link::Protocol;
use crate::live::{Connections, Listed};

/// A count whose members are [`Slot`]s.
#[derive(Debug, Default)]
pub(crate) struct Open {
    count: AtomicUsize,
    freed: Notify,
    news: watch::Sender<()>,
    pub(crate) connections: Arc<Connections>,
}

impl Open {
    /// Nobody yet; tells `news` about each who comes or goes.
    pub(crate) fn telling(news: watch::Sender<()>) -> Open {
        Open {
            news,
            ..Open::default()
        }
    }

    /// How many slots are taken.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Takes a slot.
    pub(crate) fn take(self: &Arc<Self>) -> Slot {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.news.send_replace(());
        Slot(self.clone())
    }

    /// Waits until fewer than `limit` slots are taken; `limit` is asked again whenever one becomes free.
    pub(crate) async fn below(&self, limit: impl Fn() -> usize) {
        loop {
            let freed = self.freed.notified();
            if self.count() < limit() {
                return;
            }
            freed.await;
        }
    }

    /// Makes [`Open::below`] ask for the limit again.
    pub(crate) fn limit_changed(&self) {
        self.freed.notify_waiters();
    }
}

/// One open connection; dropping it frees the slot.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Open>);

impl Slot {
    /// Lists whose slot it is.
    pub(crate) fn list(&self, from: Option<IpAddr>, protocol: Protocol) -> Listed {
        self.0.connections.list(from, protocol)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        self.0.freed.notify_waiters();
        self.0.news.send_replace(());
    }
}
