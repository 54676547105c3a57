//! What an engine tells whoever watches it: folders opened, people signing in, somebody guessing passwords.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use doorcode_tests::{Door, curl, wait_for};
use serde_json::Value;

/// A door with `more` in its settings. Its editor never gets ready: nothing here needs one.
fn door(more: &str) -> Door {
    let version = format!("4.139.1 {} with Code 1.139.1", "0".repeat(40));
    let door = Door::with_script(&format!(
        "#!/bin/sh\ncase \" $* \" in *' --version '*) echo {version}; exit 0;; esac\nexec sleep 600\n"
    ));
    door.write_settings(more);
    door.set_password();
    door
}

/// `doorcode status --json --watch`, line by line.
struct Watch {
    child: Child,
    lines: Receiver<Value>,
}

impl Watch {
    fn begin(door: &Door) -> Watch {
        let mut child = door
            .command(&["status", "--json", "--watch"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("doorcode starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let status = serde_json::from_str(&line).expect("JSON");
                if sender.send(status).is_err() {
                    return;
                }
            }
        });
        Watch { child, lines }
    }

    /// The first status from now on that `fits`.
    fn until(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let status = self
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("waited in vain for {what}"));
            if fits(&status) {
                return status;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn up(door: &mut Door) {
    door.up();
    wait_for("the engine", Duration::from_secs(20), || {
        (!door.status()["urls"].as_array().expect("an array").is_empty()).then_some(())
    });
}

#[test]
fn folders_opened_last_are_remembered_across_engines_and_not_reported() {
    let mut door = door("");
    up(&mut door);
    let folders = ["one", "two words", "one"].map(|name| {
        let folder = door.path(name);
        std::fs::create_dir_all(&folder).expect("made");
        let opened = door.run(&["open", "--print", folder.to_str().expect("UTF-8")]);
        assert_eq!(opened.code, 0, "{opened:?}");
        folder.canonicalize().expect("there")
    });
    let expected = serde_json::json!([folders[0], folders[1]]);
    assert_eq!(door.status()["recent_folders"], expected);
    assert_eq!(door.run(&["open", "--print"]).code, 0);
    assert_eq!(
        door.status()["recent_folders"],
        expected,
        "the usual folder is none of them"
    );

    let report = door.path("report.tar.gz");
    assert_eq!(
        door.run(&["report", "--output", report.to_str().expect("UTF-8")])
            .code,
        0
    );
    let unpacked = std::process::Command::new("tar")
        .args(["--extract", "--to-stdout", "--file"])
        .arg(&report)
        .output()
        .expect("tar is there");
    let text = String::from_utf8_lossy(&unpacked.stdout);
    assert!(
        text.contains("<2 folders>") && !text.contains("two words"),
        "{text}"
    );

    assert_eq!(door.run(&["stop", "--engine"]).code, 0);
    door.wait_for_end(Duration::from_secs(15));
    up(&mut door);
    assert_eq!(door.status()["recent_folders"], expected);
}

#[test]
fn a_watcher_hears_of_sign_ins_and_of_somebody_who_guesses() {
    let mut door = door("[limits]\nsign_in_per_minute = 3\n");
    up(&mut door);
    let watch = Watch::begin(&door);
    watch.until("the first status", |status| status["sessions_seen"] == 0);
    door.sign_in();
    watch.until("a sign-in", |status| {
        status["sessions_seen"] == 1 && status["sessions"] == 1
    });

    let guess = || {
        let origin = format!("Origin: {}", door.url(""));
        curl(
            &door,
            &[
                "-H",
                &origin,
                "--data",
                "password=wrong+one",
                &door.url("/.doorcode/sign-in"),
            ],
        )
        .status
    };
    assert_eq!([(); 4].map(|()| guess()), [401, 401, 401, 429]);
    let attack = |status: &Value| {
        let problems = status["problems"].as_array().expect("an array").iter();
        problems
            .clone()
            .find(|problem| problem["code"] == "sign_in_attack")
            .cloned()
    };
    let status = watch.until("the attack", |status| attack(status).is_some());
    let message = attack(&status).expect("just found")["message"].to_string();
    assert!(
        message.contains("3 wrong and 1 turned away") && message.contains("from 1 address (this machine)"),
        "{message}"
    );
}
