//! The door, as seen from this machine.

use std::process::{Child, Command, Stdio};

use doorcode_tests::{as_root, curl, in_namespace, own_host_names, own_network};

use super::certificates::Pair;
use super::public::Proxy;
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

/// A door with a certificate of its owner's, at 127.0.0.1 and not at ::1, which is localhost just as well.
fn door_beside(pair: &Pair, door: &mut Door) {
    own_network(&[]);
    own_host_names(door.home(), &[]);
    door.write_settings(&pair.settings());
    door.set_password();
    door.up();
    wait_until_open(door);
    assert_well(door);
}

#[test]
fn another_server_with_a_copy_of_the_certificate_is_named() {
    if !in_namespace("door::another_server_with_a_copy_of_the_certificate_is_named") {
        return;
    }
    let mut door = without_editor();
    let pair = Pair::new(door.home(), "localhost", -1, 90);
    door_beside(&pair, &mut door);
    for answer in ["return 200;", "return 401;", "return 444;"] {
        let other = Proxy::at(&format!("[::1]:{}", door.port()), &pair, true, answer);
        assert_named(&door, "other_server", Bad::Broken);
        drop(other);
        assert_well(&door);
    }
    // One that speaks no TLS at all.
    let other = Proxy::at(&format!("[::1]:{}", door.port()), &pair, false, "return 200;");
    assert_named(&door, "other_server", Bad::Broken);
    drop(other);
    assert_well(&door);
}

/// What passes requests on to the door, and what it does to them, with what the door is then to people who come that way.
#[test]
fn what_a_server_in_between_takes_from_the_door_is_named() {
    if !in_namespace("door::what_a_server_in_between_takes_from_the_door_is_named") {
        return;
    }
    let mut door = without_editor();
    let pair = Pair::new(door.home(), "localhost", -1, 90);
    door_beside(&pair, &mut door);
    let own = format!("https://localhost:{}", door.port());
    let link = door.run(&["open", "--print"]).stdout;
    // curl believes the roots of our own making only.
    let answer = curl(&door, &["--insecure", link.trim()]);
    let cookie = answer.header("set-cookie").expect("a cookie");
    let (cookie, _) = cookie.split_once(';').expect("attributes");
    let passing = format!(
        "proxy_pass https://127.0.0.1:{}; proxy_http_version 1.1; proxy_set_header Host $http_host;",
        door.port()
    );
    let websockets = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;";
    for (code, bad, more) in [
        ("no_redirect", Bad::Warning, websockets.to_owned()),
        ("door_websocket_refused", Bad::Broken, String::new()),
        (
            "websocket_origin_not_checked",
            Bad::Broken,
            format!("{websockets} proxy_set_header Origin {own};"),
        ),
        (
            "sign_in_not_asked",
            Bad::Broken,
            format!("{websockets} proxy_set_header Cookie \"{cookie}\";"),
        ),
    ] {
        let between = format!("{passing} {more}");
        let between = Proxy::at(&format!("[::1]:{}", door.port()), &pair, true, &between);
        assert_named(&door, code, bad);
        drop(between);
        assert_well(&door);
    }
}

#[test]
fn an_address_that_this_machine_has_lost_is_named() {
    if !in_namespace("door::an_address_that_this_machine_has_lost_is_named") {
        return;
    }
    const ADDRESS: &str = "10.9.8.7";
    let network = |verb| as_root("ip", &["address", verb, &format!("{ADDRESS}/32"), "dev", "lo"]);
    own_network(&[]);
    network("add");
    let mut door = without_editor();
    let write = |door: &Door, listen: &str, hosts: &str| {
        let usual = std::fs::read_to_string(door.settings_file()).expect("read");
        let (editor, _) = usual.split_once("[gateway]").expect("a table");
        door.write_settings_file(&format!(
            "{editor}[gateway]\nlisten = [{listen}]\nhosts = [{hosts}]\n"
        ));
    };
    let (here, there) = (
        format!("\"127.0.0.1:{}\"", door.port()),
        format!("\"{ADDRESS}:{}\"", door.port()),
    );
    for (listen, hosts, bad) in [
        (there.clone(), format!("\"{ADDRESS}\""), Bad::Broken),
        (
            format!("{here}, {there}"),
            format!("\"localhost\", \"{ADDRESS}\""),
            Bad::Warning,
        ),
    ] {
        write(&door, &listen, &hosts);
        door.up();
        wait_until_open(&door);
        assert_well(&door);
        network("delete");
        let report = assert_named(&door, "not_listening", bad);
        assert_eq!(report.codes(), ["not_listening"]);
        assert!(report.first().contains(ADDRESS), "{}", report.first());
        network("add");
        assert_well(&door);
        assert_eq!(door.run(&["stop", "--engine"]).code, 0);
        door.wait_for_end(Duration::from_secs(15));
    }
}

#[test]
fn a_host_at_whose_address_the_door_does_not_listen_is_named() {
    let mut door = without_editor();
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    for (hosts, bad) in [
        ("hosts = [\"localhost\", \"127.0.0.2\"]\n", Bad::Warning),
        ("hosts = [\"127.0.0.2\"]\n", Bad::Broken),
    ] {
        door.write_settings(hosts);
        let report = assert_named(&door, "not_listening", bad);
        assert_eq!(report.codes(), ["not_listening"]);
        door.write_settings("");
        assert_well(&door);
    }
}

#[test]
fn another_way_to_sign_in_is_looked_at_at_once() {
    let mut door = without_editor();
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    for (settings, status) in [("[auth]\nmode = \"none\"\n", "skipped"), ("", "pass")] {
        door.write_settings(settings);
        // As the window shows it. Without a change, the next look at the door would come five minutes later.
        wait_for("what is asked of strangers now", SOON, || {
            let known = control(&door, "{\"request\":\"health\"}");
            let report = Report {
                json: known["report"].clone(),
                exit: 0,
            };
            (report.probe("sign-in") == status).then_some(())
        });
    }
}

/// What the engine answers to a request over its control socket.
fn control(door: &Door, request: &str) -> Value {
    let socket = door.path("run/doorcode/control.sock");
    let mut stream = std::os::unix::net::UnixStream::connect(socket).expect("the control socket");
    std::io::Write::write_all(&mut stream, format!("{request}\n").as_bytes()).expect("sent");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stream), &mut line).expect("a reply");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
