//! The keys that verify a proxy's statements, and the clock of the server that has them.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use doorcode_tests::{Door, wait_for};

use crate::{audit, command, door, finished, ids, parsed, set};

/// Settings for Pomerium whose keys are where `keys` says.
fn pomerium(door: &Door, keys: &str) {
    door.write_settings_file(&format!(
        "[gateway]\nhosts = [\"code.example.com\"]\n[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\npreset = \"pomerium\"\n\
         public_url = \"https://code.example.com\"\nproxies = [\"127.0.0.1\"]\nallow_users = [\"you@example.com\"]\n\
         [auth.trusted_proxy.assertion]\n{keys}\n"
    ));
}

#[test]
fn keys_that_cannot_be_had_are_found() {
    let door = door();
    // Free a moment ago: whoever has it now has no keys.
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    pomerium(
        &door,
        &format!("jwks_url = \"https://{}/keys\"", closed.expect("a free port")),
    );
    let (report, _) = audit(&door, &[]);
    assert!(
        ids(&report).contains("trusted_proxy.keys_unreachable"),
        "{report:#}"
    );

    let file = door.path("keys.json");
    fs::write(&file, "{\"keys\": [{\"kty\": \"EC\"}]}").expect("written");
    pomerium(&door, &format!("jwks_file = {file:?}"));
    let (report, code) = audit(&door, &[]);
    assert_eq!(
        (ids(&report), code),
        (["trusted_proxy.in_use".to_owned()].into(), 0),
        "{report:#}"
    );
    set(&file, 0o666);
    let (report, code) = audit(&door, &[]);
    assert!(ids(&report).contains("permissions.file_writable"), "{report:#}");
    assert_eq!(code, 2);
}

#[test]
fn keys_are_fetched_and_a_clock_that_is_off_is_found() {
    let door = door();
    let server = Server::start(&door.path("server"));
    let keys = format!("jwks_url = \"https://localhost:{}/keys\"", server.port);
    pomerium(&door, &keys);
    let found = |answer: &str, date: &str| {
        server.answer(answer, date);
        let mut audit = command(&door, &["audit", "--json"]);
        audit.env("SSL_CERT_FILE", &server.certificate);
        let (report, _) = parsed(finished(&mut audit));
        let mut found = ids(&report);
        found.retain(|id| id != "trusted_proxy.in_use" && id != "environment.more_authorities");
        found.into_iter().collect::<Vec<_>>()
    };
    let date = |ahead: &str| {
        let output = Command::new("date")
            .args(["-u", "-R", "-d", ahead])
            .env("LC_ALL", "C")
            .output();
        let text = String::from_utf8(output.expect("date is installed").stdout).expect("text");
        text.trim().replace("+0000", "GMT")
    };
    let good = "{\"keys\":[{\"kty\":\"EC\"}]}";
    assert_eq!(found(good, &date("now")), [] as [&str; 0]);
    assert_eq!(found(good, &date("5 minutes ago")), ["trusted_proxy.clock_skew"]);
    assert_eq!(found(good, &date("2 minutes")), ["trusted_proxy.clock_skew"]);
    assert_eq!(
        found("{\"keys\":[]}", &date("now")),
        ["trusted_proxy.keys_unreachable"]
    );
    assert_eq!(found("<html>", &date("now")), ["trusted_proxy.keys_unreachable"]);
}

/// An https server that answers with a file, head and all.
struct Server {
    process: Child,
    folder: std::path::PathBuf,
    certificate: std::path::PathBuf,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Server {
        fs::create_dir(folder).expect("made");
        let openssl = |args: &[&str]| {
            let mut command = Command::new("openssl");
            command
                .args(args)
                .current_dir(folder)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        };
        let made = openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "extendedKeyUsage=serverAuth",
        ])
        .status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "openssl makes a certificate"
        );
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("a free port").port();
        let accept = format!("127.0.0.1:{port}");
        let serve = [
            "s_server", "-accept", &accept, "-cert", "cert.pem", "-key", "key.pem", "-HTTP", "-quiet",
        ];
        let process = openssl(&serve).spawn().expect("openssl is installed");
        wait_for("the server", Duration::from_secs(10), || {
            TcpStream::connect(&accept).ok()
        });
        Server {
            process,
            certificate: folder.join("cert.pem"),
            folder: folder.to_owned(),
            port,
        }
    }

    fn answer(&self, body: &str, date: &str) {
        let text = format!(
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        fs::write(self.folder.join("keys"), text).expect("written");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
