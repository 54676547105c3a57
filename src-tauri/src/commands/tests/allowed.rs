//! What the window may call at all.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::Desk;
use crate::commands::NAMES;

/// Beside our commands: hearing events, and the size of the text.
const OF_TAURI: [&str; 3] = [
    "core:event:allow-listen",
    "core:event:allow-unlisten",
    "core:webview:allow-set-webview-zoom",
];

#[test]
fn the_one_capability_names_every_command_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/capabilities");
    let files: Vec<_> = std::fs::read_dir(&folder).expect("listed").flatten().collect();
    assert_eq!(files.len(), 1, "there is one capability");
    let text = std::fs::read_to_string(files[0].path()).expect("readable");
    let capability: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(capability["windows"], json!(["main"]));
    assert!(
        capability.get("remote").is_none(),
        "no other page is given anything"
    );

    let named: BTreeSet<String> = capability["permissions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|permission| permission.as_str().expect("a plain permission").to_owned())
        .collect();
    let ours = NAMES
        .iter()
        .map(|name| format!("allow-{}", name.replace('_', "-")));
    let wanted: BTreeSet<String> = OF_TAURI.iter().map(ToString::to_string).chain(ours).collect();
    assert_eq!(named, wanted);
}

#[test]
fn what_is_not_allowed_is_refused() {
    let desk = Desk::new("");
    for command in [
        "plugin:event|emit",
        "plugin:event|emit_to",
        "plugin:webview|create_webview_window",
        "plugin:window|create",
        "plugin:path|resolve_directory",
        "plugin:app|version",
        "plugin:fs|read_file",
        "plugin:shell|execute",
        "unheard_of",
    ] {
        let answer = desk.call(command, json!({}));
        let refusal = answer.expect_err(command);
        let text = refusal.as_str().unwrap_or_default();
        assert!(
            text.contains("not allowed") || text.contains("not found"),
            "{command}: {text}"
        );
    }
}

#[test]
fn every_command_is_there_for_our_page_and_for_no_other() {
    let desk = Desk::new("");
    let unallowed = |answer: Result<Json, Json>| {
        let refusal = answer.err().unwrap_or_default();
        refusal.as_str().is_some_and(|text| text.contains("not allowed"))
    };
    for command in NAMES {
        let foreign = desk.call_from("https://example.com/", command, json!({}));
        assert!(
            unallowed(foreign),
            "{command} is there for a page of another origin"
        );
    }
    // One that takes nothing and does nothing, one with arguments: past the capability, and dispatched.
    assert!(desk.call("snapshot", json!({})).is_ok());
    assert!(!unallowed(desk.call("qr", json!({}))));
}
