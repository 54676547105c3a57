//! `settings.toml`, where files are kept, and the password's place in the OS keyring.

mod differences;
pub mod edit;
mod editor_args;
mod error;
pub mod files;
mod home;
mod host_name;
mod key_table;
mod keys;
mod load;
mod parse;
mod password;
mod paths;
mod problem;
mod settings;
mod shortcut;
mod show;
mod suggest;
mod values;
mod watcher;

pub use differences::{Applies, Difference, differences};
pub use error::{Place, SettingsError};
pub use host_name::{HostName, HostNameError};
pub use key_table::KEYS;
pub use keys::{Key, Kind};
pub use password::{Ensured, Kept, Password, PasswordError, PasswordRefused, PasswordStore, Verifier};
pub use paths::{Paths, PathsError};
pub use problem::Problem;
pub use settings::{
    Auth, AuthMode, Desktop, Editor, Gateway, Limits, Notifications, OnQuit, Ports, Program, Sessions,
    Settings, Tls,
};
pub use watcher::{WatchError, Watcher};
