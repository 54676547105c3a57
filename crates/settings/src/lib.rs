//! `settings.toml`, where files are kept, and the password's place in the OS keyring.

pub mod files;
mod home;
mod host_name;
mod paths;
mod problem;
mod settings;

pub use host_name::{HostName, HostNameError};
pub use paths::{Paths, PathsError};
pub use problem::Problem;
pub use settings::{Auth, AuthMode, Editor, Gateway, Limits, Ports, Program, Sessions, Settings, Tls};

use home::home;
