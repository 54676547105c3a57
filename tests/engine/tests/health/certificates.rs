//! A certificate of one's own that is not as it should be.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use time::{Duration as Days, OffsetDateTime};

use super::*;

/// The files of a certificate for one host, and of the authority that vouches for it.
pub(super) struct Pair {
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
    pub(super) authority: PathBuf,
}

impl Pair {
    /// One that is valid between these days from now, in `folder`; in place of the one that is there.
    pub(super) fn new(folder: &Path, host: &str, from: i64, to: i64) -> Pair {
        let pair = Pair {
            cert: folder.join("pair.crt"),
            key: folder.join("pair.key"),
            authority: folder.join("authority.crt"),
        };
        let now = OffsetDateTime::now_utc();
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.not_before = now - Days::days(1000);
        let root_key = KeyPair::generate().expect("a key");
        let authority = root.self_signed(&root_key).expect("signed");
        let mut leaf = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        leaf.not_before = now + Days::days(from);
        leaf.not_after = now + Days::days(to);
        leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("a key");
        let cert = leaf
            .signed_by(&key, &Issuer::from_params(&root, &root_key))
            .expect("signed");
        put(&pair.key, &key.serialize_pem());
        put(&pair.cert, &cert.pem());
        put(&pair.authority, &authority.pem());
        pair
    }

    /// The table of settings.toml that has the door serve it.
    pub(super) fn settings(&self) -> String {
        format!(
            "[tls]\nmode = \"custom\"\ncert = {:?}\nkey = {:?}\n",
            self.cert, self.key
        )
    }
}

/// Private, and renamed into place, as ACME clients do.
fn put(path: &Path, text: &str) {
    let new = path.with_extension("new");
    write(&new, text);
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o600)).expect("ours");
    std::fs::rename(&new, path).expect("renamed");
}

/// Days from now, the host that it names, and what it is called.
const BAD: [(i64, i64, &str, &str); 3] = [
    (-100, -1, "localhost", "certificate_expired"),
    (2, 100, "localhost", "certificate_not_yet_valid"),
    (-1, 90, "other.example", "certificate_host_not_covered"),
];

#[test]
fn a_bad_certificate_that_replaces_a_good_one_is_named_while_the_good_one_is_served() {
    let mut door = without_editor();
    let good = || Pair::new(door.home(), "localhost", -1, 90);
    door.write_settings(&good().settings());
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    for (from, to, host, code) in BAD {
        Pair::new(door.home(), host, from, to);
        let report = assert_named(&door, code, Bad::Warning);
        assert_eq!(report.codes(), [code]);
        Pair::new(door.home(), "localhost", -1, 90);
        assert_well(&door);
    }
}

#[test]
fn a_bad_certificate_with_nothing_in_its_place_is_named() {
    let mut door = without_editor();
    // A door that has nothing at all to serve does not open.
    door.up();
    wait_until_open(&door);
    for (from, to, host, code) in BAD {
        let pair = Pair::new(door.home(), host, from, to);
        door.write_settings(&format!(
            "hosts = [\"127.0.0.2\", \"localhost\"]\n{}",
            pair.settings()
        ));
        assert_named(&door, code, Bad::Broken);
        door.write_settings("");
        assert_well(&door);
    }
}

#[test]
fn a_certificate_that_ends_soon_is_named_until_there_is_another() {
    let mut door = without_editor();
    door.write_settings(&Pair::new(door.home(), "localhost", -1, 10).settings());
    door.up();
    wait_until_open(&door);
    let report = assert_named(&door, "certificate_due", Bad::Warning);
    assert_eq!(report.codes(), ["certificate_due"]);
    Pair::new(door.home(), "localhost", -1, 90);
    assert_well(&door);
}

/// What becomes of the files, and what that is called.
type Flaw = (&'static str, fn(&Pair));

const FLAWS: [Flaw; 10] = [
    ("certificate_file_missing", |pair| {
        std::fs::remove_file(&pair.cert).expect("removed");
    }),
    ("certificate_file_missing", |pair| {
        std::fs::remove_file(&pair.key).expect("removed");
    }),
    ("certificate_corrupt", |pair| put(&pair.cert, "nonsense")),
    ("certificate_too_large", |pair| {
        put(&pair.cert, &"x".repeat(4 << 20))
    }),
    ("certificate_order", |pair| {
        let [leaf, authority] = [&pair.cert, &pair.authority].map(|file| read(file));
        put(&pair.cert, &format!("{authority}{leaf}"));
    }),
    ("certificate_key_unusable", |pair| put(&pair.key, "nonsense")),
    ("certificate_key_mismatch", |pair| {
        put(&pair.key, &KeyPair::generate().expect("a key").serialize_pem());
    }),
    ("certificate_several_keys", |pair| {
        let another = KeyPair::generate().expect("a key").serialize_pem();
        put(&pair.key, &format!("{}{another}", read(&pair.key)));
    }),
    ("certificate_key_encrypted", |pair| {
        let output = std::process::Command::new("openssl")
            .args(["pkey", "-aes256", "-passout", "pass:secret", "-in"])
            .arg(&pair.key)
            .output()
            .expect("openssl is installed");
        put(&pair.key, &String::from_utf8(output.stdout).expect("PEM"));
    }),
    ("certificate_exposed", |pair| {
        std::fs::set_permissions(&pair.key, PermissionsExt::from_mode(0o644)).expect("ours");
    }),
];

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("read")
}

#[test]
fn files_that_cannot_be_served_are_named_while_what_was_good_is_served() {
    let mut door = without_editor();
    let good = || Pair::new(door.home(), "localhost", -1, 90);
    door.write_settings(&good().settings());
    door.up();
    wait_until_open(&door);
    assert_well(&door);
    for (code, spoil) in FLAWS {
        spoil(&Pair::new(door.home(), "localhost", -1, 90));
        let report = assert_named(&door, code, Bad::Warning);
        assert_eq!(report.codes(), [code]);
        Pair::new(door.home(), "localhost", -1, 90);
        assert_well(&door);
    }
}
