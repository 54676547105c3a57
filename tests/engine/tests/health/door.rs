//! The door, as seen from this machine.

use std::process::{Child, Command, Stdio};

use doorcode_tests::{curl, in_namespace, own_host_names, own_network};

use super::certificates::Pair;
use super::*;

#[test]
fn a_host_whose_name_leads_nowhere_is_named() {
    if !in_namespace("door::a_host_whose_name_leads_nowhere_is_named") {
        return;
    }
    own_network(&[]);
    let mut door = without_editor();
    own_host_names(door.home(), &[]);
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    for (hosts, bad) in [
        ("hosts = [\"localhost\", \"code.test\"]\n", Bad::Warning),
        ("hosts = [\"code.test\"]\n", Bad::Broken),
    ] {
        door.write_settings(hosts);
        let report = assert_named(&door, "host_not_resolved", bad);
        assert!(
            report.first().contains("127.0.0.1 code.test"),
            "{}",
            report.first()
        );
    }
    // As the doctor says.
    let hosts = door.path("hosts");
    let text = std::fs::read_to_string(&hosts).expect("read");
    write(&hosts, &format!("{text}127.0.0.1 code.test\n"));
    assert_well(&door);
}

/// What connects to `localhost` by IPv6 comes out there.
struct OtherServer(Child);

impl OtherServer {
    fn start(pair: &Pair, port: u16) -> OtherServer {
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &format!("[::1]:{port}")])
            .arg("-cert")
            .arg(&pair.cert)
            .arg("-key")
            .arg(&pair.key)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        let server = OtherServer(child);
        wait_for("the other server", SOON, || {
            std::net::TcpStream::connect(("::1", port)).ok()
        });
        server
    }
}

impl Drop for OtherServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn another_server_behind_the_same_name_is_named() {
    if !in_namespace("door::another_server_behind_the_same_name_is_named") {
        return;
    }
    own_network(&[]);
    let mut door = without_editor();
    // Both 127.0.0.1 and ::1 are localhost here.
    own_host_names(door.home(), &[]);
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    let other = OtherServer::start(&Pair::new(door.home(), "localhost", -1, 90), door.port());
    let report = assert_named(&door, "other_server", Bad::Broken);
    assert!(
        report.first().contains(&format!("[::1]:{}", door.port())),
        "{}",
        report.first()
    );
    drop(other);
    assert_well(&door);
    assert_eq!(curl(&door, &[&door.url("/")]).status, 401);
}
