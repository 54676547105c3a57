//! The login keychain of macOS: the person's own trust settings, which Safari, Chrome and Firefox ask. macOS asks for the
//! person's password by itself.
//!
//! Written from Apple's documentation and run against a stand-in for its program only: unverified on macOS.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::ask::Ask;
use crate::error::TrustError;
use crate::handshake::{self, Page};
use crate::places::Places;
use crate::root::Root;
use crate::store::{Entry, Store, StoreId, StoreKind, Verdict};
use crate::tool::Tool;

/// The question for the password waits for a person.
const LIMIT: Duration = Duration::from_secs(300);

/// The keychain, if this is macOS.
pub(crate) fn store(places: &Places) -> Option<Box<dyn Store>> {
    Some(Box::new(Keychain::find(places)?))
}

struct Keychain {
    places: Places,
    security: PathBuf,
}

impl Keychain {
    fn find(places: &Places) -> Option<Keychain> {
        Some(Keychain {
            security: places.program("security")?,
            places: places.clone(),
        })
    }

    fn file(&self) -> PathBuf {
        self.places.home.join("Library/Keychains/login.keychain-db")
    }

    fn tool(&self) -> Tool {
        Tool::new(&self.places, &self.security, LIMIT)
    }

    /// Runs `security` with `words` and a file that holds the root.
    fn with_file(&self, words: &[&str], keychain: bool, root: &Root) -> Result<(), TrustError> {
        let failed = |source| TrustError::File {
            path: std::env::temp_dir(),
            source,
        };
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        file.write_all(root.pem.as_bytes()).map_err(failed)?;
        let mut tool = self.tool().args(words);
        if keychain {
            tool = tool.arg("-k").arg(self.file());
        }
        tool.arg(file.path()).succeed().map(drop)
    }
}

impl Store for Keychain {
    fn id(&self) -> StoreId {
        StoreId::only(StoreKind::Macos)
    }

    fn title(&self) -> String {
        "Login keychain (Safari, Chrome, Firefox)".to_owned()
    }

    fn place(&self) -> String {
        self.file().display().to_string()
    }

    fn exists(&self) -> bool {
        self.file().exists()
    }

    fn clients(&self) -> Vec<String> {
        vec!["macOS".to_owned()]
    }

    fn entries(&self) -> Result<Vec<Entry>, TrustError> {
        let list = self
            .tool()
            .args(["find-certificate", "-a", "-p", "-c", "Doorcode for"])
            .arg(self.file());
        // It fails where there is none.
        let ran = list.run()?;
        let settings = self.tool().arg("dump-trust-settings").run()?.stdout;
        Ok(Root::recognise_pem(&ran.stdout)
            .into_iter()
            .map(|root| Entry {
                nickname: root.nickname.clone(),
                trusted: settings.contains(&root.common_name()),
                kept: true,
                root,
            })
            .collect())
    }

    fn install(&self, root: &Root, _ask: &dyn Ask) -> Result<(), TrustError> {
        self.with_file(&["add-trusted-cert", "-r", "trustRoot", "-p", "ssl"], true, root)
    }

    fn verify(&self, page: &Page) -> Result<Verdict, TrustError> {
        Ok(match handshake::system_trusts(page)? {
            Ok(()) => Verdict::Trusted("macOS".to_owned()),
            Err(error) => Verdict::NotTrusted(format!("macOS: {error}")),
        })
    }

    /// First its trust, then the certificate itself.
    fn remove(&self, entry: &Entry, _ask: &dyn Ask) -> Result<(), TrustError> {
        if entry.trusted {
            self.with_file(&["remove-trusted-cert"], false, &entry.root)?;
        }
        let hash = entry.root.fingerprint.replace(':', "");
        let delete = self
            .tool()
            .args(["delete-certificate", "-Z", &hash])
            .arg(self.file());
        delete.succeed().map(drop)
    }

    fn outdated_client(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests;
