//! The certificates this program issues: one pair of files per host, `<stem>.crt` (leaf, then root) and `<stem>.key`.
//!
//! Both files are 0600, in a folder of 0700. Every method holds the folder's lock for as long as it works, so that nobody,
//! in this process or another, ever sees half of a pair.

mod load;
mod outcome;
mod replace;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use doorcode_settings::{HostName, files};
use time::OffsetDateTime;

use crate::error::CertError;
use crate::pair::{Certificate, Pair};
use crate::{pem, shape};
use load::Unusable;
pub use outcome::{Broken, Ensured, Issued, Outcome};

/// Locked while a pair is read or replaced; never holds anything.
const LOCK_FILE: &str = ".lock";

/// A folder of self-signed certificates. Cheap to make; nothing is kept open.
#[derive(Debug, Clone)]
pub struct CertStore {
    dir: PathBuf,
}

impl CertStore {
    /// The store in `dir`, which need not exist yet.
    pub fn new(dir: PathBuf) -> CertStore {
        CertStore { dir }
    }

    /// The pair to serve for `host`: the one there is, or a new one where there is none.
    ///
    /// A pair that cannot be served is replaced only if nothing can rely on it any more (see [`crate::Flaw::ends_trust`]), and
    /// is then kept under another name; any other is refused.
    ///
    /// # Errors
    /// [`CertError::Stored`] for a pair that is refused, [`CertError::HostFileTaken`] for one of another host, and the
    /// failures of making and writing a new one. The files are then as they were.
    pub fn ensure(&self, host: &HostName) -> Result<Ensured, CertError> {
        let _lock = self.lock()?;
        let now = OffsetDateTime::now_utc();
        let (pair, outcome) = match self.load_in_force(host, now) {
            Ok(Some(pair)) => (pair, Outcome::Reused),
            Ok(None) => (self.replace(host, now)?.0, Outcome::Issued),
            Err(Unusable::Flaw(flaw)) if flaw.ends_trust() => {
                let (pair, backup) = self.replace(host, now)?;
                let replaced = |backup| Outcome::Replaced {
                    reason: flaw.to_string(),
                    backup,
                };
                (pair, backup.map_or(Outcome::Issued, replaced))
            }
            Err(unusable) => return Err(self.error(host, unusable)),
        };
        Ok(Ensured {
            warnings: outcome::due(&pair.info),
            pair,
            outcome,
        })
    }

    /// All entries, by file name; an expired one is a [`Certificate`] with negative `days_left`.
    ///
    /// # Errors
    /// When the folder cannot be read. One that does not exist has no entries.
    pub fn list(&self) -> Result<Vec<Result<Certificate, Broken>>, CertError> {
        if !self.dir.exists() {
            return Ok(Vec::new());
        }
        let _lock = self.lock()?;
        self.list_locked()
    }

    /// As [`CertStore::list`], for whoever is to change nothing: the folder keeps its mode, and no lock is made where there
    /// is none.
    ///
    /// # Errors
    /// As [`CertStore::list`].
    pub fn look(&self) -> Result<Vec<Result<Certificate, Broken>>, CertError> {
        if !self.dir.exists() {
            return Ok(Vec::new());
        }
        let lock = OpenOptions::new()
            .read(true)
            .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits())
            .open(self.dir.join(LOCK_FILE));
        // Without one nobody has ever written here by this program.
        let _lock = lock.and_then(|lock| lock.lock_shared().map(|()| lock));
        self.list_locked()
    }

    fn list_locked(&self) -> Result<Vec<Result<Certificate, Broken>>, CertError> {
        let now = OffsetDateTime::now_utc();
        let entry = |stem: String| match self.load_stem(&stem, now) {
            Ok(certificate) => Ok(certificate),
            Err(flaw) => Err(Broken { stem, flaw }),
        };
        Ok(self.stems()?.into_iter().map(entry).collect())
    }

    /// What `host`'s certificate says, also when it has expired.
    ///
    /// # Errors
    /// [`CertError::Missing`], or as [`CertStore::ensure`].
    pub fn show(&self, host: &HostName) -> Result<Certificate, CertError> {
        self.existing(host).map(|pair| pair.info)
    }

    /// The root that vouches for `host`, in PEM: what a trust store is given. The leaf and the key are not in it.
    ///
    /// # Errors
    /// As [`CertStore::show`].
    pub fn export(&self, host: &HostName) -> Result<String, CertError> {
        let pair = self.existing(host)?;
        let root = pair
            .root
            .as_ref()
            .expect("every pair the store loads has its root");
        Ok(pem::encode(root))
    }

    /// A new certificate for `host`, whatever there was before; that is kept under another name. It has to be trusted anew.
    ///
    /// # Errors
    /// [`CertError::HostFileTaken`], and the failures of making and writing it; the files are then as they were.
    pub fn issue(&self, host: &HostName) -> Result<Issued, CertError> {
        let _lock = self.lock()?;
        self.issue_locked(host)
    }

    /// As [`CertStore::issue`], but only if renewal is due or `force` says so.
    ///
    /// # Errors
    /// [`CertError::NotDue`]; [`CertError::Missing`]; without `force` also [`CertError::Stored`] for a pair whose end
    /// cannot be told.
    pub fn renew(&self, host: &HostName, force: bool) -> Result<Issued, CertError> {
        let _lock = self.lock_existing(host)?;
        match self.load(host, OffsetDateTime::now_utc()) {
            Ok(None) => Err(self.missing(host)),
            Ok(Some(pair)) if !pair.info.due && !force => Err(CertError::NotDue {
                host: host.clone(),
                days_left: pair.info.days_left,
            }),
            Err(unusable) if !force => Err(self.error(host, unusable)),
            _ => self.issue_locked(host),
        }
    }

    /// Deletes `host`'s pair and every backup of it; gives the files that are gone.
    ///
    /// # Errors
    /// [`CertError::Missing`], [`CertError::HostFileTaken`], or [`CertError::File`] at the first file that stays.
    pub fn remove(&self, host: &HostName) -> Result<Vec<PathBuf>, CertError> {
        let _lock = self.lock_existing(host)?;
        self.refuse_taken(host)?;
        let files = self.files_of(host)?;
        if files.is_empty() {
            return Err(self.missing(host));
        }
        for file in &files {
            fs::remove_file(file).map_err(failed("remove", file))?;
        }
        Ok(files)
    }

    fn issue_locked(&self, host: &HostName) -> Result<Issued, CertError> {
        self.refuse_taken(host)?;
        let (pair, backup) = self.replace(host, OffsetDateTime::now_utc())?;
        Ok(Issued {
            certificate: pair.info,
            backup,
        })
    }

    /// Makes a new pair, puts it in the place of whatever is there, and loads it back the way it will be loaded from now on.
    fn replace(&self, host: &HostName, now: OffsetDateTime) -> Result<(Pair, Option<PathBuf>), CertError> {
        let fresh = shape::issue(host, now).map_err(|source| CertError::Generate {
            host: host.clone(),
            source,
        })?;
        let backup = replace::replace(&self.paths(&host.file_stem()), &fresh, now)?;
        match self.load(host, now) {
            Ok(Some(pair)) => Ok((pair, backup)),
            Ok(None) => Err(self.missing(host)),
            Err(unusable) => Err(self.error(host, unusable)),
        }
    }

    fn existing(&self, host: &HostName) -> Result<Pair, CertError> {
        let _lock = self.lock_existing(host)?;
        let pair = self
            .load(host, OffsetDateTime::now_utc())
            .map_err(|unusable| self.error(host, unusable))?;
        pair.ok_or_else(|| self.missing(host))
    }

    fn refuse_taken(&self, host: &HostName) -> Result<(), CertError> {
        match self.load(host, OffsetDateTime::now_utc()) {
            Err(taken @ Unusable::Taken { .. }) => Err(self.error(host, taken)),
            _ => Ok(()),
        }
    }

    /// The names of all entries: of either half of a pair, leaving out backups and whatever else lies there.
    fn stems(&self) -> Result<BTreeSet<String>, CertError> {
        let mut stems = BTreeSet::new();
        for entry in self.entries()? {
            let extension = entry.extension().and_then(|extension| extension.to_str());
            let Some(stem) = entry.file_stem().and_then(|stem| stem.to_str()) else {
                continue;
            };
            if matches!(extension, Some("crt" | "key")) && !stem.starts_with('.') {
                stems.insert(stem.to_owned());
            }
        }
        Ok(stems)
    }

    /// The files of `host`: its pair, and the backups of it.
    fn files_of(&self, host: &HostName) -> Result<Vec<PathBuf>, CertError> {
        let stem = host.file_stem();
        let starts = [format!("{stem}.crt"), format!("{stem}.key")];
        let ours = |path: &PathBuf| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            starts
                .iter()
                .filter_map(|start| name.strip_prefix(start.as_str()))
                .any(|rest| rest.is_empty() || rest.starts_with(replace::BACKUP_MARK))
        };
        Ok(self.entries()?.into_iter().filter(ours).collect())
    }

    fn entries(&self) -> Result<Vec<PathBuf>, CertError> {
        let list = || -> io::Result<Vec<PathBuf>> {
            let mut paths = fs::read_dir(&self.dir)?
                .map(|entry| Ok(entry?.path()))
                .collect::<io::Result<Vec<_>>>()?;
            paths.sort();
            Ok(paths)
        };
        list().map_err(failed("list", &self.dir))
    }

    /// Waits until nobody else works on the folder, which it creates or tightens first; held until dropped.
    fn lock(&self) -> Result<File, CertError> {
        files::private_dir(&self.dir).map_err(failed("use", &self.dir))?;
        let path = self.dir.join(LOCK_FILE);
        let open = || {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits())
                .open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(failed("lock", &path))
    }

    /// As `lock`, without making a folder for a host that cannot be in it.
    fn lock_existing(&self, host: &HostName) -> Result<File, CertError> {
        if self.dir.exists() {
            self.lock()
        } else {
            Err(self.missing(host))
        }
    }

    fn missing(&self, host: &HostName) -> CertError {
        CertError::Missing {
            host: host.clone(),
            dir: self.dir.clone(),
        }
    }

    fn error(&self, host: &HostName, unusable: Unusable) -> CertError {
        let host = host.clone();
        match unusable {
            Unusable::Flaw(flaw) => CertError::Stored { host, flaw },
            Unusable::Taken { file, names } => CertError::HostFileTaken { host, file, names },
        }
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CertError {
    let path = path.to_owned();
    move |source| CertError::File { action, path, source }
}

#[cfg(test)]
mod tests;
