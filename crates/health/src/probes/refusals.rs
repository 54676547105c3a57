//! What the door has refused lately that points at a mistake in a proxy in front; where a public address is known, its own
//! links tell.

use doorcode_settings::HostName;

use crate::evidence::sort;
use crate::finding::Finding;
use crate::subject::Door;

pub(crate) fn look(door: &Door) -> Finding {
    let hosts: Vec<HostName> = door.hosts.iter().map(|served| served.host.clone()).collect();
    let sorted = sort(&door.evidence, &hosts, None);
    let causes = sorted
        .host
        .into_iter()
        .chain(sorted.identity)
        .chain(sorted.websocket);
    Finding::pass(summary(door)).and(causes)
}

/// What was refused, in one line.
pub(crate) fn summary(door: &Door) -> String {
    let refusals = &door.evidence.refusals;
    if refusals.is_empty() {
        return "nothing was refused in the last 5 minutes".to_owned();
    }
    let named: Vec<String> = refusals
        .iter()
        .map(|refusals| format!("{} {}", refusals.code, refusals.count))
        .collect();
    format!("refused in the last 5 minutes: {}", named.join(", "))
}
