//! Somebody who has everything that the data directory holds: the certificate, its root, and the leaf's key.

use std::fs;

use doorcode_tests::Door;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer, X509Certificate};

/// What was stolen.
pub struct Thief {
    leaf: CertificateDer<'static>,
    root: CertificateDer<'static>,
    key: String,
}

/// What a thief makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// The certificate as it is, for another name.
    AsItIs,
    /// A certificate for the other name, signed with the stolen key as if the leaf were an authority.
    SignedByTheLeaf,
    /// The same, signed with the stolen key in the root's name.
    InTheRootsName,
    /// An authority with the root's name and the stolen key, and a certificate of that for the other name.
    AnotherRootOfThatName,
}

impl Forgery {
    /// All of them.
    pub const ALL: [Forgery; 4] = [
        Forgery::AsItIs,
        Forgery::SignedByTheLeaf,
        Forgery::InTheRootsName,
        Forgery::AnotherRootOfThatName,
    ];
}

impl Thief {
    /// Takes what the data directory has of `host`.
    pub fn of(door: &Door, host: &str) -> Thief {
        let stem = host.replace(['.', ':'], "_");
        let read = |extension: &str| {
            fs::read_to_string(door.data(&format!("certs/{stem}.{extension}"))).expect("the door has it")
        };
        let certificates = read("crt");
        let mut certificates = CertificateDer::pem_slice_iter(certificates.as_bytes());
        let mut next = || certificates.next().expect("leaf and root").expect("PEM");
        Thief {
            leaf: next(),
            root: next(),
            key: read("key"),
        }
    }

    /// What the door itself serves.
    pub fn pair(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key");
        (vec![self.leaf.clone()], key)
    }

    /// The root, as trust stores have it.
    pub fn root(&self) -> CertificateDer<'static> {
        self.root.clone()
    }

    /// A chain for `name`, with everything that might help a client to believe it, and its key.
    pub fn forge(
        &self,
        forgery: Forgery,
        name: &str,
    ) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let stolen = KeyPair::from_pem(&self.key).expect("a key");
        let (issuer, chain) = match forgery {
            Forgery::AsItIs => return self.pair(),
            Forgery::SignedByTheLeaf => {
                let issuer = Issuer::from_ca_cert_der(&self.leaf, stolen).expect("an issuer");
                (issuer, vec![self.leaf.clone(), self.root.clone()])
            }
            Forgery::InTheRootsName => {
                let issuer = Issuer::from_ca_cert_der(&self.root, stolen).expect("an issuer");
                (issuer, vec![self.root.clone()])
            }
            Forgery::AnotherRootOfThatName => {
                let params = self.root_without_limits();
                let root = params.self_signed(&stolen).expect("signed").der().clone();
                (Issuer::new(params, stolen), vec![root])
            }
        };
        let key = KeyPair::generate().expect("a key");
        let forged = server(name)
            .signed_by(&key, &issuer)
            .expect("signed")
            .der()
            .clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        (std::iter::once(forged).chain(chain).collect(), key)
    }

    fn root_without_limits(&self) -> CertificateParams {
        let (_, root) = X509Certificate::from_der(&self.root).expect("a certificate");
        let text = |mut values: Box<dyn Iterator<Item = String> + '_>| values.next().expect("it has one");
        let value = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| {
            attribute.as_str().expect("text").to_owned()
        };
        let mut params = dated();
        params.distinguished_name.push(
            DnType::OrganizationName,
            text(Box::new(root.subject().iter_organization().map(value))),
        );
        params.distinguished_name.push(
            DnType::CommonName,
            text(Box::new(root.subject().iter_common_name().map(value))),
        );
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }
}

fn server(name: &str) -> CertificateParams {
    let mut params = dated();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Somebody");
    params.subject_alt_names = vec![match name.parse() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.try_into().expect("ASCII")),
    }];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
}

fn dated() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(90);
    params
}
