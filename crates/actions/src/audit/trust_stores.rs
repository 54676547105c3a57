//! Roots in trust stores that no certificate here has.

use std::path::Path;

use doorcode_audit::TrustLeftover;
use doorcode_trust::{Places, Root};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::reading::read;

/// Starts no browser, changes nothing. A store that cannot be read has none: `doorcode trust status` says why.
pub(super) fn look(certs_dir: &Path) -> Vec<TrustLeftover> {
    let Some(places) = Places::discover() else {
        return Vec::new();
    };
    let known = known(certs_dir);
    let mut found = Vec::new();
    for store in doorcode_trust::stores(&places) {
        let entries = store.entries().unwrap_or_default().into_iter();
        let left_over = entries.filter(|entry| known.iter().all(|root| root.der != entry.root.der));
        found.extend(left_over.map(|entry| TrustLeftover {
            store: store.title(),
            id: store.id().to_string(),
            nickname: entry.nickname,
            shared: store.id().kind.is_shared(),
        }));
    }
    found
}

/// The roots in the certificate files, as they are.
fn known(certs_dir: &Path) -> Vec<Root> {
    let entries = std::fs::read_dir(certs_dir).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path());
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "crt"))
        .filter_map(|file| read(&file).ok())
        .flat_map(|pem| {
            CertificateDer::pem_slice_iter(&pem)
                .filter_map(|section| Root::recognise(&section.ok()?))
                .collect::<Vec<_>>()
        })
        .collect()
}
