//! What this program issues is recognised; what differs from it in any one thing is not.

use std::net::IpAddr;

use doorcode_certs::CertStore;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints,
};
use x509_parser::pem::parse_x509_pem;

use super::host_of;

#[test]
fn every_root_that_is_issued_is_recognised_with_its_host() {
    let folder = tempfile::tempdir().expect("a folder");
    let certs = CertStore::new(folder.path().join("certs"));
    let long = format!("{0}.{0}.{0}.example", "a".repeat(60));
    for name in [
        "localhost",
        "my.dev.local",
        "192.168.77.10",
        "127.0.0.1",
        "::1",
        "2001:db8::7",
        "gateway.invalid",
        &long,
    ] {
        let host = name.parse().expect("a host");
        certs.ensure(&host).expect("a certificate");
        let (_, pem) = parse_x509_pem(certs.export(&host).expect("its root").as_bytes()).expect("PEM");
        assert_eq!(host_of(&pem.contents).as_ref(), Some(&host), "{name}");
        let mut longer = pem.contents.clone();
        longer.push(0);
        assert_eq!(host_of(&longer), None, "something follows it");
        let mut damaged = pem.contents;
        *damaged.last_mut().expect("it is not empty") ^= 1;
        assert_eq!(host_of(&damaged), None, "its signature is not its own");
    }
}

#[test]
fn the_tests_own_copy_of_the_shape_is_recognised() {
    assert_eq!(judge(|_| ()).as_deref(), Some("my.dev.local"));
}

#[test]
fn one_that_could_vouch_for_more_is_not_ours() {
    assert_eq!(judge(|params| params.name_constraints = None), None);
    assert_eq!(
        judge(|params| permitted(params).push(GeneralSubtree::DnsName("example.com".to_owned()))),
        None
    );
    assert_eq!(
        judge(|params| permitted(params).push(address([10, 0, 0, 1].into(), 32))),
        None
    );
    assert_eq!(
        judge(|params| permitted(params).push(address([10, 0, 0, 0].into(), 8))),
        None
    );
    assert_eq!(
        judge(|params| permitted(params).push(GeneralSubtree::Rfc822Name("a@b.example".to_owned()))),
        None
    );
    assert_eq!(judge(|params| drop(excluded(params).pop())), None);
    assert_eq!(
        judge(|params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1))),
        None
    );
    assert_eq!(
        judge(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        None
    );
    assert_eq!(
        judge(|params| params.key_usages.push(KeyUsagePurpose::DigitalSignature)),
        None
    );
}

#[test]
fn one_of_another_name_is_not_ours() {
    let named = |organization: &str, common: &str| {
        judge(|params| {
            params.distinguished_name = DistinguishedName::new();
            params
                .distinguished_name
                .push(DnType::OrganizationName, organization);
            params.distinguished_name.push(DnType::CommonName, common);
        })
    };
    assert!(named("Doorcode", "Doorcode for my.dev.local (0123456789abcdef)").is_some());
    assert_eq!(
        named("Doorcod", "Doorcode for my.dev.local (0123456789abcdef)"),
        None
    );
    assert_eq!(
        named("Doorcode", "Doorcode for other.local (0123456789abcdef)"),
        None
    );
    assert_eq!(
        named("Doorcode", "Doorcode for my.dev.local (0123456789abcde)"),
        None
    );
    assert_eq!(named("Doorcode", "my.dev.local"), None);
    let more = |params: &mut CertificateParams| params.distinguished_name.push(DnType::CountryName, "XX");
    assert_eq!(judge(more), None);
}

#[test]
fn one_that_another_signed_is_not_ours() {
    let (issuer, issuer_key) = (params(), KeyPair::generate().expect("a key"));
    let key = KeyPair::generate().expect("a key");
    let issuer = Issuer::from_params(&issuer, &issuer_key);
    let signed = params().signed_by(&key, &issuer).expect("signed");
    assert_eq!(host_of(signed.der()), None);
}

fn judge(change: impl FnOnce(&mut CertificateParams)) -> Option<String> {
    let mut params = params();
    change(&mut params);
    let root = params
        .self_signed(&KeyPair::generate().expect("a key"))
        .expect("signed");
    host_of(root.der()).map(|host| host.to_string())
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Doorcode");
    params
        .distinguished_name
        .push(DnType::CommonName, "Doorcode for my.dev.local (0123456789abcdef)");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("my.dev.local".to_owned())],
        excluded_subtrees: vec![
            address([0, 0, 0, 0].into(), 0),
            address(std::net::Ipv6Addr::UNSPECIFIED.into(), 0),
        ],
    });
    params
}

fn permitted(params: &mut CertificateParams) -> &mut Vec<GeneralSubtree> {
    let constraints = params.name_constraints.as_mut().expect("they are there");
    &mut constraints.permitted_subtrees
}

fn excluded(params: &mut CertificateParams) -> &mut Vec<GeneralSubtree> {
    let constraints = params.name_constraints.as_mut().expect("they are there");
    &mut constraints.excluded_subtrees
}

fn address(address: IpAddr, prefix: u8) -> GeneralSubtree {
    GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix))
}
