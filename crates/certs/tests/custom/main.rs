//! A custom pair: what is taken, and what each mistake is answered with.

mod files;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use doorcode_certs::load_custom;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};
use time::{Duration, OffsetDateTime};

use files::{Files, authority, named, set_mode};

#[test]
fn keys_of_every_kind_in_use_are_taken() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &PKCS_ECDSA_P384_SHA384,
        &PKCS_RSA_SHA256,
        &PKCS_ED25519,
    ] {
        let pair = Files::signed(|_| {}, algorithm);
        pair.load(&["code.example.com"])
            .expect("taken")
            .0
            .certified_key()
            .expect("rustls takes it");
    }
}

#[test]
fn the_traditional_key_forms_are_taken() {
    let files = Files::new();
    for args in [&["ec"][..], &["pkey", "-traditional"]] {
        let output = Command::new("openssl")
            .args(args)
            .arg("-in")
            .arg(&files.key)
            .output()
            .expect("openssl");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains("BEGIN EC PRIVATE KEY"), "{text}");
        // As `openssl ecparam -genkey` writes it.
        files.set_key(&format!(
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{text}"
        ));
        files.load(&["code.example.com"]).expect("taken");
    }
}

#[test]
fn the_chain_is_served_as_it_stands_in_the_file() {
    let files = Files::new();
    let (pair, warnings) = files.load(&["code.example.com"]).expect("taken");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(pair.chain.len(), 2);
    assert!(pair.root.is_none());
    assert_eq!(pair.info.host, named("code.example.com"));
    assert_eq!(
        pair.info.sans,
        [
            "code.example.com",
            "*.dev.example.com",
            "192.0.2.7",
            "2001:db8::7"
        ]
    );
    assert!(!pair.info.self_signed && pair.info.root_fingerprint.is_none());
    assert!(
        pair.info.issuer.contains("Test Authority"),
        "{}",
        pair.info.issuer
    );
}

#[test]
fn every_host_must_be_covered() {
    let files = Files::new();
    for covered in [
        "code.example.com",
        "a.dev.example.com",
        "A.dev.EXAMPLE.com",
        "192.0.2.7",
        "2001:db8::7",
    ] {
        files
            .load(&["code.example.com", covered])
            .unwrap_or_else(|problem| panic!("{covered}: {problem}"));
    }
    for other in [
        "example.com",
        "dev.example.com",
        "a.b.dev.example.com",
        "evil-code.example.com",
        "192.0.2.8",
        "2001:db8::8",
    ] {
        let problem = files.refusal(&["code.example.com", other]);
        assert_eq!(problem.code, "certificate_host_not_covered");
        assert!(
            problem.message.contains(&format!("does not cover {other}")),
            "{problem}"
        );
        assert!(
            problem.message.contains("*.dev.example.com"),
            "the names there are: {problem}"
        );
    }
}

#[test]
fn a_common_name_covers_nothing() {
    let files = Files::signed(
        |params| params.subject_alt_names.clear(),
        &rcgen::PKCS_ECDSA_P256_SHA256,
    );
    let problem = files.refusal(&["code.example.com"]);
    assert_eq!(problem.code, "certificate_host_not_covered");
    assert!(problem.message.contains("no host at all"), "{problem}");
}

#[test]
fn no_host_is_no_check() {
    let files = Files::new();
    assert_eq!(files.refusal(&[]).code, "certificate_no_hosts");
}

#[test]
fn dates_decide_and_the_end_is_announced() {
    let now = OffsetDateTime::now_utc();
    let dated = |from: i64, to: i64| {
        let days = |days| now + Duration::days(days) + Duration::hours(1);
        Files::signed(
            |params| (params.not_before, params.not_after) = (days(from), days(to)),
            &rcgen::PKCS_ECDSA_P256_SHA256,
        )
    };
    assert_eq!(
        dated(-9, -2).refusal(&["code.example.com"]).code,
        "certificate_expired"
    );
    assert_eq!(
        dated(2, 9).refusal(&["code.example.com"]).code,
        "certificate_not_yet_valid"
    );
    let (pair, warnings) = dated(-9, 9).load(&["code.example.com"]).expect("taken");
    assert_eq!(
        (pair.info.days_left, warnings[0].code.as_str()),
        (9, "certificate_due")
    );
    assert!(
        !warnings[0].fix.contains("doorcode cert renew"),
        "it is not ours to renew"
    );
    assert!(
        dated(-9, 31)
            .load(&["code.example.com"])
            .expect("taken")
            .1
            .is_empty()
    );
}

#[test]
fn an_expired_issuer_is_a_warning() {
    let files = Files::new();
    let key = KeyPair::generate().expect("a key");
    let mut params = authority();
    params.not_after = OffsetDateTime::now_utc() - Duration::days(3);
    let expired = params.self_signed(&key).expect("signed").pem();
    files.set_cert(&format!("{}{expired}", files.cert_text()));
    let (pair, warnings) = files.load(&["code.example.com"]).expect("taken");
    assert_eq!(pair.chain.len(), 3);
    assert_eq!(warnings[0].code, "certificate_chain_expired");
    assert!(warnings[0].message.contains("certificate 3"), "{}", warnings[0]);
}

#[test]
fn a_certificate_for_clients_is_refused() {
    let files = Files::signed(
        |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        &rcgen::PKCS_ECDSA_P256_SHA256,
    );
    assert_eq!(
        files.refusal(&["code.example.com"]).code,
        "certificate_not_for_servers"
    );
}

#[test]
fn the_pair_must_be_one() {
    let (files, other) = (Files::new(), Files::new());
    files.set_key(&fs::read_to_string(&other.key).expect("there"));
    let problem = files.refusal(&["code.example.com"]);
    assert_eq!(problem.code, "certificate_key_mismatch");
    assert!(
        problem.message.contains("code.pem") && problem.message.contains("code.key"),
        "{problem}"
    );
}

#[test]
fn the_leaf_must_come_first() {
    let files = Files::new();
    let text = files.cert_text();
    let second = text.rfind("-----BEGIN").expect("two certificates");
    files.set_cert(&format!("{}{}", &text[second..], &text[..second]));
    let problem = files.refusal(&["code.example.com"]);
    assert_eq!(problem.code, "certificate_order");
    assert!(problem.message.contains("certificate 2"), "{problem}");
}

#[test]
fn each_broken_file_has_its_own_answer() {
    let whole = Files::new();
    let (cert, key) = (whole.cert_text(), fs::read_to_string(&whole.key).expect("there"));
    let encrypted = openssl(&["pkey", "-aes256", "-passout", "pass:x"], &whole.key);
    let weak = openssl(&["genrsa", "1024"], Path::new(""));
    for (cert_text, key_text, code, named) in [
        ("", key.as_str(), "certificate_corrupt", "code.pem"),
        ("prose", &key, "certificate_corrupt", "code.pem"),
        (&key, &key, "certificate_corrupt", "code.pem"),
        (&cert[..300], &key, "certificate_corrupt", "code.pem"),
        (
            &cert.replacen("MII", "M?I", 1),
            &key,
            "certificate_corrupt",
            "code.pem",
        ),
        (&cert, "", "certificate_key_unusable", "code.key"),
        (&cert, &cert, "certificate_key_unusable", "code.key"),
        (&cert, &key[..60], "certificate_key_unusable", "code.key"),
        (&cert, &weak, "certificate_key_unusable", "code.key"),
        (&cert, &encrypted, "certificate_key_encrypted", "code.key"),
        (
            &cert,
            &format!("{key}{key}"),
            "certificate_several_keys",
            "code.key",
        ),
    ] {
        let files = Files::new();
        files.set_cert(cert_text);
        files.set_key(key_text);
        let problem = files.refusal(&["code.example.com"]);
        assert_eq!(problem.code, code, "{problem}");
        assert!(problem.message.contains(named), "{problem}");
        assert!(!problem.fix.is_empty());
        assert!(
            !problem.to_string().contains(&key[40..80]),
            "a key is never repeated"
        );
    }
}

#[test]
fn the_binary_form_is_recognised() {
    let files = Files::new();
    let der = Command::new("openssl")
        .args(["x509", "-outform", "der", "-in"])
        .arg(&files.cert)
        .output();
    fs::write(&files.cert, der.expect("openssl").stdout).expect("written");
    let problem = files.refusal(&["code.example.com"]);
    assert!(problem.message.contains("DER"), "{problem}");
    assert!(problem.fix.starts_with("`openssl x509 -inform der"), "{problem}");
}

#[test]
fn a_missing_file_is_named() {
    let files = Files::new();
    fs::remove_file(&files.key).expect("removed");
    let problem = files.refusal(&["code.example.com"]);
    assert_eq!(problem.code, "certificate_file_missing");
    assert!(problem.message.contains("code.key"), "{problem}");
}

#[test]
fn a_key_that_others_can_read_is_refused_wherever_it_stands() {
    for mode in [0o644, 0o640, 0o604] {
        let files = Files::new();
        set_mode(&files.key, mode);
        let problem = files.refusal(&["code.example.com"]);
        assert_eq!(problem.code, "certificate_exposed");
        assert!(
            problem.message.contains(&format!("{mode:04o}")) && problem.fix.starts_with("`chmod 600"),
            "{problem}"
        );
    }
    let files = Files::new();
    let key = fs::read_to_string(&files.key).expect("there");
    files.set_cert(&format!("{}{key}", files.cert_text()));
    set_mode(&files.cert, 0o644);
    assert_eq!(files.refusal(&["code.example.com"]).code, "certificate_exposed");
    set_mode(&files.cert, 0o600);
    load_custom(&files.cert, &files.cert, &[named("code.example.com")]).expect("both in one private file");
}

/// Certbot hands its files out through links, the certificate readable by all.
#[test]
fn links_and_a_readable_certificate_are_normal() {
    let files = Files::new();
    set_mode(&files.cert, 0o644);
    let link = |path: &Path, name: &str| {
        let link = files.folder.path().join(name);
        symlink(path, &link).expect("linked");
        link
    };
    let (cert, key) = (
        link(&files.cert, "fullchain.pem"),
        link(&files.key, "privkey.pem"),
    );
    load_custom(&cert, &key, &[named("code.example.com")]).expect("taken");
    set_mode(&files.key, 0o644);
    load_custom(&cert, &key, &[named("code.example.com")]).expect_err("the link's target counts");
}

fn openssl(args: &[&str], input: &Path) -> String {
    let mut command = Command::new("openssl");
    command.args(args);
    if !input.as_os_str().is_empty() {
        command.arg("-in").arg(input);
    }
    String::from_utf8(command.output().expect("openssl").stdout).expect("text")
}
