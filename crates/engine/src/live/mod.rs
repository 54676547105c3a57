//! The live figures: what the status, the window, `doorcode metrics` and the history tell of the last minutes and hours.
//!
//! Nothing here polls. A task wakes up when the editor's state changes, when something comes or goes at the gateway (once
//! a second at most), when something is refused (the same), and every 5 minutes for the history.

mod events;
mod history;
mod lingering;
mod metrics;
mod requests;
mod task;
mod view;

pub(crate) use events::EventBus;
pub use events::{Event, EventKind};
pub use history::HistoryPoint;
pub(crate) use task::{Parts, run};
pub use view::{HealthBrief, HealthState, HealthView, LingeringHost};

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use doorcode_gateway::Gateway;
use doorcode_health::Report;
use doorcode_supervisor::{EditorState, Freed, Supervisor};

use self::history::History;
use self::lingering::Lingering;
use crate::control::Reply;
use crate::status::Status;
use crate::task::lock;

/// What the live figures are made of. Clones are the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    gateway: Gateway,
    supervisor: Supervisor,
    /// The editor's socket.
    socket: PathBuf,
    lingering: Arc<Mutex<Lingering>>,
    history: Arc<Mutex<History>>,
    /// How often the editor was started again after an exit nobody asked for, since the engine started.
    restarts: Arc<AtomicU32>,
    events: EventBus,
}

impl Live {
    /// `socket` is the editor's, `history` its file. Blocking, but only for one small file.
    pub(crate) fn new(
        gateway: Gateway,
        supervisor: Supervisor,
        socket: PathBuf,
        history: PathBuf,
        events: EventBus,
    ) -> Live {
        Live {
            gateway,
            supervisor,
            socket,
            lingering: Arc::default(),
            history: Arc::new(Mutex::new(History::open(history))),
            restarts: Arc::default(),
            events,
        }
    }

    /// What a status says of health.
    pub(crate) fn brief(&self, state: HealthState) -> HealthBrief {
        let latency = self.gateway.latency();
        HealthBrief {
            state,
            p50_micros: latency.p50_micros,
            p95_micros: latency.p95_micros,
        }
    }

    /// The figures behind [`crate::Request::Health`]. Blocking.
    pub(crate) fn view(&self, status: &Status, report: Report) -> HealthView {
        HealthView {
            report,
            latency: self.gateway.latency(),
            history: lock(&self.history).points(),
            lingering: self.lingering(),
            restarts: self.restarts.load(Ordering::Relaxed),
            editor_rss_bytes: status.editor.rss_bytes,
        }
    }

    /// What Prometheus is told. Blocking.
    pub(crate) fn metrics(&self, status: &Status) -> String {
        metrics::text(&metrics::Figures {
            status,
            websockets: self.gateway.tunnels(),
            reconnects: self.gateway.reconnects(),
            requests: self.gateway.requests(),
            refusals: self.gateway.refusals(),
            durations: self.gateway.durations(),
            lingering: &self.lingering(),
            restarts: self.restarts.load(Ordering::Relaxed),
            engine_rss: doorcode_supervisor::own_rss(),
        })
    }

    /// The extension hosts whose window has been gone for a minute and more, the largest first. Blocking.
    pub(crate) fn lingering(&self) -> Vec<LingeringHost> {
        self.look();
        lock(&self.lingering).hosts()
    }

    /// Ends them. Blocking, for 7 s at most.
    pub(crate) fn free_memory(&self) -> Reply {
        let Some(pid) = self.editor() else {
            return Reply::Freed {
                processes: 0,
                bytes: 0,
            };
        };
        self.look();
        let doomed = lock(&self.lingering).identities();
        let Freed { hosts, bytes } = doorcode_supervisor::end_extension_hosts(pid, &self.socket, &doomed);
        self.look();
        Reply::Freed {
            processes: hosts,
            bytes,
        }
    }

    /// Looks which hosts are held by a window now. Blocking.
    fn look(&self) {
        let hosts = match self.editor() {
            Some(pid) => doorcode_supervisor::extension_hosts(pid, &self.socket),
            None => Vec::new(),
        };
        lock(&self.lingering).seen(&hosts, self.gateway.reconnects());
    }

    fn editor(&self) -> Option<u32> {
        match *self.supervisor.state().borrow() {
            EditorState::Running { pid, .. } => Some(pid),
            _ => None,
        }
    }
}
