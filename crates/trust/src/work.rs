//! Going over the stores: looking, proving, putting in, taking out.

use doorcode_settings::Problem;

use crate::ask::Ask;
use crate::places::Places;
use crate::report::TrustReport;
use crate::root::Root;
use crate::store::{Selection, StoreId};

/// What the work is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The root of the host.
    pub root: &'a Root,
    /// The roots of all current hosts; others of our shape are leftovers.
    pub known: &'a [Root],
    /// A page of the host that answers without signing in, such as `https://localhost:8443/.doorcode/sign-in`.
    pub url: &'a str,
}

/// Looks into the stores; starts no browser, changes nothing.
pub fn report(_places: &Places, subject: &Subject<'_>, _only: &Selection) -> TrustReport {
    empty(subject)
}

/// As [`report()`], and has the program that reads each store open the page: a second or so each.
pub fn verify(_places: &Places, subject: &Subject<'_>, _only: &Selection, _ask: &dyn Ask) -> TrustReport {
    empty(subject)
}

/// Puts the root into the stores that have a reader and lack it, and proves each afterwards.
pub fn install(_places: &Places, subject: &Subject<'_>, _only: &Selection, _ask: &dyn Ask) -> TrustReport {
    empty(subject)
}

/// Takes the root out of the stores; the report is as after [`report()`].
pub fn remove(_places: &Places, subject: &Subject<'_>, _only: &Selection, _ask: &dyn Ask) -> TrustReport {
    empty(subject)
}

/// Takes one leftover out.
///
/// # Errors
/// It is not there, it is no root of ours, a current host has it, or the store cannot be changed.
pub fn remove_leftover(
    _places: &Places,
    _known: &[Root],
    _id: &StoreId,
    nickname: &str,
    _ask: &dyn Ask,
) -> Result<(), Problem> {
    Err(Problem::new(
        "leftover_missing",
        format!("there is no leftover {nickname}"),
        "doorcode trust status",
    ))
}

fn empty(subject: &Subject<'_>) -> TrustReport {
    TrustReport {
        host: subject.root.host.clone(),
        fingerprint: subject.root.fingerprint.clone(),
        stores: Vec::new(),
        leftovers: Vec::new(),
    }
}
