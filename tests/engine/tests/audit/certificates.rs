//! Certificates, roots left in stores, sessions: what time and people leave behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use doorcode_tests::Door;
use serde_json::Value;

use crate::{audit, door, found, set};

#[test]
fn each_flaw_of_a_certificate_of_ones_own_is_found() {
    let door = door();
    let pair = Pair::new(&door);
    let settings = format!(
        "[tls]\nmode = \"custom\"\ncert = {:?}\nkey = {:?}\n",
        pair.cert(),
        pair.key()
    );
    door.write_settings_file(&settings);
    let audited = || audit(&door, &[]).0;

    pair.issue("-sha256", "100");
    found(&audited(), &[], "");
    pair.issue("-sha256", "10");
    found(&audited(), &["tls.certificate_due"], "ends on");
    pair.issue("-sha256", "-1");
    found(&audited(), &["tls.certificate_expired"], "valid from");
    pair.issue("-sha1", "100");
    found(&audited(), &["tls.weak_signature"], "certificate 1 in");
    pair.issue("-sha256", "900");
    found(&audited(), &["tls.long_lived"], "900 days");
    pair.sign_itself();
    found(&audited(), &["tls.custom_self_signed"], "cert.pem");
    set(&pair.key(), 0o640);
    found(&audited(), &["permissions.key_readable"], "key.pem: mode 0640");
    set(&pair.key(), 0o600);
    fs::write(pair.cert(), "no certificate").expect("written");
    found(&audited(), &["tls.certificate_unusable"], "cert.pem");
}

#[test]
fn a_damaged_pair_of_a_host_is_found_and_another_hosts_is_not_its_business() {
    let door = door();
    for host in ["localhost", "other.example"] {
        assert_eq!(door.run(&["cert", "issue", host]).code, 0);
    }
    fs::write(door.data("certs/other_example.crt"), "prose").expect("written");
    set(&door.data("certs/other_example.crt"), 0o600);
    found(&audit(&door, &[]).0, &[], "");
    fs::copy(
        door.data("certs/other_example.key"),
        door.data("certs/localhost.key"),
    )
    .expect("copied");
    let (report, code) = audit(&door, &[]);
    found(&report, &["tls.certificate_unusable"], "localhost:");
    assert_eq!(code, 2);
}

#[test]
fn a_root_that_no_certificate_has_any_more_is_found_in_its_store() {
    let door = door();
    assert_eq!(door.run(&["cert", "issue", "localhost"]).code, 0);
    let database = door.path(".pki/nssdb");
    fs::create_dir_all(&database).expect("made");
    let store = format!("sql:{}", database.display());
    certutil(&["-N", "-d", &store, "--empty-password"]);
    let root = door.path("root.pem");
    fs::write(&root, door.run(&["cert", "export", "localhost"]).stdout).expect("written");
    let root = root.to_str().expect("a path in UTF-8");
    certutil(&[
        "-A",
        "-d",
        &store,
        "-n",
        "Doorcode localhost",
        "-t",
        "CP,,",
        "-i",
        root,
    ]);
    found(&audit(&door, &[]).0, &[], "");

    // The new certificate has another root.
    assert_eq!(door.run(&["cert", "renew", "localhost", "--force"]).code, 0);
    let (report, code) = audit(&door, &[]);
    found(&report, &["trust.leftover"], "Doorcode localhost");
    assert_eq!(code, 1);
}

#[test]
fn sessions_are_counted_while_no_engine_runs() {
    let door = door();
    let now = audit(&door, &[]).0["ts"]
        .as_str()
        .map(str::to_owned)
        .expect("a time");
    assert!(now.starts_with("20"), "{now}");
    let seconds = i64::try_from(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_secs(),
    )
    .expect("before the year 292 billion");
    let session = |number: usize, days: i64| {
        serde_json::json!({
            "id": format!("{number:08x}"), "token_sha256": "00".repeat(32), "created": seconds - days * 86_400,
            "last_seen": seconds - days * 86_400, "client": "127.0.0.1", "user_agent": null, "method": "link",
        })
    };
    let write = |sessions: Vec<Value>| {
        let file = serde_json::json!({
            "limits": {"idle": 30 * 86_400, "absolute": 90 * 86_400}, "sessions": sessions,
        });
        fs::write(door.data("sessions.json"), file.to_string()).expect("written");
        set(&door.data("sessions.json"), 0o600);
    };
    write((0..21).map(|number| session(number, 0)).collect());
    found(&audit(&door, &[]).0, &["sessions.many"], "21");
    write(vec![session(1, 20), session(2, 0), session(3, 40)]);
    let (report, code) = audit(&door, &[]);
    found(
        &report,
        &["sessions.forgotten"],
        "session 00000001: last used 20 days ago",
    );
    assert_eq!(code, 0, "it is only good to know");
    fs::write(door.data("sessions.json"), "damaged").expect("written");
    found(&audit(&door, &[]).0, &[], "");
    let kept = fs::read(door.data("sessions.json")).expect("an audit sets nothing aside");
    assert_eq!(kept, b"damaged");
}

/// A certificate for localhost by an authority of the test's own.
pub(crate) struct Pair {
    folder: PathBuf,
}

impl Pair {
    pub(crate) fn new(door: &Door) -> Pair {
        let folder = door.path("pair");
        fs::create_dir(&folder).expect("made");
        let pair = Pair { folder };
        pair.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 1000 -subj /CN=authority",
        );
        pair.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out request.pem -subj /O=tests",
        );
        fs::write(pair.folder.join("names"), "subjectAltName=DNS:localhost\n").expect("written");
        set(&pair.key(), 0o600);
        pair
    }

    pub(crate) fn cert(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    pub(crate) fn issue(&self, digest: &str, days: &str) {
        self.openssl(&format!(
            "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial {digest} -days {days} -extfile names -out cert.pem"
        ));
        set(&self.cert(), 0o644);
    }

    fn sign_itself(&self) {
        self.openssl("x509 -req -in request.pem -signkey key.pem -days 100 -extfile names -out cert.pem");
    }

    fn openssl(&self, words: &str) {
        run("openssl", &words.split(' ').collect::<Vec<_>>(), &self.folder);
    }
}

fn certutil(args: &[&str]) {
    run("certutil", args, Path::new("/"));
}

fn run(program: &str, args: &[&str], folder: &Path) {
    let output = Command::new(program).args(args).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is installed: {error}"));
    assert!(output.status.success(), "{program} {args:?}: {output:?}");
}
