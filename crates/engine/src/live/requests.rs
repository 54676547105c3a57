//! The requests that are about live figures, answered from a thread that may block.

use tokio::sync::oneshot;

use crate::control::{Reply, Request};
use crate::task::Core;

impl Core {
    /// Answers [`Request::Health`], [`Request::Metrics`] and [`Request::FreeMemory`].
    pub(crate) fn answer_live(&self, request: Request, reply: oneshot::Sender<Reply>) {
        let state = self.supervisor.state().borrow().clone();
        let mut status = self.status(&state);
        let (live, memory) = (self.live.clone(), self.memory.clone());
        let report = self.health.report();
        tokio::task::spawn_blocking(move || {
            if let Some(pid) = status.editor.pid {
                status.editor.rss_bytes = memory.known(pid).unwrap_or_else(|| memory.look_up(pid));
            }
            let answer = match request {
                Request::Health => Reply::Health(Box::new(live.view(&status, report))),
                Request::Metrics => Reply::Metrics {
                    text: live.metrics(&status),
                },
                _ => {
                    let freed = live.free_memory();
                    // The figure of a moment ago is no longer true.
                    status.editor.pid.map(|pid| memory.look_up(pid));
                    freed
                }
            };
            let _ = reply.send(answer);
        });
    }
}
