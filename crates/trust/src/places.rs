//! Where a person's programs keep their trust, and where programs are.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// One person's folders on one machine. Tests make their own.
#[derive(Debug, Clone)]
pub struct Places {
    /// The home folder.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME`, or `.config` in the home folder.
    pub config_home: PathBuf,
    /// `$XDG_DATA_HOME`, or `.local/share` in the home folder.
    pub data_home: PathBuf,
    /// Where programs are looked for, as in `$PATH`.
    pub path: OsString,
    /// What ties a program to the person's graphical session: its display, its bus. Empty where there is none.
    pub session: Vec<(&'static str, OsString)>,
}

impl Places {
    /// Those of whoever runs this program; `None` without a home folder.
    pub fn discover() -> Option<Places> {
        let folder = |name: &str| {
            variable(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = std::env::home_dir().filter(|home| home.is_absolute())?;
        Some(Places {
            config_home: folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            data_home: folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            path: variable("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()),
            session: SESSION
                .iter()
                .filter_map(|name| Some((*name, variable(name)?)))
                .collect(),
            home,
        })
    }

    /// Whether a password can be asked for by a window of the system.
    pub(crate) fn graphical(&self) -> bool {
        self.session
            .iter()
            .any(|(name, _)| matches!(*name, "DISPLAY" | "WAYLAND_DISPLAY"))
    }

    /// The first program of this name; the folders of system programs come last, because a person's `PATH` may lack them.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.search_path())
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(|file| is_executable(file))
    }

    /// `path`, followed by the folders of system programs.
    pub(crate) fn search_path(&self) -> OsString {
        let mut path = self.path.clone();
        path.push(":/usr/sbin:/sbin");
        path
    }

    /// The whole environment of a program that is started: the person's folders, the session, and messages in English.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = self.session.clone();
        variables.extend([
            ("HOME", self.home.clone().into()),
            ("XDG_CONFIG_HOME", self.config_home.clone().into()),
            ("XDG_DATA_HOME", self.data_home.clone().into()),
            ("PATH", self.search_path()),
            ("LC_ALL", "C".into()),
        ]);
        variables
    }
}

const SESSION: [&str; 5] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
];

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn is_executable(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
