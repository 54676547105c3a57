//! From findings to a report: the first broken link of each chain is named, what lies behind it is not reached. That no
//! engine runs is a cause only where nothing is found that keeps it from starting.

use std::cmp::Reverse;
use std::collections::HashSet;

use time::OffsetDateTime;

use crate::finding::Findings;
use crate::links::{LINKS, Link, LinkId};
use crate::report::{Cause, Chain, Probe, ProbeStatus, Report, Severity};
use crate::step::then;

/// Links that keep an engine from starting while they do not hold.
const BEFORE_THE_START: [LinkId; 5] = [
    LinkId::Settings,
    LinkId::Disk,
    LinkId::CodeServer,
    LinkId::Port,
    LinkId::Tls,
];
const NOT_RUNNING: &str = "engine_not_running";
const START: &str = "doorcode up";

/// What `findings` say together, at `at`.
pub fn diagnose(findings: &Findings, at: OffsetDateTime) -> Report {
    let prevented = what_prevents_the_start(findings);
    let mut broken: HashSet<LinkId> = HashSet::new();
    let mut probes = Vec::new();
    let mut causes: Vec<(&Link, Cause)> = Vec::new();
    for link in LINKS {
        let Some(finding) = findings.get(&link.id) else {
            continue;
        };
        if link.id == LinkId::EditorProcess && !prevented.is_empty() {
            broken.insert(link.id);
            probes.push(not_reached(link, waits_for(&prevented)));
            continue;
        }
        if let Some(missing) = link.after.iter().find(|needed| broken.contains(needed)) {
            broken.insert(link.id);
            let before = title(*missing);
            probes.push(not_reached(
                link,
                format!("it needs \"{before}\", which does not hold yet"),
            ));
            continue;
        }
        if finding.status == ProbeStatus::Fail {
            broken.insert(link.id);
        }
        for cause in &finding.causes {
            if !causes.iter().any(|(_, known)| known.code == cause.code) {
                causes.push((link, cause.clone()));
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
    causes.sort_by_key(|(link, cause)| (Reverse(cause.severity), link.chain == Chain::Trust));
    let last = causes
        .iter_mut()
        .rfind(|(link, cause)| prevented.contains(&link.id) && cause.severity == Severity::Critical);
    if let Some((_, cause)) = last {
        cause.fix = then(&cause.fix, START);
    }
    let causes: Vec<Cause> = causes.into_iter().map(|(_, cause)| cause).collect();
    Report {
        healthy: causes.is_empty(),
        at,
        probes,
        causes,
    }
}

/// The links that do not hold and without which nothing starts, where no engine runs.
fn what_prevents_the_start(findings: &Findings) -> Vec<LinkId> {
    let not_running = |cause: &Cause| cause.code == NOT_RUNNING;
    let process = findings.get(&LinkId::EditorProcess);
    if !process.is_some_and(|finding| finding.causes.iter().any(not_running)) {
        return Vec::new();
    }
    let fails = |id: &LinkId| {
        let finding = findings.get(id);
        finding.is_some_and(|finding| finding.status == ProbeStatus::Fail)
    };
    BEFORE_THE_START.into_iter().filter(fails).collect()
}

fn waits_for(prevented: &[LinkId]) -> String {
    let named: Vec<String> = prevented.iter().map(|id| format!("\"{}\"", title(*id))).collect();
    format!(
        "Doorcode does not run, because of {}: mend that first, then {START}",
        named.join(" and ")
    )
}

fn title(id: LinkId) -> &'static str {
    let link = LINKS.iter().find(|link| link.id == id);
    link.map_or("", |link| link.title)
}

/// How bad the worst cause is; none when there is none.
pub fn worst(report: &Report) -> Option<Severity> {
    report.causes.iter().map(|cause| cause.severity).max()
}

fn not_reached(link: &Link, evidence: String) -> Probe {
    Probe {
        id: link.id.as_str().to_owned(),
        chain: link.chain,
        title: link.title.to_owned(),
        status: ProbeStatus::NotReached,
        millis: 0.0,
        evidence,
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
    fn that_nothing_runs_follows_from_what_keeps_it_from_starting() {
        let stopped = || {
            let cause = Cause::critical(NOT_RUNNING, "nothing runs", START);
            (LinkId::EditorProcess, Finding::wrong("no engine", cause))
        };
        let finding = |id: LinkId, fix| {
            let cause = Cause::critical(id.as_str(), "broken", fix);
            (id, Finding::wrong("seen", cause))
        };
        let said = |findings: Vec<(LinkId, Finding)>| {
            let report = diagnose(&findings.into_iter().collect(), AT);
            let causes = report
                .causes
                .iter()
                .map(|cause| (cause.code.clone(), cause.fix.clone()));
            (causes.collect::<Vec<_>>(), status(&report, LinkId::EditorProcess))
        };
        let cause = |code: &str, fix: &str| (code.to_owned(), fix.to_owned());

        let alone = (vec![cause(NOT_RUNNING, START)], ProbeStatus::Fail);
        assert_eq!(said(vec![stopped()]), alone);
        // After the last of those that keep it from starting, and whatever stands behind it in the list.
        let (causes, process) = said(vec![
            stopped(),
            finding(LinkId::CodeServer, "doorcode install"),
            finding(LinkId::Tls, "put a new one there"),
        ]);
        assert_eq!(process, ProbeStatus::NotReached);
        let expected = [
            cause("code-server", "doorcode install"),
            cause("tls", "put a new one there; then `doorcode up`"),
        ];
        assert_eq!(causes, expected);
        // A clock that is wrong keeps nothing from starting.
        let (causes, process) = said(vec![stopped(), finding(LinkId::Clock, "date")]);
        assert_eq!(causes, [cause("clock", "date"), cause(NOT_RUNNING, START)]);
        assert_eq!(process, ProbeStatus::Fail);
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
