//! Each fault that the diagnosis knows, made for real: it is named first by the doctor and told by the status within five
//! seconds, and forgotten within five seconds of being mended. What a proxy in front does wrong is in `tests/proxies`.

mod browsers;
mod certificates;
mod door;
mod editor;
mod keyring;
mod machine;
mod public;
mod quiet;
mod session;
mod strangers;
mod stuck;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use doorcode_tests::{Door, wait_for};
use serde_json::Value;

/// A fault is named within this, and a mended one forgotten.
const SOON: Duration = Duration::from_secs(5);

/// How bad a cause is, as the exit status of the doctor and the tray's icon say it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Bad {
    Warning,
    Broken,
}

/// What the doctor says.
struct Report {
    json: Value,
    exit: i32,
}

impl Report {
    /// All codes but the one that a new door has wherever a browser is installed.
    fn codes(&self) -> Vec<&str> {
        let mut codes = self.all_codes();
        codes.retain(|code| *code != "browser_untrusted");
        codes
    }

    fn all_codes(&self) -> Vec<&str> {
        let causes = self.json["causes"].as_array().expect("an array").iter();
        causes
            .map(|cause| cause["code"].as_str().expect("a text"))
            .collect()
    }

    /// What a person reads of the first cause.
    fn first(&self) -> String {
        let first = &self.json["causes"][0];
        format!("{} {} {}", first["message"], first["evidence"], first["fix"])
    }

    fn probe(&self, id: &str) -> &str {
        let mut probes = self.json["probes"].as_array().expect("an array").iter();
        let probe = probes.find(|probe| probe["id"] == id);
        let probe = probe.unwrap_or_else(|| panic!("no probe is called {id}: {}", self.json));
        probe["status"].as_str().expect("a text")
    }

    /// Fails unless `code` is the first cause, and the exit status is its.
    fn assert_names(&self, code: &str, bad: Bad) {
        let first = match code {
            "browser_untrusted" => self.all_codes().first().copied(),
            _ => self.codes().first().copied(),
        };
        assert_eq!(first, Some(code), "{}", self.json);
        let exit = if bad == Bad::Broken { 2 } else { 1 };
        assert_eq!(self.exit, exit, "{}", self.json);
    }
}

/// `doorcode doctor --json` with `args`.
fn doctor(door: &Door, args: &[&str]) -> Report {
    let output = door.run(&[&["doctor", "--json"], args].concat());
    let json = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    Report {
        json,
        exit: output.code,
    }
}

/// Waits until the status tells `code`, for five seconds at most; then the doctor names it first, and the tray shows it.
fn assert_named(door: &Door, code: &str, bad: Bad) -> Report {
    let state = if bad == Bad::Broken { "broken" } else { "warning" };
    // The tray's icon is made of the state, its menu of the problems.
    wait_for_status(
        door,
        &format!("{code} to be named, and to be {state}"),
        |status| tells(status, code) && status["health"]["state"] == state,
    );
    let report = doctor(door, &[]);
    report.assert_names(code, bad);
    report
}

/// Waits until the status does not tell `code` any more, for five seconds at most; then the doctor does not either.
fn assert_mended(door: &Door, code: &str) {
    wait_for_status(door, &format!("{code} to be forgotten"), |status| {
        !tells(status, code)
    });
    let report = doctor(door, &[]);
    assert!(!report.codes().contains(&code), "{}", report.json);
}

/// Waits until nothing is wrong, for five seconds at most.
fn assert_well(door: &Door) {
    wait_for_status(door, "all to be well", |status| {
        status["health"]["state"] == "healthy" && status["problems"] == serde_json::json!([])
    });
    let report = doctor(door, &[]);
    assert_eq!(report.codes(), [""; 0], "{}", report.json);
    assert_eq!(
        report.exit,
        i32::from(!report.all_codes().is_empty()),
        "{}",
        report.json
    );
}

/// Waits for a status that `fits`, for five seconds at most.
fn wait_for_status(door: &Door, what: &str, fits: impl Fn(&Value) -> bool) {
    let began = Instant::now();
    loop {
        let status = door.status();
        if fits(&status) {
            return;
        }
        assert!(
            began.elapsed() < SOON,
            "waited {SOON:?} in vain for {what}: {status}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn tells(status: &Value, code: &str) -> bool {
    let mut problems = status["problems"].as_array().expect("an array").iter();
    problems.any(|problem| problem["code"] == code)
}

/// A door whose editor never gets ready; most faults need none.
fn without_editor() -> Door {
    let version = format!("4.139.1 {} with Code 1.139.1", "0".repeat(40));
    Door::with_script(&format!(
        "#!/bin/sh\ncase \" $* \" in *' --version '*) echo {version}; exit 0;; esac\nexec sleep 600\n"
    ))
}

/// A door whose editor is the real code-server, after `first` has been run by a shell; with `options` for Node.
fn with_real_editor(first: &str, options: &str) -> Door {
    let node = named("DOORCODE_TEST_NODE");
    let program = named("DOORCODE_TEST_CODE_SERVER");
    Door::with_script(&format!(
        "#!/bin/sh\ncase \" $* \" in *' --version '*) ;; *) {first} ;; esac\nexec '{}' {options} '{}' \"$@\"\n",
        node.display(),
        program.display()
    ))
}

fn named(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable);
    value
        .unwrap_or_else(|| panic!("{variable} names a part of code-server: run the tests with `make test`"))
        .into()
}

/// Waits until the door has been looked at once.
fn wait_until_open(door: &Door) {
    wait_for("the door to be open", Duration::from_secs(30), || {
        // Until the engine has made its control socket there is no status.
        let output = door.run(&["status", "--json"]);
        let status: Value = serde_json::from_str(&output.stdout).ok()?;
        let health = status["health"]["state"].as_str()?;
        (health != "unknown").then_some(())
    });
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
}
