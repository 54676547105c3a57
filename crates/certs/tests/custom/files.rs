//! A pair of files as a certificate authority would hand them out.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use doorcode_certs::{Pair, load_custom};
use doorcode_settings::{HostName, Problem};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    SignatureAlgorithm,
};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// A leaf and the authority that signed it, with the leaf's key, in files.
pub(crate) struct Files {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) folder: TempDir,
}

impl Files {
    pub(crate) fn new() -> Files {
        Files::signed(|_| {}, &rcgen::PKCS_ECDSA_P256_SHA256)
    }

    pub(crate) fn signed(
        change: impl FnOnce(&mut CertificateParams),
        algorithm: &'static SignatureAlgorithm,
    ) -> Files {
        let authority_key = KeyPair::generate().expect("a key");
        let authority_params = authority();
        let authority = authority_params.self_signed(&authority_key).expect("signed");
        let names = [
            "code.example.com",
            "*.dev.example.com",
            "192.0.2.7",
            "2001:db8::7",
        ];
        let mut params = CertificateParams::new(names.map(str::to_owned)).expect("names");
        params
            .distinguished_name
            .push(DnType::CommonName, "code.example.com");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_after = OffsetDateTime::now_utc() + Duration::days(90);
        change(&mut params);
        let key = KeyPair::generate_for(algorithm).expect("a key");
        let leaf = params
            .signed_by(&key, &Issuer::new(authority_params, authority_key))
            .expect("signed");

        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = Files {
            cert: folder.path().join("code.pem"),
            key: folder.path().join("code.key"),
            folder,
        };
        files.set_cert(&format!("{}{}", leaf.pem(), authority.pem()));
        files.set_key(&key.serialize_pem());
        files
    }

    pub(crate) fn set_cert(&self, text: &str) {
        fs::write(&self.cert, text).expect("written");
        set_mode(&self.cert, 0o600);
    }

    pub(crate) fn set_key(&self, text: &str) {
        fs::write(&self.key, text).expect("written");
        set_mode(&self.key, 0o600);
    }

    pub(crate) fn cert_text(&self) -> String {
        fs::read_to_string(&self.cert).expect("there")
    }

    pub(crate) fn load(&self, hosts: &[&str]) -> Result<(Pair, Vec<Problem>), Problem> {
        let hosts: Vec<HostName> = hosts.iter().map(|host| named(host)).collect();
        load_custom(&self.cert, &self.key, &hosts).map_err(|error| Problem::from(&error))
    }

    pub(crate) fn refusal(&self, hosts: &[&str]) -> Problem {
        self.load(hosts).expect_err("it must be refused")
    }
}

pub(crate) fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Test Authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

pub(crate) fn named(host: &str) -> HostName {
    host.parse().expect("a host name")
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}
