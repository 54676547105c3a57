//! Running the probes: which of them, in which order, and what is kept from the last time.

use time::OffsetDateTime;

use crate::finding::{Finding, Findings};
use crate::links::LinkId;
use crate::probes::{
    browsers, clock, disk, door_websocket, editor_answer, editor_page, editor_process, editor_socket,
    editor_websocket, given, host_names, listening, memory, public, redirect, refusals, sign_in, tls,
};
use crate::report::ProbeStatus;
use crate::subject::{Condition, Keyring, Subject};

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Connections to the door itself, names, and WebSockets.
    pub door: bool,
    /// The public address over the network.
    pub public: bool,
    /// The editor's first page, which counts as use while it is in use anyway. For a person's wish only.
    pub page: bool,
}

impl Depth {
    /// What costs nearly nothing.
    pub const LIGHT: Depth = Depth {
        door: false,
        public: false,
        page: false,
    };
    /// Everything, for a person who asks.
    pub const FULL: Depth = Depth {
        door: true,
        public: true,
        page: true,
    };
}

/// Looks at everything that `depth` asks for; what it does not ask for stays in `findings` as it was.
///
/// Must be called on a tokio runtime; looks at the disk on a thread of its own.
pub async fn examine(subject: &Subject, depth: Depth, findings: &mut Findings) {
    machine(subject, findings).await;
    editor(subject, depth, findings).await;
    door(subject, depth, findings).await;
    match (&subject.public, &subject.door) {
        (Some(url), door) if depth.public => public::look(url, door.as_ref(), findings).await,
        (Some(url), Some(door)) => public::by_evidence(url, door, findings),
        (Some(_), None) => {}
        (None, _) => findings.retain(|id, _| *id < LinkId::PublicName),
    }
}

async fn machine(subject: &Subject, findings: &mut Findings) {
    findings.insert(LinkId::Settings, given::settings(subject));
    findings.insert(
        LinkId::Clock,
        clock::look(&subject.times, OffsetDateTime::now_utc()),
    );
    let folders = subject.folders.clone();
    let disk = tokio::task::spawn_blocking(move || disk::look(&folders));
    if let Ok(disk) = disk.await {
        findings.insert(LinkId::Disk, disk);
    }
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

async fn editor(subject: &Subject, depth: Depth, findings: &mut Findings) {
    let editor = &subject.editor;
    findings.insert(LinkId::EditorProcess, editor_process::look(editor));
    if !matches!(editor.condition, Condition::Running) {
        return behind(
            findings,
            &[
                LinkId::EditorSocket,
                LinkId::EditorAnswer,
                LinkId::EditorPage,
                LinkId::EditorWebSocket,
            ],
        );
    }
    let socket = Finding::timed(editor_socket::look(&editor.socket)).await;
    let taken = socket.status == ProbeStatus::Pass;
    findings.insert(LinkId::EditorSocket, socket);
    if !taken {
        return behind(
            findings,
            &[LinkId::EditorAnswer, LinkId::EditorPage, LinkId::EditorWebSocket],
        );
    }
    let answer = Finding::timed(editor_answer::look(&editor.socket, editor.pid)).await;
    let (answers, in_use) = (answer.status == ProbeStatus::Pass, editor_answer::in_use(&answer));
    findings.insert(LinkId::EditorAnswer, answer);
    if !answers {
        return behind(findings, &[LinkId::EditorPage, LinkId::EditorWebSocket]);
    }
    match (depth.page, in_use) {
        (true, true) => {
            let page = Finding::timed(editor_page::look(&editor.socket)).await;
            findings.insert(LinkId::EditorPage, page);
        }
        (true, false) => {
            let idle = Finding::skipped("nobody uses the editor, and asking for its page would count as use");
            findings.insert(LinkId::EditorPage, idle);
        }
        (false, _) => {
            findings.remove(&LinkId::EditorPage);
        }
    }
    if depth.door || fails(findings, LinkId::EditorWebSocket) {
        let websocket = Finding::timed(editor_websocket::look(&editor.socket)).await;
        findings.insert(LinkId::EditorWebSocket, websocket);
    }
}

async fn door(subject: &Subject, depth: Depth, findings: &mut Findings) {
    let Some(door) = &subject.door else { return };
    findings.insert(LinkId::Listening, listening::look(&door.listen));
    if depth.door {
        let public = subject
            .public
            .as_ref()
            .map(doorcode_settings::trusted_proxy::PublicUrl::host);
        let names = Finding::timed(host_names::look(door, public)).await;
        findings.insert(LinkId::HostNames, names);
        let tls = Finding::timed(tls::look(door)).await;
        findings.insert(LinkId::Tls, tls);
        let redirect = Finding::timed(redirect::look(door)).await;
        findings.insert(LinkId::Redirect, redirect);
        let sign_in = Finding::timed(sign_in::look(door)).await;
        findings.insert(LinkId::SignIn, sign_in);
        let websocket = Finding::timed(door_websocket::look(door)).await;
        findings.insert(LinkId::DoorWebSocket, websocket);
    }
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

/// Links that cannot be asked because one before them does not hold: they are there, and the diagnosis says so.
fn behind(findings: &mut Findings, ids: &[LinkId]) {
    for id in ids {
        findings.insert(*id, Finding::skipped("not asked"));
    }
}

fn fails(findings: &Findings, id: LinkId) -> bool {
    findings
        .get(&id)
        .is_some_and(|finding| finding.status == ProbeStatus::Fail)
}
