//! What the door shows, or would show, to browsers.

use std::path::Path;

use doorcode_audit::{Certificate, Held};
use doorcode_certs::{CertStore, Flaw};
use doorcode_settings::{HostName, Problem, Settings, Tls};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::reading::read;

/// One for each host that has one; one in all for a pair of the person's own.
pub(super) fn look(settings: &Settings, certs_dir: &Path) -> Vec<Certificate> {
    match &settings.tls {
        Tls::Off => Vec::new(),
        Tls::SelfSigned => of_hosts(&settings.gateway.hosts, certs_dir),
        Tls::Custom { cert, key } => custom(cert, key, &settings.gateway.hosts).into_iter().collect(),
    }
}

fn of_hosts(hosts: &[HostName], certs_dir: &Path) -> Vec<Certificate> {
    let entries = match CertStore::new(certs_dir.to_owned()).look() {
        Ok(entries) => entries,
        Err(error) => {
            let Problem { message, fix, .. } = Problem::from(&error);
            return vec![Certificate {
                what: certs_dir.display().to_string(),
                held: Err((message, fix)),
            }];
        }
    };
    entries
        .into_iter()
        .filter_map(|entry| match entry {
            Ok(found) => hosts.contains(&found.host).then(|| Certificate {
                held: Ok(Held {
                    not_before: found.not_before,
                    not_after: found.not_after,
                    custom: false,
                    self_signed: true,
                    weak: Vec::new(),
                    chain: Vec::new(),
                    renew: format!("doorcode cert renew {}", found.host),
                }),
                what: found.host.to_string(),
            }),
            Err(broken) => {
                let host = hosts.iter().find(|host| host.file_stem() == broken.stem)?;
                if is_a_matter_of_permissions(&broken.flaw) {
                    return None;
                }
                let Problem { message, fix, .. } = Problem::from(&broken);
                let fix = fix.replace(
                    "HOST, with the host that the file is named after",
                    &host.to_string(),
                );
                Some(Certificate {
                    what: host.to_string(),
                    held: Err((message, fix)),
                })
            }
        })
        .collect()
}

/// What the rules on permissions say in their own words.
fn is_a_matter_of_permissions(flaw: &Flaw) -> bool {
    matches!(
        flaw,
        Flaw::Exposed { .. } | Flaw::SymbolicLink { .. } | Flaw::ForeignOwner { .. } | Flaw::NotAFile { .. }
    )
}

const RENEW: &str =
    "renew it with your certificate authority; the new files are taken up as soon as they are in place";

fn custom(cert: &Path, key: &Path, hosts: &[HostName]) -> Option<Certificate> {
    let what = cert.display().to_string();
    let loaded = doorcode_certs::load_custom(cert, key, hosts);
    let chain = match &loaded {
        Ok((_, warnings)) => { warnings.iter() }
            .filter(|warning| warning.code == "certificate_chain_expired")
            .map(|warning| warning.message.clone())
            .collect(),
        Err(_) => Vec::new(),
    };
    if let Err(error) = &loaded {
        let Problem { code, message, fix } = Problem::from(error);
        match code.as_str() {
            // Told by its dates.
            "certificate_expired" | "certificate_not_yet_valid" => {}
            // Told by the rules on permissions.
            "certificate_exposed" => return None,
            _ => {
                let held = Err((message, fix));
                return Some(Certificate { what, held });
            }
        }
    }
    let pem = read(cert).ok()?;
    let ders: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .filter_map(Result::ok)
        .collect();
    let (_, leaf) = X509Certificate::from_der(ders.first()?).ok()?;
    Some(Certificate {
        what,
        held: Ok(Held {
            not_before: leaf.validity().not_before.to_datetime(),
            not_after: leaf.validity().not_after.to_datetime(),
            custom: true,
            self_signed: leaf.issuer() == leaf.subject(),
            weak: weak(cert, &ders),
            chain,
            renew: RENEW.to_owned(),
        }),
    })
}

/// Signatures made with MD5 or SHA-1. A root's own does not count: it is trusted for being there.
fn weak(file: &Path, ders: &[CertificateDer<'_>]) -> Vec<String> {
    let parsed = { ders.iter() }.filter_map(|der| X509Certificate::from_der(der).ok());
    parsed
        .enumerate()
        .filter(|(_, (_, certificate))| certificate.issuer() != certificate.subject())
        .filter_map(|(at, (_, certificate))| {
            let oid = certificate.signature_algorithm.algorithm.to_id_string();
            let (_, name) = WEAK.iter().find(|(weak, _)| *weak == oid)?;
            Some(format!(
                "certificate {} in {} is signed with {name}",
                at + 1,
                file.display()
            ))
        })
        .collect()
}

/// RFC 3279 section 2.2, RFC 5758 does not have them any more.
const WEAK: [(&str, &str); 4] = [
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.2.840.10040.4.3", "SHA-1"),
    ("1.2.840.10045.4.1", "SHA-1"),
];
