//! What the window can do with an engine hosted in this process, whose editor cannot start: no code-server is needed.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tauri::Listener;

use super::Desk;
use crate::engine_link::EngineSource;

/// On any free port, and without a password, so that no keyring is asked.
const SETTINGS: &str = "[editor]\nprogram = \"/nowhere/code-server\"\n\
    [gateway]\nlisten = [\"127.0.0.1:0\"]\n[auth]\nmode = \"none\"\n";

/// An engine is there within this time on the slowest machine.
const LIMIT: Duration = Duration::from_secs(60);

fn desk_with_engine() -> Desk {
    // Another test may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let desk = Desk::new(SETTINGS);
    let link = desk.link();
    link.begin();
    tauri::async_runtime::block_on(async {
        let mut changes = link.subscribe();
        let hosted =
            changes.wait_for(|now| now.engine == EngineSource::Hosted && !now.status.urls.is_empty());
        tokio::time::timeout(LIMIT, hosted)
            .await
            .expect("an engine in time")
            .expect("an engine at all");
    });
    desk
}

impl Desk {
    fn end_engine(&self) {
        let link = self.link();
        tauri::async_runtime::block_on(async move { link.end().await });
    }
}

#[test]
fn the_window_drives_the_engine() {
    let desk = desk_with_engine();
    let snapshot = desk.ask("snapshot", json!({}));
    assert_eq!(snapshot["engine"], "hosted");
    assert_eq!(snapshot["status"]["auth"], "none");

    let url = snapshot["status"]["urls"][0]
        .as_str()
        .expect("an address")
        .to_owned();
    let qr = desk.ask("qr", json!({ "text": url }));
    assert!(qr["size"].as_u64() > Some(8) && qr["path"].as_str().is_some_and(|path| path.starts_with('M')));
    let elsewhere = url.replace("https://localhost", "https://example.com");
    assert_eq!(
        desk.refusal("qr", json!({ "text": elsewhere })),
        "address_foreign"
    );

    assert_eq!(desk.ask("sessions", json!({})), json!([]));
    assert_eq!(
        desk.refusal("revoke_session", json!({ "id": "nobody" })),
        "session_unknown"
    );
    assert_eq!(desk.ask("revoke_all_sessions", json!({}))["count"], 0);

    // The editor cannot run, and the report names that.
    let report = desk.ask("check_health", json!({}));
    assert_eq!(report["healthy"], false, "{report}");
    let process = report["probes"].as_array().expect("a list").iter();
    let mut process = process.filter(|probe| probe["id"] == "editor-process");
    assert_eq!(process.next().expect("probed")["status"], "fail", "{report}");
    let health = desk.ask("health", json!({}));
    assert_eq!(
        health["report"]["causes"][0]["code"], report["causes"][0]["code"],
        "{health}"
    );
    assert_eq!(health["restarts"], 0);
    assert_eq!(desk.ask("connections", json!({})), json!([]));
    assert_eq!(desk.ask("free_memory", json!({}))["processes"], 0);

    let (told, heard) = mpsc::channel();
    desk.window.listen("happening", move |event| {
        let _ = told.send(event.payload().to_owned()); // The test may be over.
    });
    desk.ask("events_open", json!({}));

    // In force at once, in the engine and not only in the file.
    let reloaded = desk.ask("set_setting", json!({ "name": "sessions.idle", "value": "5d" }));
    let waiting = desk.ask(
        "set_setting",
        json!({ "name": "editor.args", "value": ["--disable-telemetry"] }),
    );
    assert_eq!(reloaded["restart_editor"], json!([]), "{reloaded}");
    assert_eq!(waiting["restart_editor"], json!(["editor.args"]), "{waiting}");

    // The reason travels to the window.
    let refused = desk
        .call("start", json!({}))
        .expect_err("there is no code-server");
    assert!(
        refused["message"]
            .as_str()
            .is_some_and(|text| text.contains("/nowhere/code-server")),
        "{refused}"
    );
    let event = heard.recv_timeout(LIMIT).expect("the failed start is told");
    let event: Json = serde_json::from_str(&event).expect("JSON");
    assert!(
        event["message"].is_string() && event["kind"].is_string(),
        "{event}"
    );
    desk.ask("events_close", json!({}));
    desk.end_engine();
}
