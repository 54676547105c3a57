//! NSS databases, made and listed by certutil itself.

use std::path::Path;
use std::process::{Command, Stdio};

/// certutil's answer; it must be content.
pub(crate) fn certutil(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("certutil")
        .args(args)
        .arg("-d")
        .arg(format!("sql:{}", dir.display()))
        .stdin(Stdio::null())
        .output()
        .expect("certutil is installed");
    assert!(output.status.success(), "certutil {args:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// An empty database without a password.
pub(crate) fn new_database(dir: &Path) {
    std::fs::create_dir_all(dir).expect("a folder");
    certutil(dir, &["-N", "--empty-password"]);
}

/// Every nickname with its trust, and every certificate.
pub(crate) fn list(dir: &Path) -> Vec<String> {
    let text = certutil(dir, &["-L", "-f", "/dev/null"]);
    let lines = text.lines().map(str::trim_end).filter(|line| line.contains(','));
    let mut found: Vec<String> = lines
        .filter(|line| !line.contains("SSL,S/MIME"))
        .map(|line| {
            let (nickname, trust) = line.rsplit_once(' ').expect("a nickname and its trust");
            let nickname = nickname.trim_end();
            let pem = certutil(dir, &["-L", "-a", "-n", nickname, "-f", "/dev/null"]);
            format!("{nickname} {trust} {pem}")
        })
        .collect();
    found.sort();
    found
}

/// A certificate authority of somebody else in `dir`, trusted as `trust` says, with a name that is like ours.
pub(crate) fn foreign_root(dir: &Path, nickname: &str, trust: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("foreign.crt");
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args([
            "-subj",
            "/O=Doorcode/CN=Doorcode for localhost (0123456789abcdef)",
        ])
        .args(["-days", "30", "-keyout", "/dev/null", "-out"])
        .arg(&file)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{made:?}");
    let file = file.to_str().expect("text");
    certutil(
        dir,
        &["-A", "-n", nickname, "-t", trust, "-i", file, "-f", "/dev/null"],
    );
}
