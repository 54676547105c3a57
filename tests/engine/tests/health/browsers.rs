//! Whether a browser of this machine believes the door's certificate.

use std::process::{Child, Command, Stdio};

use doorcode_tests::{kill, members};
use nix::sys::signal::Signal;

use super::*;

/// The real Chromium of the door's person, without a window.
struct Chromium(Child);

impl Chromium {
    fn open(door: &Door) -> Chromium {
        let profile = door.path("config/chromium");
        let mut command = Command::new("chromium");
        door.set_environment(&mut command);
        let child = command
            .args([
                "--headless",
                "--disable-gpu",
                "--no-first-run",
                "--no-sandbox",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromium is installed");
        let chromium = Chromium(child);
        // A link that leads nowhere.
        let lock = profile.join("SingletonLock");
        wait_for("Chromium to run", Duration::from_secs(30), || {
            lock.symlink_metadata().ok()
        });
        chromium
    }

    /// Closes it, with all that it has started.
    fn close(mut self, door: &Door) {
        kill(self.0.id(), Signal::SIGTERM);
        wait_for("Chromium to end", Duration::from_secs(15), || {
            self.0.try_wait().ok().flatten()
        });
        wait_for("its processes to end", Duration::from_secs(5), || {
            let left = members(door.home()).into_iter();
            (left
                .filter(|process| process.command.contains("chromium"))
                .count()
                == 0)
                .then_some(())
        });
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A browser that does not believe the certificate ends the handshake with an alert; so does openssl.
fn refuse(door: &Door) {
    let nothing = door.path("nothing.pem");
    write(&nothing, "");
    let output = Command::new("openssl")
        .args([
            "s_client",
            "-verify_return_error",
            "-servername",
            "localhost",
            "-no-CAfile",
            "-no-CApath",
        ])
        .args(["-no-CAstore", "-connect", &format!("127.0.0.1:{}", door.port())])
        .stdin(Stdio::null())
        .output()
        .expect("openssl is installed");
    assert!(
        !output.status.success(),
        "it believes the certificate: {output:?}"
    );
}

#[test]
fn a_browser_that_has_just_refused_the_certificate_is_named() {
    let mut door = without_editor();
    door.up();
    wait_until_open(&door);
    // Chromium's store is there as soon as somebody has used it.
    for command in ["install", "remove"] {
        let output = door.run(&["trust", command, "--store", "chromium"]);
        assert_eq!(output.code, 0, "{output:?}");
    }
    assert_eq!(door.problems(), [""; 0], "nobody has asked for it yet");
    doctor(&door, &[]).assert_names("browser_untrusted", Bad::Warning);
    refuse(&door);
    let report = assert_named(&door, "browser_untrusted", Bad::Warning);
    assert!(
        report.first().contains("doorcode trust install"),
        "{}",
        report.first()
    );
    let output = door.run(&["trust", "install", "--store", "chromium"]);
    assert_eq!(output.code, 0, "{output:?}");
    // Firefox is still to be told; whether there is one depends on the machine.
    wait_for_status(&door, "Chromium not to be named", |status| {
        !status["problems"].to_string().contains("Chromium")
    });
}

#[test]
fn a_browser_that_runs_since_before_the_root_was_put_in_is_named_until_it_is_closed() {
    let mut door = without_editor();
    door.up();
    wait_until_open(&door);
    let chromium = Chromium::open(&door);
    let output = door.run(&["trust", "install", "--store", "chromium"]);
    assert_eq!(output.code, 0, "{output:?}");
    doctor(&door, &[]).assert_names("browser_restart_needed", Bad::Warning);
    assert_eq!(door.problems(), [""; 0], "it has not asked for anything yet");
    // It still does not believe the certificate.
    refuse(&door);
    let report = assert_named(&door, "browser_restart_needed", Bad::Warning);
    // Firefox, which nobody has told yet, comes first where there is one.
    let mut causes = report.json["causes"].as_array().expect("an array").iter();
    let cause = causes.find(|cause| cause["code"] == "browser_restart_needed");
    let message = cause.expect("named")["message"].to_string();
    assert!(message.contains("Chromium"), "{message}");
    chromium.close(&door);
    assert_mended(&door, "browser_restart_needed");
}
