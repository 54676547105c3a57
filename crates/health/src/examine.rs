//! Running the probes: which of them, in which order, and what is kept from the last time.

use doorcode_settings::trusted_proxy::PublicUrl;
use time::OffsetDateTime;

use crate::finding::{Finding, Findings};
use crate::links::LinkId;
use crate::probes::{
    browsers, clock, disk, door_websocket, editor_answer, editor_page, editor_process, editor_socket, given,
    host_names, listening, memory, public, redirect, refusals, sign_in, tls,
};
use crate::report::ProbeStatus;
use crate::subject::{Condition, Door, Keyring, Subject};

/// How much is asked of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Connections to the door itself, names, and WebSockets.
    pub door: bool,
    /// The public address.
    pub public: bool,
    /// The editor's first page, which counts as use while it is in use anyway. For a person's wish only.
    pub page: bool,
}

impl Depth {
    /// Everything, for a person who asks.
    pub const FULL: Depth = Depth {
        door: true,
        public: true,
        page: true,
    };
}

/// Looks at everything, first at what is near; what it finds takes the place of what was in `findings`.
///
/// Must be called on a tokio runtime.
pub async fn examine(subject: &Subject, depth: Depth, findings: Findings) -> Findings {
    let known = findings.clone();
    let glanced = tokio::task::spawn_blocking({
        let (subject, mut findings) = (subject.clone(), findings);
        move || {
            glance(&subject, &mut findings);
            findings
        }
    });
    // It does not panic, and the runtime that would call it off would call this off as well.
    let mut findings = glanced.await.unwrap_or(known);
    look_closely(subject, depth, &mut findings).await;
    findings
}

/// Looks at what costs nearly nothing, many times a minute: the machine, the editor's process, its `/healthz` and whether
/// that opens a WebSocket, and what the door has seen of people's requests. What is known of the rest stays in `findings`.
///
/// Blocking, for as long as a busy editor is waited for: up to 14 s.
pub fn glance(subject: &Subject, findings: &mut Findings) {
    machine(subject, findings);
    editor(subject, findings);
    match &subject.door {
        Some(door) => what_the_door_knows(subject, door, findings),
        None => findings.retain(|id, _| !(LinkId::Listening..=LinkId::Refusals).contains(id)),
    }
    match (&subject.public, &subject.door) {
        (Some(url), Some(door)) => public::by_evidence(url, door, findings),
        (Some(_), None) => {}
        (None, _) => findings.retain(|id, _| *id < LinkId::PublicName),
    }
}

/// Looks at what takes connections, as far as `depth` asks for it.
pub async fn look_closely(subject: &Subject, depth: Depth, findings: &mut Findings) {
    let editor = &subject.editor;
    let answer = findings.get(&LinkId::EditorAnswer);
    let (answers, in_use) = (
        answer.is_some_and(|finding| finding.status == ProbeStatus::Pass),
        answer.is_some_and(editor_answer::in_use),
    );
    if answers && depth.page {
        let page = match in_use {
            true => Finding::timed(editor_page::look(&editor.socket)).await,
            false => Finding::skipped("nobody uses the editor, and asking for its page would count as use"),
        };
        findings.insert(LinkId::EditorPage, page);
    }
    if let Some(door) = subject.door.as_ref().filter(|_| depth.door) {
        door_itself(subject, door, findings).await;
    }
    if let Some(url) = subject.public.as_ref().filter(|_| depth.public) {
        public::look(url, subject.door.as_ref(), findings).await;
    }
}

fn machine(subject: &Subject, findings: &mut Findings) {
    findings.insert(LinkId::Settings, given::settings(subject));
    findings.insert(
        LinkId::Clock,
        clock::look(&subject.times, OffsetDateTime::now_utc()),
    );
    findings.insert(LinkId::Disk, disk::look(&subject.folders));
    findings.insert(LinkId::Memory, memory::look(&subject.editor));
    // Without a password there is nothing to say of the keyring.
    match subject.keyring {
        Keyring::NotNeeded => findings.remove(&LinkId::Keyring),
        _ => findings.insert(LinkId::Keyring, given::keyring(subject)),
    };
    if let Some(found) = &subject.code_server {
        findings.insert(LinkId::CodeServer, given::code_server(found));
    }
    if let Some(problems) = &subject.ports {
        findings.insert(LinkId::Port, given::port(problems));
    }
}

fn editor(subject: &Subject, findings: &mut Findings) {
    const BEHIND: [LinkId; 4] = [
        LinkId::EditorSocket,
        LinkId::EditorAnswer,
        LinkId::EditorPage,
        LinkId::EditorWebSocket,
    ];
    let editor = &subject.editor;
    findings.insert(LinkId::EditorProcess, editor_process::look(editor));
    if !matches!(editor.condition, Condition::Running) {
        return behind(findings, &BEHIND);
    }
    let (answer, websocket) = editor_answer::look(&editor.socket, editor.pid);
    let answers = answer.status == ProbeStatus::Pass;
    let socket = match answers {
        true => Finding::pass(editor.socket.display().to_string()),
        false => editor_socket::look(&editor.socket),
    };
    findings.insert(LinkId::EditorSocket, socket);
    findings.insert(LinkId::EditorAnswer, answer);
    if answers {
        // What was skipped while it did not answer says nothing of it now.
        let skipped =
            |finding: &Finding| finding.status == ProbeStatus::Skipped && finding.evidence == NOT_ASKED;
        findings.retain(|id, finding| !(BEHIND.contains(id) && skipped(finding)));
        findings.insert(LinkId::EditorWebSocket, websocket);
    } else {
        behind(findings, &BEHIND[2..]);
    }
}

fn what_the_door_knows(subject: &Subject, door: &Door, findings: &mut Findings) {
    findings.insert(LinkId::Listening, listening::look(&door.listen, door.full));
    match subject.public {
        // The public chain tells it, link by link.
        Some(_) => findings.remove(&LinkId::Refusals),
        None => findings.insert(LinkId::Refusals, refusals::look(door)),
    };
    match &subject.browsers {
        Some(browsers) => {
            let refused = door.evidence.certificate_refused.as_ref();
            findings.insert(LinkId::Browsers, browsers::look(browsers, refused))
        }
        None => findings.remove(&LinkId::Browsers),
    };
}

async fn door_itself(subject: &Subject, door: &Door, findings: &mut Findings) {
    let public = subject.public.as_ref().map(PublicUrl::host);
    let names = Finding::timed(host_names::look(door, public)).await;
    findings.insert(LinkId::HostNames, names);
    let tls = Finding::timed(tls::look(door)).await;
    let is_shut = |finding: &Finding| finding.status == ProbeStatus::Fail;
    if is_shut(&tls) {
        findings.insert(LinkId::Tls, tls);
        // Each would wait for an answer that does not come.
        return behind(
            findings,
            &[LinkId::Redirect, LinkId::SignIn, LinkId::DoorWebSocket],
        );
    }
    findings.insert(LinkId::Tls, tls);
    let redirect = Finding::timed(redirect::look(door)).await;
    findings.insert(LinkId::Redirect, redirect);
    let sign_in = Finding::timed(sign_in::look(door)).await;
    if is_shut(&sign_in) {
        findings.insert(LinkId::SignIn, sign_in);
        return behind(findings, &[LinkId::DoorWebSocket]);
    }
    findings.insert(LinkId::SignIn, sign_in);
    let websocket = Finding::timed(door_websocket::look(door)).await;
    findings.insert(LinkId::DoorWebSocket, websocket);
}

const NOT_ASKED: &str = "not asked";

/// Links that cannot be asked because one before them does not hold: they are there, and the diagnosis says so.
fn behind(findings: &mut Findings, ids: &[LinkId]) {
    for id in ids {
        findings.insert(*id, Finding::skipped(NOT_ASKED));
    }
}
