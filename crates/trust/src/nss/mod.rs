//! NSS databases (`cert9.db` and `key4.db` in a folder), which Chromium's and Firefox's families keep their trust in.

mod certutil;
mod guard;

use std::fs;
use std::path::{Path, PathBuf};

use crate::ask::{Ask, Secret};
use crate::error::TrustError;
use crate::places::Places;
use crate::root::Root;
use crate::store::Entry;
use certutil::Certutil;

/// The files of a database.
pub(crate) const FILES: [&str; 3] = ["cert9.db", "key4.db", "pkcs11.txt"];

/// How often a person may try a primary password.
const ATTEMPTS: usize = 3;

/// One database, which need not exist yet.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) dir: PathBuf,
}

impl Database {
    pub(crate) fn exists(&self) -> bool {
        self.file().exists()
    }

    /// The file that holds the certificates and their trust.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.join(FILES[0])
    }

    /// The roots of our shape in it.
    pub(crate) fn entries(&self, places: &Places) -> Result<Vec<Entry>, TrustError> {
        if !self.exists() {
            return Ok(Vec::new());
        }
        // Another of us may be making it right now, and half a database cannot be read.
        let _lock = guard::lock(&self.dir)?;
        self.read(places)
    }

    /// What [`Database::entries`] gives, for whoever holds the lock.
    ///
    /// Only what has our name in its nickname is looked at: that is what this program and the browsers themselves call our
    /// roots, and a profile can hold hundreds of others.
    fn read(&self, places: &Places) -> Result<Vec<Entry>, TrustError> {
        let certutil = Certutil::new(places, &self.dir)?;
        let mut entries = Vec::new();
        for listed in certutil.list()? {
            if !listed.nickname.contains("Doorcode") {
                continue;
            }
            let pem = certutil.certificate(&listed.nickname)?;
            if let [root] = &Root::recognise_pem(&pem)[..] {
                entries.push(Entry {
                    nickname: listed.nickname,
                    root: root.clone(),
                    trusted: listed.trusted_for_servers,
                    kept: true,
                });
            }
        }
        Ok(entries)
    }

    /// Puts `root` in; makes the database if there is none. A failure leaves everything as it was.
    pub(crate) fn add(
        &self,
        places: &Places,
        root: &Root,
        title: &str,
        ask: &dyn Ask,
    ) -> Result<(), TrustError> {
        let certutil = Certutil::new(places, &self.dir)?;
        let made = guard::NewFolders::make(&self.dir)?;
        let _lock = guard::lock(&self.dir)?;
        let existed = self.exists();
        if existed {
            self.check_writable()?;
        } else {
            certutil.create().inspect_err(|_| self.discard())?;
        }
        let added = self.add_to(&certutil, places, root, title, ask);
        if added.is_err() && !existed {
            self.discard();
        } else {
            made.keep();
        }
        added
    }

    fn add_to(
        &self,
        certutil: &Certutil<'_>,
        places: &Places,
        root: &Root,
        title: &str,
        ask: &dyn Ask,
    ) -> Result<(), TrustError> {
        // Without the password certutil puts the certificate in and fails at its trust, so it comes first.
        let password = primary_password(certutil, title, ask)?;
        let there = self
            .read(places)?
            .into_iter()
            .find(|entry| entry.root.der == root.der);
        let nickname = there.as_ref().map_or(&root.nickname, |entry| &entry.nickname);
        certutil.add(root, nickname, password.as_ref()).inspect_err(|_| {
            if there.is_none() {
                // The failure is what is told; what may be left is of no trust.
                let _ = certutil.delete(nickname);
            }
        })
    }

    /// Takes one of [`Database::entries`] out.
    pub(crate) fn delete(&self, places: &Places, entry: &Entry) -> Result<(), TrustError> {
        let certutil = Certutil::new(places, &self.dir)?;
        let _lock = guard::lock(&self.dir)?;
        self.check_writable()?;
        certutil.delete(&entry.nickname)
    }

    fn check_writable(&self) -> Result<(), TrustError> {
        guard::check_writable(&self.dir)?;
        FILES
            .iter()
            .map(|name| self.dir.join(name))
            .filter(|file| file.exists())
            .try_for_each(|file| guard::check_writable(&file))
    }

    /// Removes the files of a database that was made a moment ago.
    fn discard(&self) {
        for name in FILES {
            // Nobody can be using it yet.
            let _ = fs::remove_file(self.dir.join(name));
        }
    }
}

/// The primary password, if the database has one; asked for until it is right.
fn primary_password(
    certutil: &Certutil<'_>,
    title: &str,
    ask: &dyn Ask,
) -> Result<Option<Secret>, TrustError> {
    if certutil.opens_with(None)? {
        return Ok(None);
    }
    for _ in 0..ATTEMPTS {
        let prompt = format!("Primary password of {title}: ");
        let password = ask.secret(&prompt).ok_or(TrustError::CalledOff)?;
        if certutil.opens_with(Some(&password))? {
            return Ok(Some(password));
        }
    }
    Err(TrustError::WrongPassword {
        title: title.to_owned(),
    })
}

/// When the database last changed.
pub(crate) fn changed(dir: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(dir.join(FILES[0])).ok()?.modified().ok()
}
