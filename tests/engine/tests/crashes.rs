//! What dies, and what is left: nothing.

use std::path::Path;
use std::time::Duration;

use doorcode_tests::{Door, alive, curl, kill, members, wait_for};
use nix::sys::signal::Signal;

/// An editor that says its version and then does `what`.
fn fake(what: &str) -> String {
    format!(
        "#!/bin/sh\ncase \" $* \" in *' --version '*) echo 4.139.1 {} with Code 1.139.1; exit 0;; esac\n{what}\n",
        "0".repeat(40)
    )
}

#[test]
fn killing_the_engine_leaves_nothing_behind_and_loses_nothing() {
    let mut door = Door::new();
    let before = door.up_and_running();
    let cookie = door.sign_in();
    let editor: Vec<u32> = members(door.home())
        .iter()
        .map(|process| process.pid)
        .filter(|pid| *pid != door.pid())
        .collect();
    assert!(editor.len() >= 2, "the editor is a tree: {editor:?}");

    kill(door.pid(), Signal::SIGKILL);
    assert_eq!(door.wait_for_end(Duration::from_secs(1)), None);
    wait_for("every descendant to be gone", Duration::from_secs(1), || {
        editor.iter().all(|pid| !alive(*pid)).then_some(())
    });

    let after = door.up_and_running();
    assert_eq!(
        before["certificates"][0]["fingerprint"],
        after["certificates"][0]["fingerprint"]
    );
    assert_ne!(
        curl(&door, &["--cookie", &cookie, &door.url("/")]).status,
        401,
        "the session is lost"
    );
}

#[test]
fn killing_the_editors_parent_or_its_child_starts_it_again() {
    let mut door = Door::new();
    let first = pid(&door.up_and_running());
    kill(first, Signal::SIGKILL);
    let second = running_again(&door, first);
    assert!(!alive(first));

    let child = members(door.home())
        .into_iter()
        .find(|process| process.parent == second)
        .expect("the server");
    kill(child.pid, Signal::SIGKILL);
    let third = running_again(&door, second);
    assert!(!alive(second) && !alive(child.pid));
    assert_eq!(door.status()["editor"]["restarts"], 2);
    wait_for("one tree only", Duration::from_secs(10), || {
        let trees = members(door.home())
            .into_iter()
            .filter(|process| process.parent == door.pid());
        (trees.map(|process| process.pid).collect::<Vec<_>>() == [third]).then_some(())
    });
}

#[test]
fn an_editor_that_ends_at_once_with_0_is_given_up_with_its_last_words() {
    let mut door = Door::with_script(&fake("echo the last words; exit 0"));
    door.up();
    let status = door.wait_for_state("failed");
    assert_eq!(status["problems"][0]["code"], "editor_gave_up");
    assert_eq!(door.run(&["status"]).code, 4);
    let logs = door.run(&["logs", "--editor"]).stdout;
    assert_eq!(logs.matches("the last words").count(), 5, "{logs}");
    let cookie = door.sign_in();
    let page = curl(
        &door,
        &["--cookie", &cookie, "-H", "Accept: text/html", &door.url("/")],
    );
    assert_eq!(page.status, 502);
    assert!(page.body.contains("doorcode logs --editor"), "{page:?}");
}

#[test]
fn an_editor_that_hangs_at_start_can_be_stopped_and_the_door_says_that_it_is_starting() {
    let mut door = Door::with_script(&fake("exec sleep 1000"));
    door.up();
    door.wait_for_state("starting");
    let cookie = door.sign_in();
    let page = curl(
        &door,
        &["--cookie", &cookie, "-H", "Accept: text/html", &door.url("/")],
    );
    assert_eq!(page.status, 503);
    assert!(page.header("retry-after").is_some(), "{page:?}");
    let editor = pid(&door.status());
    assert_eq!(door.run(&["stop"]).code, 0);
    assert!(!alive(editor));
    assert_eq!(door.status()["state"], "stopped");
}

#[test]
fn a_busy_port_is_named_and_nothing_is_started() {
    let mut door = Door::new();
    let taken = std::net::TcpListener::bind(("127.0.0.1", door.port())).expect("free until now");
    door.up();
    assert_eq!(door.wait_for_end(Duration::from_secs(20)), Some(2));
    let said = door.said();
    assert!(
        said.contains("port_busy") && said.contains(&door.port().to_string()),
        "{said}"
    );
    assert_eq!(members(door.home()), []);
    drop(taken);
    door.up_and_running();
}

#[test]
fn a_full_disk_costs_log_lines_and_is_said_but_people_keep_working() {
    let mut door = Door::new();
    door.set_password();
    let state = door.path("state/doorcode");
    std::fs::create_dir_all(&state).expect("made");
    let up = door.command(&["up"]);
    let mut command = std::process::Command::new("unshare");
    let script = "mount -t tmpfs -o size=16k tmpfs \"$1\" && exec \"$2\" up";
    command
        .args(["--mount", "--map-root-user", "sh", "-c", script, "sh"])
        .arg(&state)
        .arg(up.get_program());
    door.set_environment(&mut command);
    door.start(&mut command);
    door.wait_for_state("running");
    let cookie = door.sign_in();
    wait_for("the full disk to be noticed", Duration::from_secs(30), || {
        for _ in 0..20 {
            curl(&door, &["--cookie", &cookie, &door.url("/healthz")]);
        }
        door.problems()
            .contains(&"log_not_written".to_owned())
            .then_some(())
    });
    assert_eq!(
        curl(&door, &["--cookie", &cookie, &door.url("/healthz")]).status,
        200
    );
    assert_eq!(door.status()["state"], "running");
}

#[test]
fn a_leftover_of_an_earlier_engine_is_ended_and_a_stranger_with_its_number_is_not() {
    let mut door = Door::new();
    door.up_and_running();
    let record = door.path("run/doorcode/editor.json");
    let text = std::fs::read_to_string(&record).expect("the record of the running editor");
    kill(door.pid(), Signal::SIGTERM);
    door.wait_for_end(Duration::from_secs(12));
    let mut stranger = std::process::Command::new("sleep")
        .arg("1000")
        .spawn()
        .expect("sleep starts");
    let mut forged: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    forged["pid"] = stranger.id().into();
    std::fs::write(&record, forged.to_string()).expect("written");
    std::fs::set_permissions(&record, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("private");
    door.up_and_running();
    assert!(alive(stranger.id()), "a process that is not ours was ended");
    stranger.kill().expect("ours to end");
    stranger.wait().expect("ended");
}

fn running_again(door: &Door, not: u32) -> u32 {
    wait_for("another editor to run", Duration::from_secs(40), || {
        let status = door.status();
        (status["state"] == "running" && pid(&status) != not).then(|| pid(&status))
    })
}

fn pid(status: &serde_json::Value) -> u32 {
    let pid = status["editor"]["pid"]
        .as_u64()
        .unwrap_or_else(|| panic!("no process: {status}"));
    u32::try_from(pid).expect("process ids are small")
}

#[test]
fn a_missing_editor_is_a_reason_not_to_start() {
    let mut door = Door::with_editor(Path::new("/nonexistent/code-server"));
    door.up();
    assert_eq!(door.wait_for_end(Duration::from_secs(10)), Some(2));
    let said = door.said();
    assert!(
        said.contains("/nonexistent/code-server") && said.contains("next: "),
        "{said}"
    );
}
