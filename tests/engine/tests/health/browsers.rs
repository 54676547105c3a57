//! Whether a browser of this machine believes the door's certificate.

use std::process::{Command, Stdio};

use super::*;

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
