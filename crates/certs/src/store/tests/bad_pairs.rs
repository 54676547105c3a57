//! Every way a pair can be bad: what is replaced, and what is refused and left alone.

use std::fs;
use std::os::unix::fs::{chown, symlink};

use doorcode_settings::Problem;
use nix::sys::stat::Mode;
use nix::unistd::{geteuid, mkfifo};
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use time::{Duration, OffsetDateTime};

use super::{Fixture, mode, named, set_mode};
use crate::flaw::Flaw;
use crate::store::Outcome;
use crate::{pem, shape};

#[test]
fn an_expired_pair_is_replaced_and_kept() {
    let fixture = Fixture::aged(Duration::days(830));
    let (cert, key) = (
        fs::read(&fixture.cert).expect("there"),
        fs::read(&fixture.key).expect("there"),
    );
    assert!(
        fixture
            .store
            .show(&fixture.host)
            .expect("shown all the same")
            .days_left
            < 0
    );
    fixture.assert_replaced("expired on", &[&cert, &key]);
}

#[test]
fn a_pair_from_the_future_waits_for_the_clock() {
    let problem = Fixture::aged(Duration::days(-10)).assert_refused("certificate_not_yet_valid");
    assert!(problem.fix.starts_with("`date`"), "{problem}");
}

#[test]
fn half_a_pair_is_replaced() {
    let fixture = Fixture::issued();
    let cert = fs::read(&fixture.cert).expect("there");
    fs::remove_file(&fixture.key).expect("removed");
    fixture.assert_replaced("its key", &[&cert]);

    let key = fs::read(&fixture.key).expect("there");
    fs::remove_file(&fixture.cert).expect("removed");
    fixture.assert_replaced("its certificate", &[&key]);
}

#[test]
fn what_cannot_be_read_as_a_certificate_is_replaced() {
    let whole = fs::read(Fixture::issued().cert).expect("there");
    let broken_base64 = String::from_utf8_lossy(&whole)
        .replacen("MII", "M!I", 1)
        .into_bytes();
    let not_der = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
    let without_names = root_of(&whole).into_bytes();
    for bad in [
        Vec::new(),
        b"prose".to_vec(),
        whole[..200].to_vec(),
        broken_base64,
        not_der,
        without_names,
    ] {
        let fixture = Fixture::issued();
        fs::write(&fixture.cert, &bad).expect("written");
        fixture.assert_replaced("my_dev_local.crt", &[&bad]);
    }
}

#[test]
fn a_key_that_is_none_is_replaced() {
    for bad in [
        &b""[..],
        b"prose",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        let fixture = Fixture::issued();
        fs::write(&fixture.key, bad).expect("written");
        fixture.assert_replaced("my_dev_local.key", &[bad]);
    }
}

#[test]
fn a_key_of_another_certificate_is_replaced() {
    let (fixture, other) = (Fixture::issued(), Fixture::issued());
    let cert = fs::read(&fixture.cert).expect("there");
    fs::copy(&other.key, &fixture.key).expect("copied");
    fixture.assert_replaced("does not belong", &[&cert]);
}

#[test]
fn a_key_that_others_can_use_is_refused_with_both_ways_out() {
    for exposed in [0o644, 0o640, 0o604, 0o602] {
        let fixture = Fixture::issued();
        set_mode(&fixture.key, exposed);
        let problem = fixture.assert_refused("certificate_exposed");
        assert!(problem.message.contains(&format!("{exposed:04o}")), "{problem}");
        assert!(problem.message.contains("my_dev_local.key"), "{problem}");
        assert!(problem.fix.contains("chmod 600"), "{problem}");
        assert!(
            problem.fix.contains("doorcode cert issue my.dev.local"),
            "{problem}"
        );

        fixture.store.issue(&fixture.host).expect("the second way out");
        let old = fixture
            .files()
            .into_iter()
            .find(|(path, _)| path.to_string_lossy().contains(".key.bak-"));
        assert_eq!(mode(&old.expect("the old key is kept").0), 0o600);
    }
}

#[test]
fn a_certificate_that_others_can_change_is_refused() {
    let fixture = Fixture::issued();
    set_mode(&fixture.cert, 0o644);
    assert_eq!(fixture.ensure().outcome, Outcome::Reused, "anybody may read it");
    set_mode(&fixture.cert, 0o664);
    fixture.assert_refused("certificate_exposed");
}

#[test]
fn links_folders_and_pipes_are_refused() {
    for half in ["crt", "key"] {
        let fixture = Fixture::issued();
        let path = fixture.cert.with_extension(half);
        let elsewhere = fixture.dir().join("elsewhere");
        fs::rename(&path, &elsewhere).expect("moved");
        symlink(&elsewhere, &path).expect("linked");
        fixture.assert_refused("certificate_is_link");

        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("created");
        fixture.assert_refused("certificate_not_a_file");

        fs::remove_dir(&path).expect("removed");
        mkfifo(&path, Mode::from_bits_truncate(0o600)).expect("a pipe");
        fixture.assert_refused("certificate_not_a_file");
    }
}

#[test]
fn a_dangling_link_is_not_taken_for_a_missing_file() {
    let fixture = Fixture::issued();
    fs::remove_file(&fixture.key).expect("removed");
    symlink("/nonexistent/elsewhere", &fixture.key).expect("linked");
    fixture.assert_refused("certificate_is_link");
}

#[test]
fn somebody_elses_file_is_refused() {
    if !geteuid().is_root() {
        return; // only root can give a file away
    }
    let fixture = Fixture::issued();
    chown(&fixture.key, Some(65534), None).expect("given away");
    let problem = fixture.assert_refused("certificate_foreign_owner");
    assert!(problem.message.contains("65534"), "{problem}");
}

#[test]
fn an_unreadable_key_is_refused() {
    if geteuid().is_root() {
        // Root reads everything; the rule alone can be checked.
        let source = std::io::ErrorKind::PermissionDenied.into();
        assert!(
            !Flaw::Unreadable {
                path: "/certs/a.key".into(),
                source
            }
            .ends_trust()
        );
        return;
    }
    let fixture = Fixture::issued();
    set_mode(&fixture.key, 0o000);
    let error = fixture
        .store
        .ensure(&fixture.host)
        .expect_err("it must not be replaced");
    assert_eq!(Problem::from(&error).code, "certificate_unreadable");
}

#[test]
fn an_encrypted_or_a_second_key_is_refused() {
    let fixture = Fixture::issued();
    let key = fs::read_to_string(&fixture.key).expect("there");
    fs::write(&fixture.key, key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")).expect("written");
    fixture.assert_refused("certificate_key_encrypted");
    fs::write(&fixture.key, format!("{key}{key}")).expect("written");
    fixture.assert_refused("certificate_several_keys");
}

#[test]
fn a_file_too_large_to_be_one_is_refused() {
    let fixture = Fixture::issued();
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&fixture.key)
        .expect("there");
    file.set_len(2 * 1024 * 1024).expect("a sparse file");
    fixture.assert_refused("certificate_too_large");
}

#[test]
fn a_file_that_lost_or_swapped_its_root_is_refused() {
    let (fixture, other) = (Fixture::issued(), Fixture::issued());
    let text = fs::read(&fixture.cert).expect("there");
    let root = root_of(&text);
    let leaf = String::from_utf8(text).expect("text").replace(&root, "");
    let foreign = root_of(&fs::read(&other.cert).expect("there"));
    let unreadable = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (text, code) in [
        (leaf.clone(), "certificate_shape"),
        (format!("{leaf}{foreign}"), "certificate_shape"),
        (format!("{leaf}{leaf}"), "certificate_shape"),
        (format!("{leaf}{root}{root}"), "certificate_shape"),
        (format!("{leaf}{unreadable}"), "certificate_corrupt"),
    ] {
        fs::write(&fixture.cert, text).expect("written");
        fixture.assert_refused(code);
    }
}

#[test]
fn a_pair_of_another_make_is_refused() {
    let host = named("localhost");
    let now = OffsetDateTime::now_utc();
    let own_root = || shape::root(&host, now).expect("a root");
    let own_leaf = || shape::leaf(&host, now).expect("a leaf");
    let mut unconstrained = own_root();
    unconstrained.name_constraints = None;
    let mut no_authority = own_root();
    no_authority.is_ca = IsCa::ExplicitNoCa;
    let mut authority = own_leaf();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let mut for_clients = own_leaf();
    for_clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let mut nameless = own_leaf();
    nameless.subject_alt_names.pop();
    for (root, leaf, detail) in [
        (
            unconstrained,
            own_leaf(),
            "not a CA certificate limited to this host",
        ),
        (
            no_authority,
            own_leaf(),
            "not a CA certificate limited to this host",
        ),
        (own_root(), authority, "is a CA certificate"),
        (own_root(), for_clients, "not made for servers"),
        (own_root(), nameless, "does not name ::1"),
    ] {
        let fixture = Fixture::empty("localhost");
        fixture.ensure();
        let (root_key, leaf_key) = (
            KeyPair::generate().expect("a key"),
            KeyPair::generate().expect("a key"),
        );
        let root_text = root.self_signed(&root_key).expect("signed").pem();
        let leaf_text = leaf
            .signed_by(&leaf_key, &Issuer::from_params(&root, &root_key))
            .expect("signed")
            .pem();
        fs::write(&fixture.key, leaf_key.serialize_pem()).expect("written");
        fs::write(&fixture.cert, format!("{leaf_text}{root_text}")).expect("written");
        let problem = fixture.assert_refused("certificate_shape");
        assert!(problem.message.contains(detail), "{problem}");
    }
}

fn root_of(text: &[u8]) -> String {
    let root = CertificateDer::pem_slice_iter(text)
        .nth(1)
        .expect("two of them")
        .expect("a good one");
    pem::encode(&root)
}
