//! p11-kit, where its trust module has a place that this person may write to without being root. GnuTLS and others ask it.
//!
//! On Fedora, Arch and openSUSE that place is the system's store, which is another file's subject; Debian's module has none
//! unless somebody has configured one.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::ask::Ask;
use crate::error::TrustError;
use crate::handshake::{self, Page};
use crate::places::Places;
use crate::private;
use crate::root::Root;
use crate::store::{Entry, Store, StoreId, StoreKind, Verdict};
use crate::tool::{self, Tool};

/// The store, if there is one that can be written to.
pub(crate) fn store(places: &Places) -> Option<Box<dyn Store>> {
    let trust = places.program("trust")?;
    let list = places.program("p11-kit")?;
    let modules = Tool::new(places, &list, tool::SHORT)
        .arg("list-modules")
        .run()
        .ok()?;
    is_writable(&modules.stdout).then(|| -> Box<dyn Store> {
        Box::new(P11Kit {
            places: places.clone(),
            trust,
        })
    })
}

struct P11Kit {
    places: Places,
    trust: PathBuf,
}

impl P11Kit {
    fn tool(&self) -> Tool {
        Tool::new(&self.places, &self.trust, tool::SHORT)
    }

    /// All that it hands out as authorities for servers, in PEM.
    fn anchors(&self) -> Result<String, TrustError> {
        let place = std::env::temp_dir();
        let folder = private::folder(&place).map_err(|source| TrustError::File { path: place, source })?;
        let bundle = folder.path().join("bundle.pem");
        self.tool()
            .args([
                "extract",
                "--format=pem-bundle",
                "--filter=ca-anchors",
                "--purpose=server-auth",
            ])
            .arg(&bundle)
            .succeed()?;
        // An empty store makes no file.
        Ok(fs::read_to_string(&bundle).unwrap_or_default())
    }

    /// `trust anchor` with a file of its own that holds the root.
    fn anchor(&self, action: &str, root: &Root) -> Result<(), TrustError> {
        let failed = |source| TrustError::File {
            path: std::env::temp_dir(),
            source,
        };
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        file.write_all(root.pem.as_bytes()).map_err(failed)?;
        let tool = self.tool().args(["anchor", action]).arg(file.path());
        let ran = tool.run()?;
        // Debian has no such program for it to call at the end; whether the anchor is there is looked at afterwards.
        if ran.succeeded() || ran.stderr.contains("trust-extract-compat") {
            return Ok(());
        }
        Err(tool.failed(&ran))
    }
}

impl Store for P11Kit {
    fn id(&self) -> StoreId {
        StoreId::only(StoreKind::P11Kit)
    }

    fn title(&self) -> String {
        "p11-kit (GnuTLS and others)".to_owned()
    }

    fn place(&self) -> String {
        "trust anchor".to_owned()
    }

    fn exists(&self) -> bool {
        true
    }

    fn clients(&self) -> Vec<String> {
        vec!["p11-kit".to_owned()]
    }

    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        let roots = Root::recognise_pem(&self.anchors()?);
        Ok(roots
            .into_iter()
            .map(|root| Entry {
                nickname: root.nickname.clone(),
                root,
                trusted: true,
                kept: true,
            })
            .collect())
    }

    fn install(&self, root: &Root, _ask: &dyn Ask) -> Result<(), TrustError> {
        self.anchor("--store", root)
    }

    fn verify(&self, page: &Page) -> Result<Verdict, TrustError> {
        let bundle = self.anchors()?;
        let anchors = CertificateDer::pem_slice_iter(bundle.as_bytes()).filter_map(Result::ok);
        Ok(match handshake::served_by(page, anchors) {
            Ok(()) => Verdict::Trusted("what p11-kit hands out".to_owned()),
            Err(TrustError::OtherCertificate { detail, .. }) => {
                Verdict::NotTrusted(format!("what p11-kit hands out: {detail}"))
            }
            Err(error) => return Err(error),
        })
    }

    fn remove(&self, entry: &Entry, _ask: &dyn Ask) -> Result<(), TrustError> {
        self.anchor("--remove", &entry.root)
    }

    fn outdated_client(&self) -> Option<String> {
        None
    }
}

/// Whether `p11-kit list-modules` shows a token of the trust module that is not write-protected.
fn is_writable(modules: &str) -> bool {
    let tokens = modules.split("    token: ").skip(1);
    tokens
        .filter(|token| token.contains("model: p11-kit-trust"))
        .any(|token| !token.contains("write-protected"))
}

#[cfg(test)]
mod tests {
    use super::is_writable;

    #[test]
    fn a_token_that_can_be_written_to_is_told_from_others() {
        let token = |model: &str, flags: &str| {
            format!(
                "    token: System Trust\n        model: {model}\n        flags:\n               {flags}\n"
            )
        };
        let head = "p11-kit-trust: p11-kit-trust.so\n    library-version: 0.24\n";
        let protected = token(
            "p11-kit-trust",
            "write-protected\n               token-initialized",
        );
        assert!(!is_writable(&format!("{head}{protected}")));
        let open = token("p11-kit-trust", "token-initialized");
        assert!(is_writable(&format!("{head}{protected}{open}")));
        assert!(!is_writable(&format!(
            "{head}{}",
            token("SoftHSM", "token-initialized")
        )));
    }
}
