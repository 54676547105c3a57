//! Probes against real sockets with real faults: exactly that fault is named, and what lies behind it is not reached.

mod support;

use std::sync::Arc;

use doorcode_health::{Condition, Depth, Findings, ProbeStatus, Report, Subject, diagnose, examine};
use support::{Answer, Certificate, Known, door, https, on_socket, status, subject};
use time::OffsetDateTime;

async fn report(subject: &Subject) -> Report {
    let findings = examine(subject, Depth::FULL, Findings::new()).await;
    diagnose(&findings, OffsetDateTime::now_utc())
}

/// The codes, without those that depend on the machine that the test runs on.
fn codes(report: &Report) -> Vec<&str> {
    let codes = report.causes.iter().map(|cause| &*cause.code);
    codes
        .filter(|code| !matches!(*code, "disk_low" | "memory_low"))
        .collect()
}

fn said(report: &Report, id: &str) -> ProbeStatus {
    let probe = report.probes.iter().find(|probe| probe.id == id);
    probe.unwrap_or_else(|| panic!("{id} is not told")).status
}

fn always(answer: String) -> Answer {
    Arc::new(move |_| answer.clone())
}

/// What a door answers that is as it should be.
fn good_door() -> Answer {
    Arc::new(|request: &str| {
        if request.starts_with("get /.doorcode/check/echo ") {
            let own = request.contains("\r\norigin: https://localhost:");
            return match own && request.contains("doorcode-check, expected") {
                true => {
                    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"
                        .to_owned()
                }
                false => status("403 Forbidden"),
            };
        }
        status("401 Unauthorized")
    })
}

#[tokio::test]
async fn a_door_that_is_as_it_should_be_passes() {
    let certificate = Certificate::new("localhost", -1, 100);
    let server = https(&certificate, good_door()).await;
    let report = report(&subject(Some(door(
        server.address,
        certificate.fingerprint(),
        Arc::default(),
    ))))
    .await;
    // It serves no plain http, so there is no redirect either.
    assert_eq!(codes(&report), ["no_redirect"]);
    for id in ["listening", "host-names", "tls", "sign-in", "door-websocket"] {
        assert_eq!(said(&report, id), ProbeStatus::Pass, "{id}");
    }
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test]
async fn a_certificate_that_is_over_too_early_or_anothers_is_named() {
    for (certificate, code) in [
        (Certificate::new("localhost", -100, -1), "certificate_expired"),
        (Certificate::new("localhost", 2, 100), "certificate_not_yet_valid"),
        (
            Certificate::new("elsewhere.test", -1, 100),
            "certificate_host_not_covered",
        ),
    ] {
        let server = https(&certificate, good_door()).await;
        let report = report(&subject(Some(door(
            server.address,
            certificate.fingerprint(),
            Arc::default(),
        ))))
        .await;
        assert_eq!(codes(&report), [code]);
        assert_eq!(said(&report, "tls"), ProbeStatus::Fail);
        assert_eq!(said(&report, "sign-in"), ProbeStatus::NotReached);
        assert_eq!(report.exit_code(), 2);
    }
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_a_warning() {
    let certificate = Certificate::new("localhost", -1, 20);
    let server = https(&certificate, good_door()).await;
    let report = report(&subject(Some(door(
        server.address,
        certificate.fingerprint(),
        Arc::default(),
    ))))
    .await;
    assert!(codes(&report).contains(&"certificate_due"), "{:?}", report.causes);
    assert_eq!(said(&report, "tls"), ProbeStatus::Warn);
    assert_eq!(said(&report, "sign-in"), ProbeStatus::Pass);
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test]
async fn another_server_in_the_doors_place_is_named() {
    let other = Certificate::new("localhost", -1, 100);
    let server = https(&other, good_door()).await;
    let ours = Certificate::new("localhost", -1, 100);
    let report = report(&subject(Some(door(
        server.address,
        ours.fingerprint(),
        Arc::default(),
    ))))
    .await;
    assert_eq!(codes(&report), ["other_server"]);
    assert!(report.causes[0].evidence.contains(&other.fingerprint()));
}

#[tokio::test]
async fn a_door_that_lets_strangers_in_is_named() {
    let certificate = Certificate::new("localhost", -1, 100);
    let server = https(&certificate, always(status("200 OK"))).await;
    let report = report(&subject(Some(door(
        server.address,
        certificate.fingerprint(),
        Arc::default(),
    ))))
    .await;
    assert_eq!(report.causes[0].code, "sign_in_not_asked");
    assert_eq!(said(&report, "door-websocket"), ProbeStatus::NotReached);
}

#[tokio::test]
async fn a_door_that_opens_websockets_for_other_sites_is_named() {
    let certificate = Certificate::new("localhost", -1, 100);
    let answer: Answer = Arc::new(|request: &str| match request.contains("upgrade: websocket") {
        true => {
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n".to_owned()
        }
        false => status("401 Unauthorized"),
    });
    let server = https(&certificate, answer).await;
    let report = report(&subject(Some(door(
        server.address,
        certificate.fingerprint(),
        Arc::default(),
    ))))
    .await;
    assert_eq!(report.causes[0].code, "websocket_origin_not_checked");
}

#[tokio::test]
async fn an_address_where_nobody_listens_any_more_is_named() {
    let certificate = Certificate::new("localhost", -1, 100);
    let server = https(&certificate, good_door()).await;
    let address = server.address;
    drop(server);
    let gone = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), gone)
        .await
        .expect("the listener is gone");
    let report = report(&subject(Some(door(
        address,
        certificate.fingerprint(),
        Arc::default(),
    ))))
    .await;
    assert_eq!(codes(&report), ["tls_failed"]);
    assert_eq!(said(&report, "sign-in"), ProbeStatus::NotReached);
}

fn running(socket: &std::path::Path) -> Subject {
    let mut subject = subject(None);
    subject.editor.condition = Condition::Running;
    subject.editor.socket = socket.to_owned();
    subject
}

#[tokio::test]
async fn an_editors_faults_are_told_apart() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let healthz = r#"{"status":"alive","lastHeartbeat":1}"#;
    let alive = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{healthz}",
        healthz.len()
    );
    let upgraded = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
    let (good, no_page, no_websocket) = (alive.clone(), alive.clone(), alive);
    let cases: [(&str, Answer, Option<&str>); 5] = [
        (
            "good",
            Arc::new(move |request: &str| match request {
                request if request.contains("upgrade: websocket") => upgraded.to_owned(),
                request if request.starts_with("get /healthz ") => good.clone(),
                _ => "HTTP/1.1 302 Found\r\nlocation: ./?folder=/x\r\ncontent-length: 0\r\n\r\n".to_owned(),
            }),
            None,
        ),
        ("silent", always(String::new()), Some("editor_not_answering")),
        (
            "failing",
            always(status("500 Internal Server Error")),
            Some("editor_not_answering"),
        ),
        (
            "page",
            Arc::new(move |request: &str| match request {
                request if request.contains("upgrade: websocket") => upgraded.to_owned(),
                request if request.starts_with("get /healthz ") => no_page.clone(),
                _ => status("500 Internal Server Error"),
            }),
            Some("editor_page_broken"),
        ),
        (
            "websocket",
            Arc::new(move |request: &str| match request {
                request if request.contains("upgrade: websocket") => status("404 Not Found"),
                request if request.starts_with("get /healthz ") => no_websocket.clone(),
                _ => status("200 OK"),
            }),
            Some("editor_websocket_broken"),
        ),
    ];
    for (name, answer, code) in cases {
        let socket = dir.path().join(name);
        let _server = on_socket(socket.clone(), answer);
        let report = report(&running(&socket)).await;
        assert_eq!(codes(&report), code.into_iter().collect::<Vec<_>>(), "{name}");
    }
    let report = report(&running(&dir.path().join("none"))).await;
    assert_eq!(codes(&report), ["editor_socket_gone"]);
    assert_eq!(said(&report, "editor-answer"), ProbeStatus::NotReached);
}

#[tokio::test]
async fn an_editor_that_nobody_uses_is_not_asked_for_its_page() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let socket = dir.path().join("editor.sock");
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = asked.clone();
    let answer: Answer = Arc::new(move |request: &str| {
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        seen.lock().expect("nobody panicked").push(path);
        let body = r#"{"status":"expired","lastHeartbeat":1}"#;
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    });
    let _server = on_socket(socket.clone(), answer);
    let report = report(&running(&socket)).await;
    assert_eq!(said(&report, "editor-page"), ProbeStatus::Skipped);
    let asked = asked.lock().expect("nobody panicked").clone();
    assert!(asked.iter().all(|path| path == "/healthz"), "{asked:?}");
}

/// The public address of `certificate`'s server, with `door` behind it.
async fn public(certificate: &Certificate, host: &str, answer: Answer) -> Report {
    let server = https(certificate, answer).await;
    let inner = Certificate::new("localhost", -1, 100);
    let behind = https(&inner, good_door()).await;
    let mut subject = subject(Some(door(
        behind.address,
        inner.fingerprint(),
        Arc::<Known>::default(),
    )));
    let url = format!("https://{host}:{}", server.address.port());
    subject.public = Some(url.parse().expect("an address"));
    report(&subject).await
}

fn first_of_public(report: &Report) -> Option<&str> {
    codes(report).into_iter().find(|code| *code != "no_redirect")
}

#[tokio::test]
async fn the_public_certificate_is_judged_as_a_browser_would() {
    for (certificate, code) in [
        (
            Certificate::new("localhost", -100, -1),
            "public_certificate_expired",
        ),
        (
            Certificate::new("localhost", 2, 100),
            "public_certificate_not_yet_valid",
        ),
        (
            Certificate::new("elsewhere.test", -1, 100),
            "public_certificate_wrong_host",
        ),
    ] {
        let report = public(&certificate, "localhost", good_door()).await;
        assert_eq!(first_of_public(&report), Some(code), "{:?}", report.causes);
        assert_eq!(said(&report, "public-answer"), ProbeStatus::NotReached);
    }
}

/// An authority that this machine does not know may be known to the devices that matter: the chain goes on.
#[tokio::test]
async fn behind_a_certificate_that_is_not_believed_here_the_rest_is_looked_at() {
    let certificate = || Certificate::new("localhost", -1, 100);
    for (answer, code) in [
        (status("502 Bad Gateway"), Some("bad_gateway")),
        (status("404 Not Found"), Some("public_wrong_server")),
        (status("421 Misdirected Request"), Some("host_not_preserved")),
        (status("403 Forbidden"), None),
    ] {
        let report = public(&certificate(), "localhost", always(answer)).await;
        let codes: Vec<&str> = codes(&report)
            .into_iter()
            .filter(|code| *code != "no_redirect")
            .collect();
        let expected: Vec<&str> = code.into_iter().chain(["public_certificate_untrusted"]).collect();
        assert_eq!(codes, expected);
        let behind = if code.is_some() {
            ProbeStatus::NotReached
        } else {
            ProbeStatus::Skipped
        };
        assert_eq!(said(&report, "public-websocket"), behind);
    }
}

#[tokio::test]
async fn a_clock_that_differs_from_the_proxys_comes_before_its_certificate() {
    let certificate = Certificate::new("localhost", -100, -1);
    let answer = "HTTP/1.1 403 Forbidden\r\ndate: Mon, 06 Jan 2020 10:00:00 GMT\r\ncontent-length: 0\r\n\r\n";
    let report = public(&certificate, "localhost", always(answer.to_owned())).await;
    assert_eq!(
        first_of_public(&report),
        Some("clock_wrong"),
        "{:?}",
        report.causes
    );
}

#[tokio::test]
async fn a_public_name_that_leads_nowhere_and_an_address_where_nobody_answers_are_named() {
    let certificate = Certificate::new("localhost", -1, 100);
    let report = public(&certificate, "nowhere.invalid", good_door()).await;
    assert_eq!(first_of_public(&report), Some("public_not_resolved"));
    assert_eq!(said(&report, "public-connection"), ProbeStatus::NotReached);

    let mut subject = subject(None);
    // Discard: nothing listens there (RFC 863).
    subject.public = Some("https://127.0.0.1:9".parse().expect("an address"));
    let report = self::report(&subject).await;
    assert_eq!(codes(&report), ["public_unreachable"]);
}
