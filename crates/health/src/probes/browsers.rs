//! Whether the browsers of this machine believe the door's certificate, by what their trust stores hold.

use crate::finding::Finding;
use crate::report::{Cause, FixAction};
use crate::subject::{BrowserTrust, Sighting, Trust};

/// `refused`: a browser that just now ended a handshake for it.
pub(crate) fn look(browsers: &[BrowserTrust], refused: Option<&Sighting>) -> Finding {
    let known: Vec<&BrowserTrust> = browsers
        .iter()
        .filter(|one| one.state != Trust::Unknown)
        .collect();
    if known.is_empty() {
        return Finding::skipped("no browser of this machine was found");
    }
    let seen: Vec<String> = known
        .iter()
        .map(|one| {
            format!("{}: {} {}", one.title, word(one.state), one.host)
                .trim()
                .to_owned()
        })
        .collect();
    let causes = known.iter().filter_map(|one| cause(one, refused));
    let mut causes: Vec<Cause> = causes.collect();
    // One command mends them all.
    causes.dedup_by(|one, other| one.code == other.code);
    Finding::pass(seen.join("; ")).and(causes)
}

fn cause(browser: &BrowserTrust, refused: Option<&Sighting>) -> Option<Cause> {
    let BrowserTrust { title, host, .. } = browser;
    let cause = match browser.state {
        Trust::NotTrusted => Cause::warning(
            "browser_untrusted",
            format!("{title} does not believe the certificate of {host}: it warns, and previews and images stay empty"),
            format!("doorcode trust install --host {host}"),
        )
        .with_action(FixAction::TrustInstall),
        Trust::RestartNeeded => Cause::warning(
            "browser_restart_needed",
            format!("{title} has to be closed and opened again before it believes the certificate of {host}"),
            format!("close every window of {title}, then open it again"),
        ),
        Trust::Trusted | Trust::Unknown => return None,
    };
    Some(match refused {
        Some(sighting) => cause.seen_by(format!(
            "a browser at {} ended the handshake: {}",
            sighting.client, sighting.detail
        )),
        None => cause,
    })
}

fn word(state: Trust) -> &'static str {
    match state {
        Trust::Trusted => "believes",
        Trust::RestartNeeded => "will believe, once opened again,",
        Trust::NotTrusted => "does not believe",
        Trust::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ProbeStatus;

    fn browser(title: &str, state: Trust) -> BrowserTrust {
        BrowserTrust {
            title: title.to_owned(),
            store: "chromium".to_owned(),
            host: "localhost".parse().expect("a host"),
            state,
            detail: String::new(),
        }
    }

    #[test]
    fn one_that_does_not_believe_is_a_warning_with_the_command() {
        let finding = look(
            &[
                browser("Chromium", Trust::Trusted),
                browser("Firefox (default)", Trust::NotTrusted),
            ],
            None,
        );
        assert_eq!(finding.status, ProbeStatus::Warn);
        assert_eq!(finding.causes.len(), 1);
        assert_eq!(finding.causes[0].code, "browser_untrusted");
        assert_eq!(finding.causes[0].action, Some(FixAction::TrustInstall));
        assert!(finding.causes[0].message.starts_with("Firefox (default)"));
    }

    #[test]
    fn a_machine_without_browsers_is_not_judged() {
        assert_eq!(look(&[], None).status, ProbeStatus::Skipped);
        let unknown = look(&[browser("Firefox", Trust::Unknown)], None);
        assert_eq!(unknown.status, ProbeStatus::Skipped);
    }
}
