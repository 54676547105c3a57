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
        return Finding::skipped(
            "no browser of this machine has to believe a certificate of ours, or none was found",
        );
    }
    let seen: Vec<String> = known
        .iter()
        .map(|one| {
            format!("{}: {} {}", one.title, word(one.state), one.host)
                .trim()
                .to_owned()
        })
        .collect();
    let of = |state: Trust| {
        let browsers: Vec<&BrowserTrust> = known.iter().copied().filter(|one| one.state == state).collect();
        (!browsers.is_empty()).then_some(browsers)
    };
    let causes = [
        of(Trust::NotTrusted).map(|browsers| untrusted(&browsers)),
        of(Trust::RestartNeeded).map(|browsers| restart(&browsers)),
    ];
    let refused = refused.map(|sighting| {
        format!(
            "a browser at {} ended the handshake: {}",
            sighting.client, sighting.detail
        )
    });
    let causes = causes.into_iter().flatten().map(|cause| match &refused {
        Some(refused) => cause.seen_by(refused),
        None => cause,
    });
    Finding::pass(seen.join("; ")).and(causes)
}

fn untrusted(browsers: &[&BrowserTrust]) -> Cause {
    let (titles, hosts) = named(browsers);
    let fix = match hosts.split_once(", ") {
        None => format!(
            "`doorcode trust install --host {hosts}`, then close every window of the browser and open it again"
        ),
        Some(_) => {
            let each = hosts
                .split(", ")
                .map(|host| format!("`doorcode trust install --host {host}`"));
            let each: Vec<String> = each.collect();
            format!(
                "{}, then close every window of the browser and open it again",
                each.join(", ")
            )
        }
    };
    let message = format!(
        "the certificate of {hosts} is not believed by {titles} on this machine: a warning comes up, and previews and images stay empty"
    );
    Cause::warning("browser_untrusted", message, fix).with_action(FixAction::TrustInstall)
}

fn restart(browsers: &[&BrowserTrust]) -> Cause {
    let (titles, hosts) = named(browsers);
    Cause::warning(
        "browser_restart_needed",
        format!("{titles} will believe the certificate of {hosts} after the next start, and warn until then"),
        format!("close every window of {titles}, then open it again"),
    )
}

/// The browsers and the hosts, each once.
fn named(browsers: &[&BrowserTrust]) -> (String, String) {
    let (mut titles, mut hosts): (Vec<String>, Vec<String>) = Default::default();
    for browser in browsers {
        for (text, list) in [
            (browser.title.clone(), &mut titles),
            (browser.host.to_string(), &mut hosts),
        ] {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
    (titles.join(" and "), hosts.join(", "))
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
        let message = &finding.causes[0].message;
        assert!(message.contains("by Firefox (default) on"), "{message}");
    }

    #[test]
    fn a_machine_without_browsers_is_not_judged() {
        assert_eq!(look(&[], None).status, ProbeStatus::Skipped);
        let unknown = look(&[browser("Firefox", Trust::Unknown)], None);
        assert_eq!(unknown.status, ProbeStatus::Skipped);
    }
}
