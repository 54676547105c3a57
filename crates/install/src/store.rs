//! The folder of the installs: which one is current, how another one becomes it, which ones may go.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use doorcode_settings::files::private_dir;
use nix::fcntl::{Flock, FlockArg};
use tracing::warn;

use crate::in_use::in_use;
use crate::install_error::{InstallError, Trouble};
use crate::shape::program_in;
use crate::staging::{STAGING_PREFIX, Staging, remove};
use crate::{Rejected, Version};

/// The link to the current install.
const CURRENT: &str = "current";

/// The program of the current install; `None` when there has never been one.
pub(crate) fn current_program(dir: &Path) -> Option<PathBuf> {
    current(dir).map(|install| program_in(&install))
}

/// The folder that `current` points to, under its own name: what runs from it is not touched when another one
/// becomes current.
fn current(dir: &Path) -> Option<PathBuf> {
    let target = fs::read_link(dir.join(CURRENT)).ok()?;
    let mut components = target.components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) => Some(dir.join(name)),
        _ => None,
    }
}

/// The folder, for one install at a time.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    _lock: Flock<File>,
}

impl Store {
    /// Locks the folder, which is created if need be, and removes what an install left that was ended by
    /// force: whoever holds the lock is the only one with a staging folder. The lock (flock on the folder
    /// itself) goes with the process.
    ///
    /// # Errors
    /// [`InstallError::Running`] when somebody else holds it; [`InstallError::Io`].
    pub(crate) fn open(dir: &Path) -> Result<Store, InstallError> {
        private_dir(dir).trouble("prepare", dir)?;
        let dir = dir.canonicalize().trouble("open", dir)?;
        let folder = File::open(&dir).trouble("open", &dir)?;
        let lock =
            Flock::lock(folder, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
                nix::errno::Errno::EWOULDBLOCK => InstallError::Running { dir: dir.clone() },
                other => InstallError::Io {
                    action: "lock",
                    path: dir.clone(),
                    source: other.into(),
                },
            })?;
        let store = Store { dir, _lock: lock };
        for name in store.names()? {
            if name.starts_with(STAGING_PREFIX) {
                let left_over = store.dir.join(name);
                remove(&left_over).trouble("remove", &left_over)?;
            }
        }
        Ok(store)
    }

    /// A staging folder on the same file system.
    pub(crate) fn stage(&self) -> Result<Staging, InstallError> {
        Staging::new(&self.dir).trouble("create a staging folder in", &self.dir)
    }

    /// Moves the staged tree to a name of its own, asks `prove` whether it runs there, and makes it the
    /// current install. The one before is kept, older ones go.
    pub(crate) fn publish<T>(
        &self,
        staging: &Staging,
        version: Version,
        prove: impl FnOnce(&Path) -> Result<T, Rejected>,
    ) -> Result<T, InstallError> {
        let install = self.dir.join(format!("{version}-{}", self.next_number()?));
        fs::rename(staging.tree(), &install).trouble("move the finished install to", &install)?;
        let switched = prove(&install)
            .map_err(InstallError::NotRunnable)
            .and_then(|proof| self.switch(staging, &install).map(|before| (proof, before)));
        match switched {
            Ok((proof, before)) => {
                self.prune([Some(install), before]);
                Ok(proof)
            }
            Err(error) => {
                // The error that matters is the first one; what stays is pruned by the next install.
                let _ = remove(&install);
                Err(error)
            }
        }
    }

    /// Points `current` at this install, by renaming a link over it; gives the install before.
    fn switch(&self, staging: &Staging, install: &Path) -> Result<Option<PathBuf>, InstallError> {
        let before = current(&self.dir);
        let link = staging.path().join(CURRENT);
        let target = Path::new(install.file_name().unwrap_or_default());
        let renamed = std::os::unix::fs::symlink(target, &link)
            .and_then(|()| fs::rename(&link, self.dir.join(CURRENT)))
            .and_then(|()| File::open(&self.dir)?.sync_all());
        renamed.trouble("switch", &self.dir.join(CURRENT))?;
        Ok(before)
    }

    /// Removes every install but these and those from which a process runs. What cannot be removed is logged
    /// and tried again next time.
    fn prune(&self, keep: [Option<PathBuf>; 2]) {
        for name in self.names().unwrap_or_default() {
            let install = self.dir.join(&name);
            if number(&name).is_none() || keep.contains(&Some(install.clone())) || in_use(&install) {
                continue;
            }
            if let Err(error) = remove(&install) {
                warn!(install = %install.display(), %error, "an old code-server could not be removed");
            }
        }
    }

    /// One more than any install has: the names tell the order.
    fn next_number(&self) -> Result<u64, InstallError> {
        let highest = self.names()?.iter().filter_map(|name| number(name)).max();
        Ok(highest.unwrap_or(0) + 1)
    }

    fn names(&self) -> Result<Vec<String>, InstallError> {
        let entries = fs::read_dir(&self.dir).trouble("list", &self.dir)?;
        let names: io::Result<Vec<_>> = entries
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect();
        let names = names.trouble("list", &self.dir)?;
        Ok(names
            .into_iter()
            .filter_map(|name| name.into_string().ok())
            .collect())
    }
}

/// The number of the install of this name, `4.139.1-2`; `None` when the name is not an install's.
fn number(name: &str) -> Option<u64> {
    let (version, number) = name.rsplit_once('-')?;
    version.parse::<Version>().ok()?;
    number.parse().ok()
}
