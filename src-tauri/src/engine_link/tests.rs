use std::net::TcpListener;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::testing::{log, paths_in};

/// Whatever is waited for happens within this time on the slowest machine.
const LIMIT: Duration = Duration::from_secs(60);

/// On this port, and without a password, so that no keyring is asked; no code-server is needed for an engine.
fn settings(port: u16) -> String {
    format!(
        "[editor]\nprogram = \"/nowhere/code-server\"\n[gateway]\nlisten = [\"127.0.0.1:{port}\"]\n[auth]\nmode = \"none\"\n"
    )
}

/// A link in a home of its own, not begun.
fn link(settings: &str) -> (TempDir, EngineLink) {
    // Another test may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let home = tempfile::tempdir().expect("a temporary folder");
    let paths = paths_in(home.path());
    paths.create().expect("the folders can be made");
    std::fs::write(&paths.settings_file, settings).expect("written");
    (home, EngineLink::new(Handle::current(), paths, log()))
}

async fn reaches(link: &EngineLink, what: &str, is_so: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let mut changes = link.subscribe();
    let reached = tokio::time::timeout(LIMIT, changes.wait_for(|now| is_so(now))).await;
    reached
        .unwrap_or_else(|_| panic!("not in time: {what}"))
        .expect("the keeper is there")
        .clone()
}

async fn is_hosted(link: &EngineLink) {
    reaches(link, "an engine", |now| now.engine == EngineSource::Hosted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_engine_that_was_told_to_end_is_started_again_only_on_request() {
    let (_home, link) = link(&settings(0));
    link.begin();
    is_hosted(&link).await;

    link.ask(Request::Shutdown).await.expect("answered");
    let ended = reaches(&link, "no engine", |now| now.engine == EngineSource::Absent).await;
    assert_eq!(ended.problem, None, "it was somebody's wish");
    let lock = link.paths().lock_file();
    assert_eq!(doorcode_engine::holder(&lock).expect("readable"), None);

    let refused = link.start_editor().await.expect_err("there is no code-server");
    assert_ne!(refused.code, "not_running");
    is_hosted(&link).await;
    link.end().await;
    assert_eq!(doorcode_engine::holder(&lock).expect("readable"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_busy_port_is_said_and_other_settings_are_tried_at_once() {
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = busy.local_addr().expect("bound").port();
    let (_home, link) = link(&settings(port));
    link.begin();
    let now = reaches(&link, "a problem", |now| now.problem.is_some()).await;
    assert_eq!(now.engine, EngineSource::Absent);
    let said = now.problem.expect("a problem").code;
    assert_eq!(link.start_editor().await.expect_err("still busy").code, said);

    std::fs::write(&link.paths().settings_file, settings(0)).expect("written");
    is_hosted(&link).await;
    link.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_link_that_has_not_begun_hosts_nothing() {
    let (_home, link) = link(&settings(0));
    link.end().await;
    assert!(!link.paths().lock_file().exists());
    assert_eq!(
        link.start_editor().await.expect_err("it has ended").code,
        "desktop_ending"
    );
}
