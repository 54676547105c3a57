//! The gateway's side of the probes, as the probes want it.

use doorcode_gateway::{Gateway, ProbeVisit};
use doorcode_health::{Arrival, Visit, Visits};

/// A gateway that knows which requests are probes.
#[derive(Debug)]
pub(super) struct AtTheDoor(pub(super) Gateway);

impl Visits for AtTheDoor {
    fn expect(&self) -> Visit {
        let ProbeVisit { path, token } = self.0.expect_probe();
        Visit { path, token }
    }

    fn arrivals(&self, visit: &Visit) -> Vec<Arrival> {
        let visit = ProbeVisit {
            path: visit.path.clone(),
            token: visit.token.clone(),
        };
        let arrivals = self.0.probe_arrivals(&visit).into_iter();
        arrivals
            .map(|arrival| Arrival {
                host: arrival.host,
                origin: arrival.origin,
                upgrade: arrival.upgrade,
                websocket_key: arrival.websocket_key,
                identity: arrival.identity.into_iter().map(str::to_owned).collect(),
            })
            .collect()
    }

    fn own(&self, port: u16) -> Box<dyn Send + Sync> {
        Box::new(self.0.own_probe(port))
    }
}
