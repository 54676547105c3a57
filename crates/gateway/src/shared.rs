//! What every connection of a gateway shares.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, watch};

use crate::access::AccessLog;
use crate::attacks::Attacks;
use crate::check::Checks;
use crate::config::{Timing, Upstream as UpstreamState, VerifyPassword};
use crate::drain::Drain;
use crate::evidence::Evidence;
use crate::links::Links;
use crate::live::Live;
use crate::open::Open;
use crate::policy::Policy;
use crate::session::SessionStore;
use crate::tls::Choice;
use crate::upstream::Upstream;
use crate::visits::Visits;
use crate::workers::Workers;

/// The state of a gateway. Everything that can change does so as a whole, behind an `ArcSwap`: a request sees the old
/// configuration or the new one.
pub(crate) struct Shared {
    pub(crate) policy: ArcSwap<Policy>,
    pub(crate) tls: ArcSwap<Choice>,
    pub(crate) timing: Timing,
    pub(crate) sessions: SessionStore,
    pub(crate) links: Links,
    pub(crate) checks: Checks,
    pub(crate) password: Arc<dyn VerifyPassword>,
    /// Turns for slow verifications.
    pub(crate) verifiers: Arc<Semaphore>,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) upstream_state: watch::Receiver<UpstreamState>,
    pub(crate) access: Arc<AccessLog>,
    pub(crate) evidence: Arc<Evidence>,
    pub(crate) visits: Arc<Visits>,
    pub(crate) open: Arc<Open>,
    pub(crate) tunnels: Arc<Open>,
    pub(crate) attacks: Attacks,
    pub(crate) live: Live,
    pub(crate) drain: Arc<Drain>,
    pub(crate) workers: Workers,
}
