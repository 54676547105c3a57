//! Accepted for its own names; refused for every other, also when a key has leaked.

use doorcode_settings::HostName;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair, SanType};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

use super::judges::{self, Verdict};
use super::{HOSTS, Made, named};
use crate::names::subject_names;
use crate::pem;
use crate::shape;

/// Names that no certificate here is for, of every kind.
const OTHERS: [&str; 5] = [
    "bank.example.com",
    "my.dev.local.evil.com",
    "10.9.8.7",
    "2001:db8::bad",
    "gateway.test",
];

#[test]
fn every_client_accepts_it_for_each_of_its_names() {
    for host in HOSTS {
        let made = Made::new(host);
        for name in subject_names(&made.host) {
            for verdict in all(&made, &made.leaf, &name) {
                assert!(verdict.accepted, "{host} as {name}: {}", verdict.output);
            }
        }
    }
}

#[test]
fn every_client_refuses_it_for_another_name() {
    for host in HOSTS {
        let made = Made::new(host);
        for other in OTHERS {
            for verdict in all(&made, &made.leaf, &named(other)) {
                assert!(!verdict.accepted, "{host} as {other}: {}", verdict.output);
            }
        }
    }
}

#[test]
fn no_client_accepts_it_under_another_root() {
    let (made, other) = (Made::new("localhost"), Made::new("localhost"));
    let stranger = Made {
        root: other.root.clone(),
        root_file: other.root_file.clone(),
        ..made
    };
    for verdict in all(&stranger, &stranger.leaf, &stranger.host) {
        assert!(!verdict.accepted, "{}", verdict.output);
    }
}

#[test]
fn a_leaked_leaf_key_signs_for_nobody() {
    for host in ["localhost", "my.dev.local", "192.168.77.10", "::1"] {
        let made = Made::new(host);
        let leaked = KeyPair::from_pem(&made.fresh.key).expect("the leaf's key");
        let issuer = Issuer::from_ca_cert_der(&made.leaf, leaked).expect("the leaf as an issuer");
        for name in OTHERS.iter().map(|other| named(other)).chain([made.host.clone()]) {
            let forged = forged(&name, &issuer);
            for verdict in all(&made, &forged, &name) {
                assert!(
                    !verdict.accepted,
                    "{host}'s leaf key for {name}: {}",
                    verdict.output
                );
            }
        }
    }
}

/// The root's key is never kept; this is what would be lost if it had been caught in memory.
#[test]
fn a_leaked_root_key_signs_for_the_host_alone() {
    for host in ["localhost", "my.dev.local", "192.168.77.10", "::1"] {
        let host = named(host);
        let key = KeyPair::generate().expect("a key");
        let params = shape::root(&host, OffsetDateTime::now_utc()).expect("a root");
        let root = params.self_signed(&key).expect("signed");
        let mut made = Made::new(&host.to_string());
        made.root_file = made.beside("leaked.crt", &root.pem());
        made.root = root.der().clone();
        let issuer = Issuer::new(params, key);
        let own = forged(&host, &issuer);
        assert!(
            all(&made, &own, &host).iter().all(|verdict| verdict.accepted),
            "or the refusals mean nothing"
        );
        for other in OTHERS {
            let other = named(other);
            for verdict in all(&made, &forged(&other, &issuer), &other) {
                assert!(
                    !verdict.accepted,
                    "{host}'s root key for {other}: {}",
                    verdict.output
                );
            }
        }
    }
}

#[test]
fn a_handshake_succeeds_with_the_leaf_alone_and_fails_for_another_name() {
    for host in HOSTS {
        let made = Made::new(host);
        let attempt = |name: &HostName| {
            let key = PrivateKeyDer::from_pem_slice(made.fresh.key.as_bytes()).expect("a key");
            judges::rustls_handshake(&made.root, vec![made.leaf.clone()], key, name)
        };
        assert!(
            attempt(&made.host).accepted,
            "{host}: {}",
            attempt(&made.host).output
        );
        let refused = attempt(&named("other.example.com"));
        assert!(
            !refused.accepted && refused.output.contains("not valid for name"),
            "{}",
            refused.output
        );
    }
}

/// The verdict of each client on `certificate`, with the leaf at hand to build a path with, and the root trusted.
fn all(made: &Made, certificate: &CertificateDer<'static>, host: &HostName) -> [Verdict; 3] {
    let file = made.beside("judged.crt", &pem::encode(certificate));
    let mut chain = pem::encode(certificate);
    if *certificate != made.leaf {
        chain.push_str(&pem::encode(&made.leaf));
    }
    let chain = made.beside("chain.crt", &chain);
    [
        judges::openssl(&made.root_file, &made.leaf_file, &file, host),
        judges::gnutls(&made.root_file, &chain, host),
        judges::rustls(&made.root, std::slice::from_ref(&made.leaf), certificate, host),
    ]
}

/// A server certificate for `name`, as an attacker with an issuer's key would make it.
fn forged(name: &HostName, issuer: &Issuer<'_, KeyPair>) -> CertificateDer<'static> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::OrganizationName, "Somebody");
    params.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(90);
    params.subject_alt_names = vec![match name {
        HostName::Dns(name) => SanType::DnsName(name.as_str().try_into().expect("ASCII")),
        HostName::Ip(address) => SanType::IpAddress(*address),
    }];
    params.is_ca = rcgen::IsCa::ExplicitNoCa;
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
        .signed_by(&KeyPair::generate().expect("a key"), issuer)
        .expect("signed")
        .der()
        .clone()
}
