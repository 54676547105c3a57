//! A certificate and key of a real certificate authority, which the settings name in place of the self-signed ones.

use std::path::Path;

use doorcode_settings::{HostName, Problem};
use rustls::client::verify_server_name;
use rustls::server::ParsedCertificate;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;

use crate::error::CertError;
use crate::files::{self, Contents, Keeper};
use crate::flaw::{Day, Flaw};
use crate::inspect::{self, Source};
use crate::pair::{Certificate, Pair};
use crate::{keys, pem};

/// Loads and checks a pair of PEM files that serve all of `hosts`. The chain is served as it stands in `cert`.
///
/// The key is the leaf's, unencrypted, and readable by its owner alone; either file may be a symbolic link. The leaf comes
/// first, is valid now, made for servers, and names every host; a wildcard stands for one leftmost label (RFC 9525 §6.3).
/// Beside the pair come warnings: `certificate_due` 30 days before the end, `certificate_chain_expired` for an issuer.
///
/// # Errors
/// [`CertError::Custom`] with the first [`Flaw`] found; [`CertError::NoHosts`] if `hosts` is empty.
pub fn load_custom(cert: &Path, key: &Path, hosts: &[HostName]) -> Result<(Pair, Vec<Problem>), CertError> {
    let host = hosts.first().ok_or(CertError::NoHosts)?;
    load(&Source { host, cert, key }, hosts).map_err(|flaw| CertError::Custom {
        flaw,
        replacement: replacement(cert, key, hosts),
    })
}

/// How to come by another pair in place of this one, as a next step.
pub fn replacement(cert: &Path, key: &Path, hosts: &[HostName]) -> String {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    format!(
        "get a certificate for {} from your certificate authority, and write it over {} (behind it in the same file any intermediate \
         certificates that came with it) and its key over {}; or name other files as cert and key under [tls]: `doorcode settings \
         edit`. While Doorcode runs it takes up either by itself; when it does not run: `doorcode up`",
        hosts.join(" and "),
        cert.display(),
        key.display()
    )
}

fn load(source: &Source<'_>, hosts: &[HostName]) -> Result<(Pair, Vec<Problem>), Flaw> {
    let chain = read_chain(source.cert)?;
    let key = read_key(source.key)?;
    keys::check((source.cert, &chain), (source.key, &key))?;

    let now = OffsetDateTime::now_utc();
    let leaf = parse(source.cert, &chain, 0)?;
    check_leaf(source.cert, &leaf, now)?;
    for host in hosts {
        check_covered(source.cert, &chain[0], &leaf, host)?;
    }
    let info = inspect::describe(source, &leaf, None, now);
    let mut warnings = expired_issuers(source.cert, &chain, now)?;
    warnings.extend(due(&info));
    Ok((
        Pair {
            chain,
            key,
            root: None,
            info,
        },
        warnings,
    ))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Flaw> {
    let contents = read(path)?;
    // Some tools put the key into the same file; then that is as secret as the key.
    contents.check_mode(path, pem::holds_private_key(&contents.bytes))?;
    pem::certificates(path, &contents.bytes)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, Flaw> {
    let contents = read(path)?;
    contents.check_mode(path, true)?;
    pem::private_key(path, &contents.bytes)
}

fn read(path: &Path) -> Result<Contents, Flaw> {
    files::read(path, Keeper::Person)?.ok_or_else(|| Flaw::FileMissing {
        path: path.to_owned(),
    })
}

fn check_leaf(path: &Path, leaf: &X509Certificate<'_>, now: OffsetDateTime) -> Result<(), Flaw> {
    let path = path.to_owned();
    let (not_before, not_after) = inspect::validity(leaf);
    if now < not_before {
        return Err(Flaw::NotYetValid {
            path,
            not_before,
            now,
        });
    }
    if now > not_after {
        return Err(Flaw::Expired { path, not_after });
    }
    if !inspect::serves_tls(leaf) {
        return Err(Flaw::NotForServers { path });
    }
    Ok(())
}

fn check_covered(
    path: &Path,
    der: &CertificateDer<'_>,
    leaf: &X509Certificate<'_>,
    host: &HostName,
) -> Result<(), Flaw> {
    let name = ServerName::try_from(host.to_string()).expect("every host name is a DNS name or an address");
    let covered = ParsedCertificate::try_from(der).and_then(|leaf| verify_server_name(&leaf, &name));
    covered.map_err(|_| Flaw::HostNotCovered {
        path: path.to_owned(),
        host: host.to_string(),
        names: inspect::alternative_names(leaf),
    })
}

/// Clients may know another way to a root, so that an expired issuer does not make the pair useless.
fn expired_issuers(
    path: &Path,
    chain: &[CertificateDer<'_>],
    now: OffsetDateTime,
) -> Result<Vec<Problem>, Flaw> {
    let mut problems = Vec::new();
    for index in 1..chain.len() {
        let issuer = parse(path, chain, index)?;
        let (_, not_after) = inspect::validity(&issuer);
        if now > not_after {
            let (position, path, end) = (index + 1, path.display(), Day(not_after));
            problems.push(Problem::new(
                "certificate_chain_expired",
                format!(
                    "certificate {position} in {path}, {}, expired on {end}",
                    issuer.subject()
                ),
                "take the full chain from your certificate authority again",
            ));
        }
    }
    Ok(problems)
}

fn due(certificate: &Certificate) -> Option<Problem> {
    let Certificate {
        days_left,
        not_after,
        cert_file,
        ..
    } = certificate;
    let (file, end) = (cert_file.display(), Day(*not_after));
    certificate.due.then(|| {
        Problem::new(
            "certificate_due",
            format!("the certificate in {file} ends on {end}, in {days_left} days"),
            "renew it with your certificate authority; the new files are taken up as soon as they are in place",
        )
    })
}

fn parse<'a>(
    path: &Path,
    chain: &'a [CertificateDer<'_>],
    index: usize,
) -> Result<X509Certificate<'a>, Flaw> {
    let flaw = |detail| Flaw::BadCertificate {
        path: path.to_owned(),
        position: index + 1,
        detail,
    };
    inspect::parse(&chain[index]).map_err(flaw)
}
