//! A close look: what takes connections and time, and so runs beside the thread that watches.

use doorcode_health::{BrowserTrust, Depth, Findings, LinkId, Subject, glance, look_closely};
use time::OffsetDateTime;

use super::browsers;
use super::subject::{Memory, Sources};

/// What a close look found.
pub(super) struct Close {
    pub(super) findings: Findings,
    pub(super) browsers: Option<Vec<BrowserTrust>>,
    pub(super) files: Vec<(String, OffsetDateTime)>,
    pub(super) memory: Memory,
    pub(super) depth: Depth,
    /// It was for a person, beside the loop's own.
    pub(super) asked: bool,
}

/// Looks; at the trust stores as well where `doubts` says that a browser has just refused the certificate.
pub(super) async fn close_look(
    sources: &Sources,
    subject: &Subject,
    depth: Depth,
    mut findings: Findings,
    doubts: bool,
) -> Close {
    look_closely(subject, depth, &mut findings).await;
    let browsers = match doubts {
        true => Some(look_at_browsers(sources).await),
        false => None,
    };
    sources.retry_password().await;
    let (files, memory) = {
        let sources = sources.clone();
        let looked = tokio::task::spawn_blocking(move || (sources.changed_files(), sources.memory()));
        looked.await.unwrap_or_default()
    };
    Close {
        findings,
        browsers,
        files,
        memory,
        depth,
        asked: false,
    }
}

/// Looks at everything there is, for a person who has asked.
pub(super) async fn look_at_everything(sources: &Sources, subject: Subject) -> Close {
    let subject = Subject {
        browsers: Some(look_at_browsers(sources).await),
        ..subject
    };
    let glanced = tokio::task::spawn_blocking({
        let subject = subject.clone();
        move || {
            let mut findings = Findings::new();
            glance(&subject, &mut findings);
            findings
        }
    });
    let findings = glanced.await.unwrap_or_default();
    let close = close_look(sources, &subject, Depth::FULL, findings, false).await;
    Close { asked: true, ..close }
}

/// What the trust stores of the browsers hold.
async fn look_at_browsers(sources: &Sources) -> Vec<BrowserTrust> {
    let (paths, settings) = (sources.paths.clone(), sources.settings.load_full());
    let looked = tokio::task::spawn_blocking(move || browsers::look(&paths, &settings)).await;
    looked.unwrap_or_default()
}

/// What only a close look of that depth finds out. A page that was asked for a person's sake is not asked again, so what it
/// said is not kept.
pub(super) fn is_closely_looked_at(id: LinkId, depth: Depth) -> bool {
    match id {
        LinkId::HostNames | LinkId::Tls | LinkId::Redirect | LinkId::SignIn | LinkId::DoorWebSocket => {
            depth.door
        }
        id => id >= LinkId::PublicName && depth.public,
    }
}
