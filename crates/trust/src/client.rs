//! A browser on this machine: how it is started, and where it may write.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::error::TrustError;
use crate::places::Places;
use crate::private;
use crate::tool::Tool;

/// How a browser came to this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A program on the `PATH`.
    Program(PathBuf),
    /// A snap: `/snap/bin/NAME`.
    Snap { program: PathBuf, name: &'static str },
    /// A Flatpak application.
    Flatpak { flatpak: PathBuf, id: &'static str },
}

/// A browser that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// As people call it.
    pub(crate) name: &'static str,
    pub(crate) origin: Origin,
}

impl Client {
    /// The first of these programs that is the browser itself, and not a way to a snap, which has a trust of its own.
    pub(crate) fn program(places: &Places, name: &'static str, programs: &[&str]) -> Option<Client> {
        let found = programs
            .iter()
            .find_map(|program| places.program(program).filter(|file| !is_snap(file)))?;
        Some(Client {
            name,
            origin: Origin::Program(found),
        })
    }

    pub(crate) fn snap(places: &Places, name: &'static str, snap: &'static str) -> Option<Client> {
        let program = places.program(snap).filter(|file| is_snap(file))?;
        Some(Client {
            name,
            origin: Origin::Snap { program, name: snap },
        })
    }

    pub(crate) fn flatpak(places: &Places, name: &'static str, id: &'static str) -> Option<Client> {
        let flatpak = places.program("flatpak")?;
        let installed = [
            PathBuf::from("/var/lib/flatpak"),
            places.data_home.join("flatpak"),
        ];
        installed
            .iter()
            .any(|root| root.join("app").join(id).exists())
            .then_some(Client {
                name,
                origin: Origin::Flatpak { flatpak, id },
            })
    }

    /// A command that starts it.
    pub(crate) fn tool(&self, places: &Places, limit: Duration) -> Tool {
        match &self.origin {
            Origin::Program(program) | Origin::Snap { program, .. } => Tool::new(places, program, limit),
            Origin::Flatpak { flatpak, id } => Tool::new(places, flatpak, limit).args(["run", *id]),
        }
    }

    /// A folder for one run, which it can see from its sandbox and no other person can look into; gone when dropped.
    pub(crate) fn scratch(&self, places: &Places) -> Result<TempDir, TrustError> {
        let place = match &self.origin {
            Origin::Program(_) => std::env::temp_dir(),
            Origin::Snap { name, .. } => places.home.join("snap").join(name).join("common"),
            Origin::Flatpak { id, .. } => places.home.join(".var/app").join(id).join("cache"),
        };
        private::folder(&place).map_err(|source| TrustError::File { path: place, source })
    }
}

/// Whether a program is a snap, or a script that starts one, as on Ubuntu.
fn is_snap(program: &Path) -> bool {
    if program.starts_with("/snap/bin") {
        return true;
    }
    let mut start = Vec::new();
    let read = fs::File::open(program).and_then(|file| file.take(4096).read_to_end(&mut start));
    read.is_ok() && start.starts_with(b"#!") && String::from_utf8_lossy(&start).contains("/snap/bin/")
}
