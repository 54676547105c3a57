//! `settings.toml`, where files are kept, and the password's place in the OS keyring.

mod differences;
pub mod edit;
mod editor_args;
mod error;
mod explanation;
pub mod files;
mod home;
mod host_name;
mod key_table;
mod keys;
mod listen_address;
mod load;
mod parse;
mod password;
mod paths;
mod problem;
mod settings;
mod shortcut;
mod show;
mod suggest;
pub mod trusted_proxy;
mod values;
mod watcher;

pub use differences::{Applies, Difference, differences};
pub use error::{Place, SettingsError};
pub use explanation::Explanation;
pub use host_name::{HostName, HostNameError};
pub use key_table::KEYS;
pub use keys::{Key, Kind};
pub use listen_address::{ListenAddress, ListenAddressError};
pub use password::{Ensured, Kept, Password, PasswordError, PasswordRefused, PasswordStore, Verifier};
pub use paths::{Paths, PathsError};
pub use problem::Problem;
pub use settings::{
    Auth, AuthMode, Desktop, Editor, Gateway, Limits, Notifications, OnQuit, Ports, Program, Sessions,
    Settings, Tls,
};
pub use trusted_proxy::TrustedProxy;
pub use watcher::{WatchError, Watcher};
