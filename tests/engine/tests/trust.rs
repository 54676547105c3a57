//! Trust as the command gives and takes it: what a change of a certificate takes along, and what is said before a browser
//! opens. The stores themselves have tests of their own; Chromium's database stands for all of them here.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use doorcode_tests::{Door, Output, wait_for};

/// A door that runs. Its editor never gets ready: nothing here needs one.
fn door() -> Door {
    let version = format!("4.139.1 {} with Code 1.139.1", "0".repeat(40));
    let mut door = Door::with_script(&format!(
        "#!/bin/sh\ncase \" $* \" in *' --version '*) echo {version}; exit 0;; esac\nexec sleep 600\n"
    ));
    door.set_password();
    door.up();
    door.wait_for_state("starting");
    door
}

fn install(door: &Door) {
    let output = door.run(&["trust", "install", "--store", "chromium"]);
    assert_eq!(output.code, 0, "{output:?}");
}

/// Whether Chromium's database has the root that is served now.
fn is_trusted(door: &Door) -> bool {
    let output = door.run(&["trust", "status", "--store", "chromium", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    let trusted = report["stores"][0]["state"] == "trusted";
    assert_eq!(output.code, i32::from(!trusted), "{output:?}");
    trusted
}

/// What Chromium's database holds, by certutil.
fn nicknames(door: &Door) -> String {
    let output = Command::new("certutil")
        .args(["-L", "-d"])
        .arg(format!("sql:{}", database(door).display()))
        .output()
        .expect("certutil is installed");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn database(door: &Door) -> PathBuf {
    door.path("data/pki/nssdb")
}

#[test]
fn a_new_certificate_is_trusted_by_those_who_trusted_the_old_one_if_asked_for() {
    let door = door();
    install(&door);
    let issued = door.run(&["cert", "issue", "localhost", "--yes"]);
    assert_eq!(issued.code, 0, "{issued:?}");
    assert!(
        issued.stderr.contains("[trust_lost]") && issued.stderr.contains("Chromium"),
        "{issued:?}"
    );
    assert!(!is_trusted(&door));

    install(&door);
    let renewed = door.run(&["cert", "renew", "localhost", "--force", "--trust"]);
    assert_eq!(renewed.code, 0, "{renewed:?}");
    assert!(is_trusted(&door));
    let left = door.run(&["trust", "remove", "--leftovers", "--store", "chromium", "--yes"]);
    assert_eq!(left.code, 0, "{left:?}");
    assert_eq!(
        nicknames(&door).matches("Doorcode localhost").count(),
        1,
        "only the root that is served now"
    );
}

#[test]
fn trust_goes_before_the_certificate() {
    let door = door();
    install(&door);
    let removed = door.run(&["cert", "remove", "localhost", "--yes"]);
    assert_eq!(removed.code, 0, "{removed:?}");
    assert!(!nicknames(&door).contains("Doorcode"), "{}", nicknames(&door));
}

#[test]
fn a_certificate_stays_while_its_trust_cannot_be_taken_back() {
    let door = door();
    install(&door);
    // A database that certutil cannot open for anything.
    let database = database(&door);
    let key_file = database.join("cert9.db");
    let kept = fs::read(&key_file).expect("read");
    fs::write(&key_file, "not a database").expect("written");
    let refused = door.run(&["cert", "remove", "localhost", "--yes"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("[trust_remains]"), "{refused:?}");
    assert!(door.data("certs/localhost.crt").exists());

    fs::write(&key_file, kept).expect("written");
    let removed = door.run(&["cert", "remove", "localhost", "--yes"]);
    assert_eq!(removed.code, 0, "{removed:?}");
}

#[test]
fn the_default_browser_is_warned_of_before_it_opens() {
    let door = door();
    let programs = door.path("programs");
    fs::create_dir(&programs).expect("made");
    let opened = door.path("opened");
    for (name, script) in [
        ("xdg-settings", "echo chromium.desktop".to_owned()),
        ("xdg-open", format!("echo opened >> '{}'", opened.display())),
    ] {
        let file = programs.join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("executable");
    }
    let open = || {
        let path = std::env::var("PATH").expect("a PATH");
        let output = door
            .command(&["open"])
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("DISPLAY", ":none")
            .output()
            .expect("doorcode starts");
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    };
    let times_opened = || fs::read_to_string(&opened).unwrap_or_default().lines().count();

    let warned = open();
    assert_eq!(warned.code, 0, "a warning stops nobody: {warned:?}");
    assert!(warned.stderr.contains("[browser_does_not_trust]"), "{warned:?}");
    assert_eq!(times_opened(), 1);

    install(&door);
    let quiet = open();
    assert_eq!((quiet.code, &*quiet.stderr), (0, ""));
    assert_eq!(times_opened(), 2);
}

#[test]
fn a_phone_is_not_led_to_a_host_that_it_cannot_reach() {
    let door = door();
    let refused = door.run(&["trust", "devices", "--add"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    // Which of them depends on whether this machine is in a network.
    let codes = ["[host_not_reachable]", "[no_lan_address]"];
    assert!(
        codes.iter().any(|code| refused.stderr.contains(code)),
        "{refused:?}"
    );

    let elsewhere = door.run(&["trust", "devices", "--add", "--address", "192.0.2.7"]);
    assert_eq!(elsewhere.code, 1, "{elsewhere:?}");
    assert!(
        elsewhere.stderr.contains("[address_not_offered]"),
        "{elsewhere:?}"
    );
}

#[test]
fn trust_needs_what_it_is_about() {
    let door = door();
    let unknown = door.run(&["trust", "status", "--host", "other.test"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
    assert!(unknown.stderr.contains("[certificate_missing]"), "{unknown:?}");
    let store = door.run(&["trust", "install", "--store", "invented"]);
    assert_eq!(store.code, 2, "{store:?}");
    assert!(store.stderr.contains("[store_unknown]"), "{store:?}");

    let stopped = door.run(&["stop", "--engine"]);
    assert_eq!(stopped.code, 0, "{stopped:?}");
    wait_for("the engine's end", std::time::Duration::from_secs(15), || {
        (door.status()["engine"]["pid"].is_null()).then_some(())
    });
    for command in [["trust", "check"], ["trust", "verify"]] {
        let output = door.run(&command);
        assert_eq!(output.code, 3, "{output:?}");
    }
    let devices = door.run(&["trust", "devices"]);
    assert_eq!(devices.code, 0, "the file is enough: {devices:?}");
}
