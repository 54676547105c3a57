//! What stands between a browser and the editor, looked at link by link, and what is wrong with it.
//!
//! A probe ([`examine`]) looks at one thing, within seconds, and leaves nothing behind: it does not count as use of the
//! editor, it holds no connection, and it has no rights at the door that an outsider has not. What it cannot see for itself
//! it is told ([`Subject`]). The probes form chains ([`LINKS`]); [`diagnose`] names the first link of each that is broken,
//! and what lies behind that is *not reached*. Each cause has a code, a sentence, what it was seen by, and the next step.

mod any_certificate;
mod certificate;
mod diagnosis;
mod dial;
mod evidence;
mod examine;
mod explanations;
mod finding;
mod front;
mod identity_causes;
mod links;
mod over_socket;
mod probes;
mod proxy_causes;
mod report;
mod step;
mod stray;
mod subject;
#[cfg(test)]
mod testing;

pub use diagnosis::{diagnose, worst};
pub use examine::{Depth, examine, glance, look_closely};
pub use explanations::EXPLANATIONS;
pub use finding::{Finding, Findings};
pub use links::{LINKS, Link, LinkId};
pub use report::{Cause, Chain, FixAction, Probe, ProbeStatus, Report, Severity};
pub use step::{Piece, pieces};
pub use subject::{
    Arrival, BrowserTrust, Condition, Door, DoorEvidence, Editor, Folders, Keyring, Refusals, Served,
    Sighting, Subject, Times, Trust, Visit, Visits,
};
