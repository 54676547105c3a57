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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use doorcode_settings::AuthMode;
    use time::OffsetDateTime;

    use super::*;
    use crate::subject::{DoorEvidence, Refusals, Sighting};
    use crate::testing::Nobody;

    /// A door that has refused somebody whom the proxy did not name.
    fn door(passed_since: bool, let_in: bool) -> Door {
        Door {
            listen: Vec::new(),
            hosts: Vec::new(),
            certificate_problems: Vec::new(),
            auth: AuthMode::TrustedProxy,
            proxy: None,
            tls: true,
            full: None,
            evidence: DoorEvidence {
                refusals: vec![Refusals {
                    code: "trusted_proxy_user_missing".into(),
                    count: 7,
                    last: Sighting {
                        request: "0a-1".into(),
                        at: OffsetDateTime::UNIX_EPOCH,
                        client: "10.0.0.1".parse().expect("an address"),
                        host: "code.test".into(),
                        origin: None,
                        detail: String::new(),
                        proxied: true,
                    },
                    passed_since,
                }],
                let_in,
                ..DoorEvidence::default()
            },
            visits: Arc::new(Nobody),
        }
    }

    #[test]
    fn what_holds_is_told_without_what_was_refused_before() {
        let broken = look(&door(false, false));
        assert!(broken.evidence.contains("refused 7 times"), "{}", broken.evidence);
        let healed = look(&door(true, true));
        assert!(healed.causes.is_empty());
        assert_eq!(healed.evidence, "requests are let in");
    }
}
