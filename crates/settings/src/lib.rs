//! settings.toml, where files are kept, and the password's place in the OS keyring
