//! Who has read a check's address where others can read along.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Addresses that are kept; more of them change nothing, as one stranger is enough.
const MOST: usize = 16;

/// The addresses to which a check's address went over plain http, shared between the check and the page that holds it.
///
/// Who listens on the network while a device reads that page can open the check as well, but not so easily from the
/// device's own address: so only a browser that comes from there speaks for it.
#[derive(Debug, Clone, Default)]
pub struct Readers(Arc<Mutex<BTreeSet<IpAddr>>>);

impl Readers {
    /// Notes `reader`; to be done before it gets the address.
    pub(crate) fn note(&self, reader: IpAddr) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST {
            known.insert(reader.to_canonical());
        }
    }

    /// Those that are not `visitor`.
    pub(crate) fn other_than(&self, visitor: &str) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .map(IpAddr::to_string)
            .filter(|reader| reader != visitor)
            .collect()
    }
}
