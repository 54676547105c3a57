//! The public address and the real nginx that answers there.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use doorcode_tests::{curl, kill};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::certificates::Pair;
use super::*;

/// nginx at a port, with one location that answers everything.
pub(super) struct Proxy {
    process: Child,
    folder: TempDir,
}

impl Proxy {
    /// `answer` is what stands in the location; `tls` false makes it speak plain http.
    pub(super) fn start(port: u16, pair: &Pair, tls: bool, answer: &str) -> Proxy {
        Proxy::at(&format!("127.0.0.1:{port}"), pair, tls, answer)
    }

    /// The same, at `address`.
    pub(super) fn at(address: &str, pair: &Pair, tls: bool, answer: &str) -> Proxy {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let here = folder.path().display();
        let tls = match tls {
            true => format!(
                "ssl_certificate {}; ssl_certificate_key {};",
                pair.cert.display(),
                pair.key.display()
            ),
            false => String::new(),
        };
        let listen = if tls.is_empty() { "" } else { "ssl" };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {here}/{name};"))
            .concat();
        // Started by root, it would hand its workers to somebody whom a user namespace does not have.
        let user = if nix::unistd::geteuid().is_root() {
            "user root root;"
        } else {
            ""
        };
        let config = format!(
            "{user} daemon off; worker_processes 1; pid {here}/pid; error_log stderr crit; events {{}}\n\
             http {{ access_log off; {temporary} server {{ listen {address} {listen}; {tls} location / {{ {answer} }} }} }}\n"
        );
        let file = folder.path().join("nginx.conf");
        write(&file, &config);
        let path = std::env::var("PATH").unwrap_or_default();
        let process = Command::new("nginx")
            .args(["-e", "stderr", "-c"])
            .arg(&file)
            .env("PATH", format!("{path}:/usr/sbin"))
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx is installed");
        let proxy = Proxy { process, folder };
        wait_for("nginx", SOON, || std::net::TcpStream::connect(address).ok());
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        kill(self.process.id(), Signal::SIGTERM);
        let _ = self.process.wait();
        let _ = &self.folder;
    }
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The settings of a door behind a proxy at `address`.
pub(super) fn behind(address: &str) -> String {
    format!(
        "[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\npreset = \"custom\"\npublic_url = \"{address}\"\n\
         proxies = [\"127.0.0.1\"]\nuser_header = \"x-forwarded-user\"\nallow_users = [\"*\"]\nproof = \"address-only\"\n"
    )
}

/// What a proxy answers that signs people in.
pub(super) const SIGNS_IN: &str = "return 302 https://id.example/sign-in;";

/// A door whose engine believes the authority of [`Pair`].
pub(super) fn door_behind_a_proxy() -> Door {
    let mut door = without_editor();
    let pair = Pair::new(door.home(), "localhost", -1, 90);
    let mut command = door.command(&["up"]);
    command.env("SSL_CERT_FILE", door.path("authorities.crt"));
    std::fs::copy(&pair.authority, door.path("authorities.crt")).expect("copied");
    door.start(&mut command);
    wait_until_open(&door);
    door
}

/// The same, with a proxy that signs people in, and its port.
pub(super) fn door_behind_a_good_proxy() -> (Door, Proxy, u16) {
    let door = door_behind_a_proxy();
    let pair = Pair::new(door.home(), "localhost", -1, 90);
    std::fs::copy(&pair.authority, door.path("authorities.crt")).expect("copied");
    let port = free_port();
    let proxy = Proxy::start(port, &pair, true, SIGNS_IN);
    (door, proxy, port)
}

/// Each fault of the address itself: at the address, told live after the settings have come to name it, by `--url`, and not
/// any more once a good proxy is there.
#[test]
fn what_is_wrong_at_the_public_address_is_named() {
    let door = door_behind_a_proxy();
    let home = tempfile::tempdir().expect("a temporary folder");
    let pair = |host: &str, from: i64, to: i64| {
        let pair = Pair::new(home.path(), host, from, to);
        // Of all the world's authorities, the door knows this one.
        std::fs::copy(&pair.authority, door.path("authorities.crt")).expect("copied");
        pair
    };
    type Start<'a> = &'a dyn Fn(u16) -> Option<Proxy>;
    let good = |port| Proxy::start(port, &pair("localhost", -1, 90), true, SIGNS_IN);
    let faults: [(&str, Bad, Start<'_>); 9] = [
        ("public_unreachable", Bad::Broken, &|_| None),
        ("public_tls_failed", Bad::Broken, &|port| {
            Some(Proxy::start(port, &pair("localhost", -1, 90), false, SIGNS_IN))
        }),
        ("public_certificate_expired", Bad::Broken, &|port| {
            Some(Proxy::start(port, &pair("localhost", -90, -1), true, SIGNS_IN))
        }),
        ("public_certificate_not_yet_valid", Bad::Broken, &|port| {
            Some(Proxy::start(port, &pair("localhost", 2, 90), true, SIGNS_IN))
        }),
        ("public_certificate_wrong_host", Bad::Broken, &|port| {
            Some(Proxy::start(port, &pair("other.example", -1, 90), true, SIGNS_IN))
        }),
        ("public_certificate_untrusted", Bad::Warning, &|port| {
            let stranger = Pair::new(home.path(), "localhost", -1, 90);
            Some(Proxy::start(port, &stranger, true, SIGNS_IN))
        }),
        ("public_no_answer", Bad::Broken, &|port| {
            Some(Proxy::start(
                port,
                &pair("localhost", -1, 90),
                true,
                "return 444;",
            ))
        }),
        ("public_wrong_server", Bad::Broken, &|port| {
            Some(Proxy::start(
                port,
                &pair("localhost", -1, 90),
                true,
                "return 404;",
            ))
        }),
        ("proxy_error", Bad::Broken, &|port| {
            Some(Proxy::start(
                port,
                &pair("localhost", -1, 90),
                true,
                "return 500;",
            ))
        }),
    ];
    for (code, bad, start) in faults {
        let port = free_port();
        let address = format!("https://localhost:{port}");
        let proxy = start(port);
        door.write_settings(&behind(&address));
        assert_named(&door, code, bad);
        doctor(&door, &["--url", &address]).assert_names(code, bad);
        drop(proxy);
        let _good = good(port);
        assert_well(&door);
    }
}

#[test]
fn a_public_name_that_leads_nowhere_is_named() {
    if !doorcode_tests::in_namespace("public::a_public_name_that_leads_nowhere_is_named") {
        return;
    }
    doorcode_tests::own_network(&[]);
    let door = door_behind_a_proxy();
    doorcode_tests::own_host_names(door.home(), &[]);
    let pair = Pair::new(door.home(), "code.test", -1, 90);
    std::fs::copy(&pair.authority, door.path("authorities.crt")).expect("copied");
    let port = free_port();
    let _proxy = Proxy::start(port, &pair, true, SIGNS_IN);
    door.write_settings(&behind(&format!("https://code.test:{port}")));
    let report = assert_named(&door, "public_not_resolved", Bad::Broken);
    assert_eq!(report.probe("public-connection"), "not_reached");
    let hosts = door.path("hosts");
    let text = std::fs::read_to_string(&hosts).expect("read");
    write(&hosts, &format!("{text}127.0.0.1 code.test\n"));
    assert_well(&door);
}

/// A statement that is none, and one whose key nobody has: `{"alg":"ES256","kid":"a"}`, nothing, and no signature worth the name.
const STATEMENTS: [(&str, &str); 2] = [
    ("nonsense", "assertion_rejected"),
    (
        "eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "assertion_keys_unavailable",
    ),
];

#[test]
fn what_a_proxy_signs_is_judged_by_what_arrives() {
    let door = door_behind_a_proxy();
    let pair = Pair::new(door.home(), "localhost", -1, 90);
    std::fs::copy(&pair.authority, door.path("authorities.crt")).expect("copied");
    let (port, nowhere) = (free_port(), free_port());
    let _proxy = Proxy::start(port, &pair, true, SIGNS_IN);
    door.write_settings(&format!(
        "[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\npreset = \"custom\"\n\
         public_url = \"https://localhost:{port}\"\nproxies = [\"127.0.0.1\"]\nallow_users = [\"*\"]\nproof = \"assertion\"\n\
         assertion = {{ header = \"x-statement\", jwks_url = \"https://localhost:{nowhere}/keys\", issuer = \"issuer\", \
         audience = \"door\", algorithms = [\"ES256\"], user_claim = \"email\" }}\n"
    ));
    wait_for_status(&door, "the settings to be in force", |status| {
        status["auth"] == "trusted-proxy"
    });
    assert_well(&door);
    for (statement, code) in STATEMENTS {
        let answer = curl(
            &door,
            &["-H", &format!("x-statement: {statement}"), &door.url("/")],
        );
        assert!([401, 403, 503].contains(&answer.status), "{answer:?}");
        assert_named(&door, code, Bad::Broken);
    }
    door.write_settings("");
    assert_well(&door);
}
