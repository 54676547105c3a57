//! The shape, as x509-parser and OpenSSL read it and as OpenSSL, GnuTLS and rustls judge it.

mod clients;
mod fields;
mod judges;

use std::fs;
use std::path::PathBuf;

use doorcode_settings::HostName;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tempfile::TempDir;
use time::OffsetDateTime;

use super::{Fresh, issue};
use crate::pem;

/// One host of every kind: a DNS name, an address of either family, and the one that is all three.
const HOSTS: [&str; 6] = [
    "localhost",
    "my.dev.local",
    "192.168.77.10",
    "127.0.0.1",
    "::1",
    "fe80::17",
];

/// A newly issued certificate, apart and in files that other programs can read.
struct Made {
    host: HostName,
    fresh: Fresh,
    leaf: CertificateDer<'static>,
    root: CertificateDer<'static>,
    leaf_file: PathBuf,
    root_file: PathBuf,
    folder: TempDir,
}

impl Made {
    fn new(host: &str) -> Made {
        let host = named(host);
        let fresh = issue(&host, OffsetDateTime::now_utc()).expect("issued");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut blocks =
            CertificateDer::pem_slice_iter(fresh.certificates.as_bytes()).map(|block| block.expect("good"));
        let (leaf, root) = (blocks.next().expect("a leaf"), blocks.next().expect("a root"));
        assert!(blocks.next().is_none());
        let file = |name: &str, der: &CertificateDer<'_>| {
            let path = folder.path().join(name);
            fs::write(&path, pem::encode(der)).expect("written");
            path
        };
        Made {
            leaf_file: file("leaf.crt", &leaf),
            root_file: file("root.crt", &root),
            host,
            fresh,
            leaf,
            root,
            folder,
        }
    }

    /// Another certificate in the same folder.
    fn beside(&self, name: &str, pem: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, pem).expect("written");
        path
    }
}

fn named(host: &str) -> HostName {
    host.parse().expect("a host name")
}
