//! From findings to a report: the first broken link of each chain is named, what lies behind it is not reached.

use std::cmp::Reverse;
use std::collections::HashSet;

use time::OffsetDateTime;

use crate::finding::Findings;
use crate::links::{LINKS, Link, LinkId};
use crate::report::{Cause, Chain, Probe, ProbeStatus, Report, Severity};

/// What `findings` say together, at `at`.
pub fn diagnose(findings: &Findings, at: OffsetDateTime) -> Report {
    let mut broken: HashSet<LinkId> = HashSet::new();
    let mut probes = Vec::new();
    let mut causes: Vec<(Chain, Cause)> = Vec::new();
    for link in LINKS {
        let Some(finding) = findings.get(&link.id) else {
            continue;
        };
        if let Some(missing) = link.after.iter().find(|needed| broken.contains(needed)) {
            broken.insert(link.id);
            probes.push(not_reached(link, *missing));
            continue;
        }
        if finding.status == ProbeStatus::Fail {
            broken.insert(link.id);
        }
        for cause in &finding.causes {
            if !causes.iter().any(|(_, known)| known.code == cause.code) {
                causes.push((link.chain, cause.clone()));
            }
        }
        probes.push(Probe {
            id: link.id.as_str().to_owned(),
            chain: link.chain,
            title: link.title.to_owned(),
            status: finding.status,
            millis: finding.millis,
            evidence: finding.evidence.clone(),
        });
    }
    // Stable: within a severity the order of the links stays. But what the browsers of this machine believe keeps nobody out who
    // comes by another way, and most people are told of it on their first day.
    causes.sort_by_key(|(chain, cause)| (Reverse(cause.severity), *chain == Chain::Trust));
    let causes: Vec<Cause> = causes.into_iter().map(|(_, cause)| cause).collect();
    Report {
        healthy: causes.is_empty(),
        at,
        probes,
        causes,
    }
}

/// How bad the worst cause is; none when there is none.
pub fn worst(report: &Report) -> Option<Severity> {
    report.causes.iter().map(|cause| cause.severity).max()
}

fn not_reached(link: &Link, missing: LinkId) -> Probe {
    let before = LINKS
        .iter()
        .find(|link| link.id == missing)
        .map_or("", |link| link.title);
    Probe {
        id: link.id.as_str().to_owned(),
        chain: link.chain,
        title: link.title.to_owned(),
        status: ProbeStatus::NotReached,
        millis: 0.0,
        evidence: format!("{before} comes before it, and does not work"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Finding;

    const AT: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    /// All links pass but these, whose code is their name.
    fn report(fail: &[LinkId], warn: &[LinkId]) -> Report {
        let mut findings: Findings = LINKS
            .iter()
            .map(|link| (link.id, Finding::pass("fine")))
            .collect();
        for id in fail {
            let cause = Cause::critical(id.as_str(), "broken", "mend it");
            findings.insert(*id, Finding::wrong("seen", cause));
        }
        for id in warn {
            let cause = Cause::warning(id.as_str(), "soon", "see to it");
            findings.insert(*id, Finding::wrong("seen", cause));
        }
        diagnose(&findings, AT)
    }

    fn status(report: &Report, id: LinkId) -> ProbeStatus {
        let probe = report.probes.iter().find(|probe| probe.id == id.as_str());
        probe.expect("told").status
    }

    #[test]
    fn the_first_broken_link_is_named_and_what_lies_behind_is_not_reached() {
        use LinkId as L;
        // What fails; what is named, first to last; what is not reached.
        let table: &[(&[L], &[L], &[L])] = &[
            (&[], &[], &[]),
            (
                &[L::EditorProcess, L::EditorSocket, L::EditorAnswer],
                &[L::EditorProcess],
                &[
                    L::EditorSocket,
                    L::EditorAnswer,
                    L::EditorPage,
                    L::EditorWebSocket,
                ],
            ),
            (
                &[L::EditorAnswer],
                &[L::EditorAnswer],
                &[L::EditorPage, L::EditorWebSocket],
            ),
            (
                &[L::Disk, L::EditorProcess],
                &[L::Disk, L::EditorProcess],
                &[L::EditorSocket],
            ),
            (
                &[L::Listening],
                &[L::Listening],
                &[
                    L::Tls,
                    L::SignIn,
                    L::Browsers,
                    L::PublicAnswer,
                    L::PublicWebSocket,
                ],
            ),
            (
                &[L::Tls],
                &[L::Tls],
                &[L::Redirect, L::DoorWebSocket, L::PublicAnswer],
            ),
            (
                &[L::PublicName],
                &[L::PublicName],
                &[L::PublicConnection, L::PublicIdentity],
            ),
            (
                &[L::PublicHost, L::PublicIdentity],
                &[L::PublicHost],
                &[L::PublicIdentity, L::PublicWebSocket],
            ),
        ];
        for (fail, named, not_reached) in table {
            let report = report(fail, &[]);
            let codes: Vec<&str> = report.causes.iter().map(|cause| &*cause.code).collect();
            let expected: Vec<&str> = named.iter().map(|id| id.as_str()).collect();
            assert_eq!(codes, expected, "{fail:?}");
            for id in *not_reached {
                assert_eq!(status(&report, *id), ProbeStatus::NotReached, "{fail:?} {id:?}");
            }
            assert_eq!(report.exit_code(), if fail.is_empty() { 0 } else { 2 });
            assert_eq!(report.healthy, fail.is_empty());
        }
    }

    #[test]
    fn a_warning_breaks_no_chain_and_stands_behind_what_is_broken() {
        let report = report(&[LinkId::PublicAnswer], &[LinkId::EditorAnswer]);
        let codes: Vec<&str> = report.causes.iter().map(|cause| &*cause.code).collect();
        assert_eq!(codes, ["public-answer", "editor-answer"]);
        assert_eq!(status(&report, LinkId::EditorPage), ProbeStatus::Pass);
    }

    #[test]
    fn what_a_browser_here_does_not_believe_stands_behind_other_warnings() {
        let report = report(&[], &[LinkId::Browsers, LinkId::PublicSignIn, LinkId::Disk]);
        let codes: Vec<&str> = report.causes.iter().map(|cause| &*cause.code).collect();
        assert_eq!(codes, ["disk", "public-sign-in", "browsers"]);
    }

    #[test]
    fn warnings_alone_exit_with_1() {
        let report = report(&[], &[LinkId::Clock]);
        assert_eq!((report.exit_code(), report.healthy), (1, false));
        assert_eq!(worst(&report), Some(Severity::Warning));
    }

    #[test]
    fn a_cause_is_named_once() {
        let twice = Cause::critical("same", "broken", "mend it");
        let findings = Findings::from([
            (LinkId::Settings, Finding::wrong("a", twice.clone())),
            (LinkId::Clock, Finding::wrong("b", twice)),
        ]);
        assert_eq!(diagnose(&findings, AT).causes.len(), 1);
    }

    #[test]
    fn what_was_not_probed_is_not_told() {
        let findings = Findings::from([(LinkId::Clock, Finding::pass("right"))]);
        assert_eq!(diagnose(&findings, AT).probes.len(), 1);
    }

    #[test]
    fn a_cause_without_evidence_has_that_of_its_probe() {
        let finding = Finding::wrong("seen", Cause::critical("code", "broken", "mend it"));
        assert_eq!(finding.causes[0].evidence, "seen");
    }
}
