//! Where a person's programs keep their trust, and where programs are.

use std::ffi::OsString;
use std::path::PathBuf;

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
    /// Whether there is a graphical session in which a password can be asked for.
    pub graphical: bool,
}

impl Places {
    /// Those of whoever runs this program; `None` without a home folder.
    pub fn discover() -> Option<Places> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
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
            graphical: variable("DISPLAY").or(variable("WAYLAND_DISPLAY")).is_some(),
            home,
        })
    }
}
