//! Finds a code-server that this machine can run, or brings one into the data directory.
//!
//! [`find`] goes through the candidates (the setting, `PATH`, our own install), asks each for its version and
//! says why it refuses one. [`install`] builds a version from the npm registry or unpacks a release archive,
//! in a staging folder beside the installs; only what has proved that it runs becomes the current install, by
//! the replacement of one link.
//!
//! ```text
//! <data>/code-server/
//!   current -> 4.139.1-2     the install in use, replaced atomically
//!   4.139.1-2/               app/node_modules/code-server and node/bin/node (npm), or a release as unpacked
//!   4.137.0-1/               the one before; older ones go, unless a process still runs from them
//!   .staging-XXXXXX/         an install in progress; a left-over one is removed by the next install
//! ```

mod archive;
mod code_server;
mod environment;
mod examine;
mod find;
mod in_use;
mod install;
mod install_error;
mod node;
mod npm;
mod path_search;
mod probe;
mod progress;
mod rejected;
mod shape;
mod staging;
mod store;
mod terminal;
mod version;

pub use code_server::{CodeServer, Origin};
pub use find::{FindError, find};
pub use install::{Source, install};
pub use install_error::InstallError;
pub use progress::{Phase, Progress};
pub use rejected::{Reason, Rejected};
pub use version::{Version, VersionError};

/// The version that is installed when none is asked for.
pub const DEFAULT_VERSION: Version = Version {
    major: 4,
    minor: 139,
    patch: 1,
};

/// The oldest version that runs behind the door: the first with `--reconnection-grace-time`, which the editor
/// is started with.
pub const MINIMUM_VERSION: Version = Version {
    major: 4,
    minor: 113,
    patch: 0,
};
