//! What the door has refused lately that points at a mistake in a proxy in front; where a public address is known, its own
//! links tell.

use doorcode_settings::HostName;

use crate::evidence::sort;
use crate::finding::Finding;
use crate::front::Front;
use crate::report::Cause;
use crate::subject::Door;

pub(crate) fn look(door: &Door) -> Finding {
    let hosts: Vec<HostName> = door.hosts.iter().map(|served| served.host.clone()).collect();
    let sorted = sort(&door.evidence, &hosts, None, &Front::of(door));
    let causes = sorted.host.into_iter().chain(sorted.identity);
    judged(door, causes.chain(sorted.websocket).collect())
}

/// `causes` with what each was seen by; without any, only what holds: what was refused before has been mended, or was no
/// fault.
pub(crate) fn judged(door: &Door, causes: Vec<Cause>) -> Finding {
    let seen: Vec<&str> = causes.iter().map(|cause| &*cause.evidence).collect();
    let seen = match (seen.is_empty(), door.evidence.let_in) {
        (false, _) => seen.join("; "),
        (true, true) => "requests are let in".to_owned(),
        (true, false) => "nothing shows a mistake in a proxy; nobody has been let in yet".to_owned(),
    };
    Finding::pass(seen).and(causes)
}
