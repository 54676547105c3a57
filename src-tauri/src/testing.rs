//! What tests of several modules stand on.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use doorcode_actions::app_log::AppLog;
use doorcode_settings::Paths;

/// Folders of one person, all in `home`.
pub(crate) fn paths_in(home: &Path) -> Paths {
    let folder = |name: &str| -> PathBuf { home.join(name) };
    Paths {
        settings_file: folder("config").join("settings.toml"),
        data_dir: folder("data"),
        state_dir: folder("state"),
        runtime_dir: folder("run"),
    }
}

/// The log: a process has one.
pub(crate) fn log() -> AppLog {
    static LOG: OnceLock<AppLog> = OnceLock::new();
    LOG.get_or_init(AppLog::install).clone()
}
