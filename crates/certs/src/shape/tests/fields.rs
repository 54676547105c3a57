//! Every field that the shape prescribes.

use time::{Duration, OffsetDateTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;

use super::judges::openssl_text;
use super::{HOSTS, Made};
use crate::inspect;

#[test]
fn the_root_may_sign_certificates_and_nothing_else() {
    for host in HOSTS {
        let made = Made::new(host);
        let root = inspect::parse(&made.root).expect("a certificate");
        let basic = root.basic_constraints().expect("readable").expect("present");
        assert!(basic.critical && basic.value.ca);
        assert_eq!(basic.value.path_len_constraint, Some(0));
        let usage = root.key_usage().expect("readable").expect("present");
        assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
        assert_eq!(usage.value.flags.count_ones(), 2);
        root.verify_signature(None).expect("signed by itself");
    }
}

#[test]
fn the_leaf_may_serve_and_nothing_else() {
    for host in HOSTS {
        let made = Made::new(host);
        let (leaf, root) = (
            inspect::parse(&made.leaf).expect("good"),
            inspect::parse(&made.root).expect("good"),
        );
        let basic = leaf.basic_constraints().expect("readable").expect("present");
        assert!(basic.critical && !basic.value.ca);
        let usage = leaf.key_usage().expect("readable").expect("present").value;
        assert!(usage.digital_signature());
        assert_eq!(usage.flags.count_ones(), 1);
        let extended = leaf
            .extended_key_usage()
            .expect("readable")
            .expect("present")
            .value;
        assert!(extended.server_auth && !extended.any && !extended.client_auth && extended.other.is_empty());
        assert_eq!(
            leaf.subject().iter_common_name().count(),
            0,
            "a common name breaks the constraints"
        );
        leaf.verify_signature(Some(root.public_key()))
            .expect("signed by the root");
    }
}

#[test]
fn the_leaf_points_at_its_root_by_name_and_by_key() {
    let made = Made::new("localhost");
    let (leaf, root) = (
        inspect::parse(&made.leaf).expect("good"),
        inspect::parse(&made.root).expect("good"),
    );
    assert_eq!(leaf.issuer(), root.subject());
    let (own, issuer) = key_identifiers(&leaf);
    assert!(own.is_some());
    assert_eq!(
        issuer.expect("an authority key identifier"),
        key_identifiers(&root).0.expect("a subject's")
    );
}

#[test]
fn the_names_are_the_host_and_for_localhost_its_addresses() {
    for (host, names) in [
        ("localhost", &["localhost", "127.0.0.1", "::1"][..]),
        ("my.dev.local", &["my.dev.local"]),
        ("127.0.0.1", &["127.0.0.1"]),
        ("2001:db8::1", &["2001:db8::1"]),
    ] {
        let made = Made::new(host);
        assert_eq!(
            inspect::alternative_names(&inspect::parse(&made.leaf).expect("good")),
            names
        );
    }
}

/// OpenSSL's text, because it shows the masks as a client reads them.
#[test]
fn the_constraints_permit_the_names_and_close_every_other_kind() {
    const NO_V4: &str = "IP:0.0.0.0/0.0.0.0";
    const NO_V6: &str = "IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0";
    const ONE: &str = "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF";
    for (host, permitted, excluded) in [
        (
            "localhost",
            vec![
                "DNS:localhost",
                "IP:127.0.0.1/255.255.255.255",
                &format!("IP:0:0:0:0:0:0:0:1/{ONE}"),
            ],
            vec![],
        ),
        ("my.dev.local", vec!["DNS:my.dev.local"], vec![NO_V4, NO_V6]),
        (
            "192.168.77.10",
            vec!["IP:192.168.77.10/255.255.255.255", "DNS:gateway.invalid"],
            vec![NO_V6],
        ),
        (
            "2001:db8::1",
            vec![&format!("IP:2001:DB8:0:0:0:0:0:1/{ONE}"), "DNS:gateway.invalid"],
            vec![NO_V4],
        ),
    ] {
        let made = Made::new(host);
        let text = openssl_text(&made.root_file);
        let section = text
            .split("X509v3 Name Constraints: critical")
            .nth(1)
            .expect("critical constraints");
        let lines: Vec<&str> = section.lines().skip(1).map(str::trim).collect();
        let end = lines
            .iter()
            .position(|line| line.starts_with("X509v3"))
            .expect("another extension follows");
        let mut expected = vec!["Permitted:"];
        expected.extend(permitted);
        if !excluded.is_empty() {
            expected.push("Excluded:");
            expected.extend(excluded);
        }
        assert_eq!(lines[..end], expected, "{host}");
    }
}

#[test]
fn both_are_p256_valid_now_and_for_no_more_than_825_days() {
    let made = Made::new("localhost");
    for (der, file) in [(&made.leaf, &made.leaf_file), (&made.root, &made.root_file)] {
        let text = openssl_text(file);
        assert!(
            text.contains("NIST CURVE: P-256") && text.contains("ecdsa-with-SHA256"),
            "{text}"
        );
        let (begin, end) = inspect::validity(&inspect::parse(der).expect("good"));
        let now = OffsetDateTime::now_utc();
        assert!(end - begin < Duration::days(825));
        assert!(begin < now - Duration::hours(23), "a clock that is behind");
        assert!(end > now + Duration::days(800));
    }
    let validity = |der| inspect::validity(&inspect::parse(der).expect("good"));
    assert_eq!(validity(&made.leaf), validity(&made.root));
}

#[test]
fn serial_numbers_are_positive_random_and_of_allowed_length() {
    let made = [Made::new("localhost"), Made::new("localhost")];
    let certificates = made.iter().flat_map(|made| [&made.leaf, &made.root]);
    let mut serials: Vec<Vec<u8>> = certificates
        .map(|der| inspect::parse(der).expect("good").raw_serial().to_vec())
        .collect();
    for serial in &serials {
        assert_eq!(serial.len(), 20);
        assert!(
            (0x40..0x80).contains(&serial[0]),
            "positive, and no octet to spare"
        );
    }
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 4);
}

#[test]
fn two_roots_of_one_host_have_different_names() {
    let [first, second] = [Made::new("localhost"), Made::new("localhost")];
    let name = |made: &Made| inspect::parse(&made.root).expect("good").subject().to_string();
    assert!(
        name(&first).contains("Doorcode for localhost ("),
        "{}",
        name(&first)
    );
    assert_ne!(name(&first), name(&second));
}

#[test]
fn names_stay_within_what_a_directory_allows() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
    let made = Made::new(&longest);
    for der in [&made.leaf, &made.root] {
        let certificate = inspect::parse(der).expect("good");
        for attribute in certificate.subject().iter_attributes() {
            let text = attribute.as_str().expect("text");
            assert!(text.len() <= 64, "{text}");
        }
    }
    assert_eq!(
        inspect::alternative_names(&inspect::parse(&made.leaf).expect("good")),
        [longest]
    );
}

#[test]
fn fingerprints_are_those_that_openssl_shows() {
    let made = Made::new("localhost");
    let output = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&made.leaf_file)
        .output()
        .expect("openssl");
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(
        text.ends_with(&format!("={}", inspect::fingerprint(&made.leaf))),
        "{text}"
    );
}

/// The subject's key identifier and its issuer's.
fn key_identifiers(certificate: &X509Certificate<'_>) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let (mut own, mut issuer) = (None, None);
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => own = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                issuer = id.key_identifier.as_ref().map(|id| id.0.to_vec())
            }
            _ => {}
        }
    }
    (own, issuer)
}
