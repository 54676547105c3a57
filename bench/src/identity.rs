//! The one key and certificate that every contender serves: P-256, for `localhost`.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::CertificateDer;

use crate::error::BenchError;

/// The host that every contender is asked for.
pub(crate) const HOST: &str = "localhost";

/// Two PEM files, and the certificate as clients see it.
pub(crate) struct Identity {
    pub(crate) cert_file: PathBuf,
    pub(crate) key_file: PathBuf,
    pub(crate) certificate: CertificateDer<'static>,
}

impl Identity {
    /// Makes a leaf under a root of its own, as a real CA's would be, and writes it into `dir`.
    pub(crate) fn create(dir: &Path) -> Result<Self, BenchError> {
        let root_key = KeyPair::generate()?;
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(vec![HOST.to_owned()])?;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let leaf = leaf.signed_by(&key, &Issuer::from_params(&root, &root_key))?;

        let (cert_file, key_file) = (dir.join("localhost.crt"), dir.join("localhost.key"));
        write_private(&cert_file, &leaf.pem())?;
        write_private(&key_file, &key.serialize_pem())?;
        Ok(Self {
            cert_file,
            key_file,
            certificate: leaf.der().clone(),
        })
    }
}

/// The folder is ours alone already; Doorcode wants its key file to be so by itself.
fn write_private(file: &Path, text: &str) -> Result<(), BenchError> {
    use std::os::unix::fs::PermissionsExt;
    let what = |e| BenchError::io(format!("cannot write {}", file.display()), e);
    fs::write(file, text).map_err(what)?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(what)
}
