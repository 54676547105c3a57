//! The live figures of the real code-server: who is connected, what happens, what can be freed.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use doorcode_tests::{Door, Process, Window, alive, curl, kill, members, wait_for};
use nix::sys::signal::Signal;
use serde_json::Value;

/// A running door that asks nobody who they are.
fn open_door() -> Door {
    let mut door = Door::new();
    door.write_settings("[auth]\nmode = \"none\"\n");
    door.up_and_running();
    door
}

/// The process ids of the extension hosts.
fn hosts(door: &Door) -> Vec<u32> {
    let is_host = |process: &Process| process.command.contains("--type=extensionHost");
    members(door.home())
        .iter()
        .filter(|process| is_host(process))
        .map(|process| process.pid)
        .collect()
}

/// The one host that a new window brought.
fn new_host(door: &Door, before: &[u32]) -> u32 {
    wait_for("an extension host", Duration::from_secs(20), || {
        hosts(door).into_iter().find(|pid| !before.contains(pid))
    })
}

fn json(door: &Door, args: &[&str]) -> Value {
    let output = door.run(args);
    assert_eq!(output.code, 0, "{output:?}");
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn the_host_of_a_window_that_is_gone_is_ended_after_a_minute_and_nothing_else() {
    let door = open_door();
    let gone = Window::open(&door, "gone-0", false);
    let doomed = new_host(&door, &[]);
    let _stays = Window::open(&door, "stays-0", false);
    let kept = new_host(&door, &[doomed]);
    let others: Vec<u32> = members(door.home())
        .iter()
        .filter(|process| process.pid != doomed)
        .map(|process| process.pid)
        .collect();

    drop(gone);
    let began = Instant::now();
    assert_eq!(
        json(&door, &["free-memory", "--json"])["processes"],
        0,
        "it may be reconnecting"
    );
    let lingering = wait_for("the host to linger", Duration::from_secs(90), || {
        let list = json(&door, &["free-memory", "--dry-run", "--json"]);
        let list = list.as_array().expect("a list").clone();
        (!list.is_empty()).then_some(list)
    });
    assert!(
        began.elapsed() >= Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(lingering.len(), 1, "{lingering:?}");
    assert_eq!(lingering[0]["pid"], doomed);
    assert!(
        lingering[0]["rss_bytes"].as_u64() > Some(10_000_000),
        "{lingering:?}"
    );
    let metrics = door.run(&["metrics"]).stdout;
    assert!(metrics.contains("\ndoorcode_lingering_hosts 1\n"), "{metrics}");

    let freed = json(&door, &["free-memory", "--json"]);
    assert_eq!(freed["processes"], 1, "{freed}");
    assert!(freed["bytes"].as_u64() > Some(10_000_000), "{freed}");
    assert!(!alive(doomed) && alive(kept));
    let missing: Vec<&u32> = others.iter().filter(|pid| !alive(**pid)).collect();
    assert!(missing.is_empty(), "ended as well: {missing:?}");
    assert_eq!(json(&door, &["free-memory", "--json"])["processes"], 0);
}

#[test]
fn a_window_that_connects_again_has_its_host_and_is_counted() {
    let door = open_door();
    let window = Window::open(&door, "again-0", false);
    let host = new_host(&door, &[]);
    drop(window);
    let _again = Window::open(&door, "again-0", true);
    let editor = wait_for("the window in the list", Duration::from_secs(10), || {
        let list = json(&door, &["connections", "--json"]);
        let first = list[0].clone();
        (first["websockets"] == 1 && first["reconnects"] == 1).then_some(first)
    });
    assert_eq!(editor["from"], "127.0.0.1");
    assert_eq!(editor["protocol"], "http/1.1");
    assert!(
        editor["bytes_in"].as_u64() > Some(100) && editor["bytes_out"].as_u64() > Some(50),
        "{editor}"
    );
    assert_eq!(hosts(&door), [host], "it was not started anew");
    let metrics = door.run(&["metrics"]).stdout;
    assert!(metrics.contains("\ndoorcode_reconnects_total 1\n"), "{metrics}");
    assert!(metrics.contains("\ndoorcode_websockets 1\n"), "{metrics}");
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let mut door = Door::new();
    door.up_and_running();
    let mut control =
        UnixStream::connect(door.path("run/doorcode/control.sock")).expect("the control socket");
    control
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("set");
    control.write_all(b"{\"request\":\"events\"}\n").expect("sent");
    let mut lines = BufReader::new(control).lines();
    let mut next = || -> Value {
        let line = lines.next().expect("open").expect("an event in time");
        serde_json::from_str(&line).expect("JSON")
    };
    assert_eq!(next()["reply"], "done", "listening from here on");
    let mut event = |kind: &str, code: Option<&str>| {
        loop {
            let event = next();
            if event["kind"] == kind && code.is_none_or(|code| event["code"] == code) {
                return event;
            }
        }
    };

    for _ in 0..3 {
        assert_eq!(curl(&door, &[&door.url("/x")]).status, 401);
    }
    let refused = event("refused", Some("not_signed_in"));
    assert!(
        refused["at"].is_string() && refused["message"].is_string(),
        "{refused}"
    );
    door.sign_in();
    let signed_in = event("sign-in", None);
    assert!(
        signed_in["message"]
            .as_str()
            .expect("a text")
            .contains("127.0.0.1"),
        "{signed_in}"
    );
    assert_eq!(door.run(&["stop"]).code, 0);
    event("editor", Some("stopped"));
    door.write_settings("nonsense = 1\n");
    event("problem-appeared", None);
    door.write_settings("");
    event("problem-cleared", None);
}

#[test]
fn the_history_begins_and_survives_the_engine() {
    let mut door = open_door();
    assert_eq!(curl(&door, &[&door.url("/"), "--location"]).status, 302);
    let file = door.data("history.json");
    let first = wait_for("the first point", Duration::from_secs(30), || {
        std::fs::read_to_string(&file).ok()
    });
    let points: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(points["points"][0]["state"], "running", "{points}");
    assert!(points["points"][0]["p50_micros"].as_u64() > Some(0), "{points}");
    assert!(
        points["points"][0]["rss_bytes"].as_u64() > Some(50_000_000),
        "{points}"
    );
    kill(door.pid(), Signal::SIGTERM);
    assert_eq!(door.wait_for_end(Duration::from_secs(20)), Some(0));
    door.up_and_running();
    wait_for("the second point", Duration::from_secs(30), || {
        let text = std::fs::read_to_string(&file).ok()?;
        let points: Value = serde_json::from_str(&text).expect("written whole or not at all");
        (points["points"].as_array()?.len() == 2).then_some(())
    });
}

#[test]
fn a_watched_status_gives_the_terminal_back() {
    let door = open_door();
    let terminal = nix::pty::openpty(None, None).expect("a terminal");
    let mut watch = door
        .command(&["status", "--watch"])
        .stdin(Stdio::null())
        .stdout::<OwnedFd>(terminal.slave)
        .spawn()
        .expect("doorcode starts");
    let mut screen = std::fs::File::from(terminal.master);
    let mut shown = String::new();
    let mut read_until = |wanted: &str| {
        let mut bytes = [0; 4096];
        // At the end of the last program that has the terminal open, reading fails.
        while !shown.contains(wanted) {
            let Ok(count @ 1..) = screen.read(&mut bytes) else {
                break;
            };
            shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        shown.clone()
    };
    let shown = read_until("sign-in");
    assert!(
        shown.starts_with("\u{1b}[?1049h") && shown.contains("running"),
        "{shown:?}"
    );
    kill(watch.id(), Signal::SIGINT);
    let code = wait_for("the end of the watch", Duration::from_secs(10), || {
        watch.try_wait().expect("a child of ours")
    });
    assert_eq!(code.code(), Some(0), "the status of a running editor");
    let shown = read_until("certificate");
    let (_, after) = shown.split_once("\u{1b}[?1049l").expect("the screen is left");
    assert!(
        after.contains("running") && !after.contains("\u{1b}[?"),
        "{after:?}"
    );
}
