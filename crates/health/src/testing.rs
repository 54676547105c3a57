//! What several tests of this crate need.

use crate::subject::{Arrival, Visit, Visits};

/// The visits of a door that no probe asks anything.
#[derive(Debug)]
pub(crate) struct Nobody;

impl Visits for Nobody {
    fn expect(&self) -> Visit {
        unreachable!("nothing is asked")
    }

    fn arrivals(&self, _: &Visit) -> Vec<Arrival> {
        Vec::new()
    }

    fn own(&self, _: u16) -> Box<dyn Send + Sync> {
        Box::new(())
    }
}
