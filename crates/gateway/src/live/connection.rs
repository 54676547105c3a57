//! What is known of each open client connection.

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use http::header::USER_AGENT;
use time::OffsetDateTime;

use super::view::ConnectionView;
use crate::check::Browser;
use crate::link::Protocol;
use crate::who::Who;
use crate::workers;

/// Every open connection, by its number; a part for each thread, so that none waits for another.
#[derive(Debug)]
pub(crate) struct Connections {
    parts: Vec<Mutex<HashMap<u64, Arc<Figures>>>>,
    next: AtomicU64,
}

/// The figures of a connection that is open; it is listed as long as this lives.
#[derive(Debug)]
pub(crate) struct Listed {
    figures: Arc<Figures>,
    connections: Arc<Connections>,
    part: usize,
}

/// What one connection has done so far. Written by its own thread.
#[derive(Debug)]
pub(crate) struct Figures {
    id: u64,
    from: Option<IpAddr>,
    protocol: Protocol,
    since: OffsetDateTime,
    /// Whose request was the last; see [`Who::key`]. 0 before the first.
    last: AtomicUsize,
    person: Mutex<Person>,
    websockets: AtomicU32,
    reconnects: AtomicU32,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

#[derive(Debug, Default)]
struct Person {
    /// Keeps what [`Figures::last`] was made of from being used for somebody else.
    who: Option<Who>,
    device: Option<String>,
}

/// A WebSocket on a connection; counted as long as this lives.
#[derive(Debug)]
pub(crate) struct Traffic {
    figures: Arc<Figures>,
    received: u64,
    sent: u64,
}

impl Default for Connections {
    fn default() -> Self {
        Connections {
            parts: (0..workers::count()).map(|_| Mutex::default()).collect(),
            next: AtomicU64::new(1),
        }
    }
}

impl Connections {
    /// A connection was accepted.
    pub(crate) fn list(self: &Arc<Self>, from: Option<IpAddr>, protocol: Protocol) -> Listed {
        let figures = Arc::new(Figures {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            from,
            protocol,
            since: OffsetDateTime::now_utc(),
            last: AtomicUsize::new(0),
            person: Mutex::default(),
            websockets: AtomicU32::new(0),
            reconnects: AtomicU32::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
        });
        let part = workers::current();
        lock(&self.parts[part]).insert(figures.id, figures.clone());
        Listed {
            figures,
            connections: self.clone(),
            part,
        }
    }

    /// All of them: those with WebSockets first, which are the editors, and then the oldest.
    pub(crate) fn views(&self) -> Vec<ConnectionView> {
        let mut views = Vec::new();
        for part in &self.parts {
            views.extend(lock(part).values().map(|figures| figures.view()));
        }
        views.sort_by_key(|view: &ConnectionView| (view.websockets == 0, view.since, view.id));
        views
    }
}

impl Deref for Listed {
    type Target = Figures;

    fn deref(&self) -> &Figures {
        &self.figures
    }
}

impl Listed {
    /// Takes it off the list: it is no visitor.
    pub(crate) fn unlist(&self) {
        lock(&self.connections.parts[self.part]).remove(&self.figures.id);
    }

    /// A WebSocket was opened, whose window has connected again so often.
    pub(crate) fn websocket(&self, reconnects: u32) -> Traffic {
        self.figures.websockets.fetch_add(1, Ordering::Relaxed);
        self.figures.reconnects.fetch_max(reconnects, Ordering::Relaxed);
        Traffic {
            figures: self.figures.clone(),
            received: 0,
            sent: 0,
        }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.unlist();
    }
}

impl Figures {
    /// A request of `who` has come, with these headers. Costs one comparison while it is always the same person.
    pub(crate) fn met(&self, who: &Who, headers: &HeaderMap) {
        let key = who.key();
        if self.last.load(Ordering::Relaxed) == key {
            return;
        }
        let device = headers
            .contains_key(USER_AGENT)
            .then(|| Browser::of(headers).to_string());
        *lock(&self.person) = Person {
            who: Some(who.clone()),
            device,
        };
        self.last.store(key, Ordering::Relaxed);
    }

    /// Bytes of a body came from the client.
    pub(crate) fn received(&self, bytes: u64) {
        self.bytes_in.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of a body went to the client.
    pub(crate) fn sent(&self, bytes: u64) {
        self.bytes_out.fetch_add(bytes, Ordering::Relaxed);
    }

    fn view(&self) -> ConnectionView {
        let person = lock(&self.person);
        let who = person.who.as_ref();
        ConnectionView {
            id: self.id,
            session: who.and_then(Who::session).map(|session| session.id.clone()),
            who: who.and_then(Who::user).map(str::to_owned),
            from: self.from,
            device: person.device.clone(),
            since: self.since,
            protocol: self.protocol.as_str().to_owned(),
            websockets: self.websockets.load(Ordering::Relaxed),
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            reconnects: self.reconnects.load(Ordering::Relaxed),
        }
    }
}

impl Traffic {
    /// So many bytes have come from the client and gone to it by now, on this WebSocket.
    pub(crate) fn moved(&mut self, received: u64, sent: u64) {
        self.figures.received(received - self.received);
        self.figures.sent(sent - self.sent);
        (self.received, self.sent) = (received, sent);
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.figures.websockets.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
