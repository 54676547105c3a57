//! The certificate as other people's programs see it: openssl, curl, sslscan.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use doorcode_tests::{Door, curl, wait_for};

/// An editor that says its version and then only waits: enough for a door.
const WAITING: &str = "#!/bin/sh\ncase \" $* \" in *' --version '*) echo 4.139.1 0000000000000000000000000000000000000000 with Code 1.139.1; exit 0;; esac\nexec sleep 1000\n";

fn door(more: &str) -> Door {
    let mut door = Door::with_script(WAITING);
    door.write_settings(more);
    door.up();
    door.wait_for_state("starting");
    door
}

fn tool(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is installed: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn openssl_sees_a_leaf_alone_under_a_constrained_root() {
    let door = door("");
    let address = format!("127.0.0.1:{}", door.port());
    curl(&door, &[&door.url("/")]);
    let root = door.path("root.pem");
    let root = root.to_str().expect("UTF-8");
    let seen = tool(
        "openssl",
        &[
            "s_client",
            "-connect",
            &address,
            "-servername",
            "localhost",
            "-CAfile",
            root,
            "-verify_return_error",
            "-showcerts",
        ],
    );
    assert!(seen.contains("Verify return code: 0 (ok)"), "{seen}");
    assert_eq!(
        seen.matches("BEGIN CERTIFICATE").count(),
        1,
        "more than the leaf is served"
    );
    let text = tool("openssl", &["x509", "-in", root, "-noout", "-text"]);
    for part in [
        "CA:TRUE, pathlen:0",
        "Name Constraints: critical",
        "DNS:localhost",
        "IP:127.0.0.1/255.255.255.255",
        "Certificate Sign, CRL Sign",
    ] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    let leaf = tool(
        "openssl",
        &[
            "x509",
            "-in",
            door.data("certs/localhost.crt").to_str().expect("UTF-8"),
            "-noout",
            "-text",
        ],
    );
    for part in [
        "CA:FALSE",
        "Digital Signature",
        "TLS Web Server Authentication",
        "DNS:localhost",
        "IP Address:127.0.0.1",
    ] {
        assert!(leaf.contains(part), "`{part}` is not in {leaf}");
    }
    let subject = leaf
        .lines()
        .find(|line| line.trim_start().starts_with("Subject:"));
    assert!(!subject.expect("a subject").contains("CN ="), "{leaf}");
    for (name, mode) in [("certs/localhost.key", 0o600), ("certs", 0o700)] {
        assert_eq!(
            std::fs::metadata(door.data(name))
                .expect("there")
                .permissions()
                .mode()
                & 0o777,
            mode,
            "{name}"
        );
    }
}

#[test]
fn curl_trusts_it_with_the_root_only_and_for_its_names_only() {
    let door = door("");
    assert_eq!(curl(&door, &[&door.url("/")]).status, 401);
    assert_eq!(
        curl(&door, &[&format!("https://127.0.0.1:{}/", door.port())]).status,
        401
    );
    assert_eq!(
        curl(
            &door,
            &[&door.url("/"), "--cacert", "/etc/ssl/certs/ca-certificates.crt"]
        )
        .exit,
        60
    );
    let resolve = format!("other.example:{}:127.0.0.1", door.port());
    let other = curl(
        &door,
        &[
            "--resolve",
            &resolve,
            &format!("https://other.example:{}/", door.port()),
        ],
    );
    assert_ne!(other.exit, 0, "a host that is not ours is served");
    let plain = curl(&door, &[&format!("http://localhost:{}/a?b=c", door.port())]);
    assert_eq!(
        (plain.status, plain.header("location")),
        (301, Some(door.url("/a?b=c").as_str()))
    );
    let posted = curl(
        &door,
        &["--data", "x", &format!("http://localhost:{}/", door.port())],
    );
    assert_eq!(posted.status, 308);
    let rebound = curl(
        &door,
        &[
            "-H",
            "Host: evil.example",
            &format!("http://localhost:{}/", door.port()),
        ],
    );
    assert_eq!(rebound.status, 421);
    assert_eq!(
        curl(&door, &["-H", "Host: evil.example", &door.url("/")]).status,
        421
    );
}

/// The system's own store, with the system's own command, in a mount namespace that ends with the test.
#[test]
fn curl_trusts_it_through_the_system_store() {
    let door = door("");
    curl(&door, &[&door.url("/")]);
    let script = "set -e
        cp -r /etc/ssl/certs \"$2/certs\"
        mkdir \"$2/ours\"
        cp \"$1\" \"$2/ours/doorcode.crt\"
        mount --bind \"$2/certs\" /etc/ssl/certs
        mount --bind \"$2/ours\" /usr/local/share/ca-certificates
        before=$(curl --silent --noproxy '*' --output /dev/null --write-out '%{http_code}' \"$3\" || true)
        update-ca-certificates >&2
        after=$(curl --silent --noproxy '*' --output /dev/null --write-out '%{http_code}' \"$3\")
        echo \"$before $after\"";
    let dir = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", script, "sh"])
        .arg(door.path("root.pem"))
        .arg(dir.path())
        .arg(door.url("/"))
        .output()
        .expect("unshare is installed");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "000 401",
        "{output:?}"
    );
}

#[test]
fn sslscan_finds_tls_1_2_and_1_3_only() {
    let door = door("");
    let seen = tool(
        "sslscan",
        &[
            "--no-colour",
            "--sni-name=localhost",
            &format!("127.0.0.1:{}", door.port()),
        ],
    );
    for (version, word) in [
        ("SSLv3", "disabled"),
        ("TLSv1.0", "disabled"),
        ("TLSv1.1", "disabled"),
        ("TLSv1.2", "enabled"),
        ("TLSv1.3", "enabled"),
    ] {
        let line = seen
            .lines()
            .find(|line| line.trim_start().starts_with(version))
            .unwrap_or_else(|| panic!("{version}: {seen}"));
        assert!(line.contains(word), "{line}");
    }
    for weak in [
        "RC4",
        "3DES",
        "DES-CBC",
        "CBC",
        "NULL",
        "EXPORT",
        "vulnerable to heartbleed",
    ] {
        let accepted = seen
            .lines()
            .any(|line| line.contains(weak) && !line.contains("not vulnerable"));
        assert!(!accepted, "{weak}: {seen}");
    }
}

#[test]
fn the_command_shows_issues_and_removes() {
    let door = door("");
    let shown: serde_json::Value =
        serde_json::from_str(&door.run(&["cert", "show", "localhost", "--json"]).stdout).expect("JSON");
    let openssl = tool(
        "openssl",
        &[
            "x509",
            "-in",
            door.data("certs/localhost.crt").to_str().expect("UTF-8"),
            "-noout",
            "-fingerprint",
            "-sha256",
        ],
    );
    let fingerprint = shown["fingerprint"].as_str().expect("a text").to_owned();
    assert!(openssl.contains(&fingerprint), "{openssl} {shown}");
    assert_eq!(door.status()["certificates"][0]["fingerprint"], fingerprint);

    let refused = door.run(&["cert", "issue", "localhost"]);
    assert_eq!(refused.code, 2, "replacing trust needs a yes: {refused:?}");
    assert_eq!(door.status()["certificates"][0]["fingerprint"], fingerprint);
    let issued = door.run(&["cert", "issue", "localhost", "--yes"]);
    assert_eq!(issued.code, 0, "{issued:?}");
    let now = door.status()["certificates"][0]["fingerprint"].clone();
    assert_ne!(now, fingerprint, "the running door does not serve the new one");
    assert_ne!(
        door.run(&["cert", "renew", "localhost"]).code,
        0,
        "renewed though not due"
    );
}

#[test]
fn a_pair_that_went_bad_is_reported_and_never_served_silently() {
    let door = door("");
    let key = door.data("certs/localhost.key");
    let fingerprint = door.status()["certificates"][0]["fingerprint"].clone();
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).expect("ours");
    wait_for("the readable key to be reported", Duration::from_secs(5), || {
        door.status()["problems"]
            .to_string()
            .contains("localhost.key")
            .then_some(())
    });
    assert_eq!(door.status()["certificates"][0]["fingerprint"], fingerprint);
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).expect("ours");
    wait_for("the report to be gone", Duration::from_secs(5), || {
        door.problems().is_empty().then_some(())
    });
}

#[test]
fn a_custom_pair_is_served_and_exchanged_without_dropping_a_connection() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (cert, key) = (dir.path().join("c.pem"), dir.path().join("k.pem"));
    custom_pair(dir.path(), "localhost", &cert, &key);
    let door = door(&format!(
        "[tls]\nmode = \"custom\"\ncert = {cert:?}\nkey = {key:?}\n"
    ));
    let ca = cert.to_str().expect("UTF-8");
    assert_eq!(curl(&door, &["--cacert", ca, &door.url("/")]).status, 401);
    let first = door.status()["certificates"][0]["fingerprint"].clone();

    let mut open = Command::new("openssl")
        .args([
            "s_client",
            "-quiet",
            "-connect",
            &format!("127.0.0.1:{}", door.port()),
            "-servername",
            "localhost",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    custom_pair(dir.path(), "localhost", &cert, &key);
    wait_for("the new pair to be served", Duration::from_secs(5), || {
        (door.status()["certificates"][0]["fingerprint"] != first).then_some(())
    });
    assert_eq!(curl(&door, &["--cacert", ca, &door.url("/")]).status, 401);
    use std::io::{Read, Write};
    open.stdin
        .take()
        .expect("piped")
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("open");
    let mut answer = String::new();
    open.stdout
        .take()
        .expect("piped")
        .read_to_string(&mut answer)
        .expect("text");
    assert!(
        answer.starts_with("HTTP/1.1 401"),
        "the open connection was dropped: {answer}"
    );
    open.wait().expect("ended");

    let second = door.status()["certificates"][0]["fingerprint"].clone();
    custom_pair(dir.path(), "other.example", &cert, &key);
    wait_for(
        "the pair for another host to be refused",
        Duration::from_secs(5),
        || {
            door.status()["problems"]
                .to_string()
                .contains("other.example")
                .then_some(())
        },
    );
    assert_eq!(door.status()["certificates"][0]["fingerprint"], second);
}

/// A self-made certificate of "another CA" for `host`, replaced by renaming as ACME clients do.
fn custom_pair(dir: &std::path::Path, host: &str, cert: &std::path::Path, key: &std::path::Path) {
    let (new_cert, new_key) = (dir.join("new.crt"), dir.join("new.key"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "90",
            "-subj",
            "/O=A real CA",
        ])
        .args(["-addext", &format!("subjectAltName=DNS:{host}"), "-keyout"])
        .arg(&new_key)
        .arg("-out")
        .arg(&new_cert)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{made:?}");
    std::fs::set_permissions(&new_key, PermissionsExt::from_mode(0o600)).expect("ours");
    std::fs::rename(new_key, key).expect("renamed");
    std::fs::rename(new_cert, cert).expect("renamed");
}
