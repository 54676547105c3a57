//! The live figures: how fast requests are answered, who is connected, what was refused.
//!
//! What a request writes is its own thread's ([`crate::workers`]) or its own connection's: a few uncontended atomics. Only
//! whoever asks pays for putting the figures together.

mod connection;
mod counts;
mod histogram;
mod latency;
mod reconnects;
mod upload;
mod view;

pub(crate) use connection::{Connections, Listed, Traffic};
pub(crate) use counts::Counts;
pub(crate) use latency::Latency;
pub(crate) use reconnects::Reconnects;
pub(crate) use upload::Upload;
pub use view::{ConnectionView, Durations, LatencyView, Refusals, RequestCounts};

use std::sync::Arc;

/// All of it, of one gateway.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) latency: Latency,
    pub(crate) counts: Arc<Counts>,
    pub(crate) reconnects: Reconnects,
}

impl Live {
    /// Nothing has happened yet.
    pub(crate) fn new() -> Live {
        Live {
            latency: Latency::new(),
            counts: Arc::new(Counts::new()),
            reconnects: Reconnects::default(),
        }
    }
}
