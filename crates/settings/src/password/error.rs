//! Why a password cannot be read or kept.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::PasswordRefused;
use crate::Problem;

/// Why the password cannot be read or kept. Never holds a password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The keyring is there and needs its owner.
    #[error("the keyring that keeps the password is locked: {0}")]
    KeyringLocked(String),
    /// The keyring is there and silent; it may be asking its owner something.
    #[error(
        "the keyring that keeps the password did not answer within {0} seconds; it may be waiting for you to unlock it"
    )]
    KeyringTimedOut(u64),
    /// The keyring answers with an error.
    #[error("the keyring that keeps the password failed: {0}")]
    KeyringFailed(String),
    /// What is in the keyring cannot be a password.
    #[error("what the keyring keeps as doorcode's password cannot be used: {0}")]
    KeptRefused(PasswordRefused),
    /// The hash cannot be read, written or removed.
    #[error("the password's hash in {} cannot be used: {source}", path.display())]
    HashFile {
        /// The file.
        path: PathBuf,
        /// What the system says, or why it is refused.
        source: io::Error,
    },
    /// The hash file does not hold a hash.
    #[error("{} does not hold an argon2id hash", path.display())]
    HashFileBroken {
        /// The file.
        path: PathBuf,
    },
    /// Hashing failed: there is not enough memory.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
    /// Only the hash is kept.
    #[error("the password cannot be shown: without a keyring only its hash is kept")]
    NotShown,
    /// None was made yet.
    #[error("there is no password yet")]
    NotSet,
}

impl From<&PasswordError> for Problem {
    fn from(error: &PasswordError) -> Problem {
        let (code, fix) = match error {
            PasswordError::KeyringLocked(_) => ("keyring_locked", UNLOCK),
            PasswordError::KeyringTimedOut(_) => ("keyring_timed_out", UNLOCK),
            PasswordError::KeyringFailed(_) => ("keyring_failed", WITHOUT_KEYRING),
            PasswordError::KeptRefused(_) => ("password_refused", RESET),
            PasswordError::HashFile { .. } => ("password_hash_unusable", RESET),
            PasswordError::HashFileBroken { .. } => ("password_hash_broken", RESET),
            PasswordError::Hashing(_) => ("password_not_hashed", "free some memory, then try again"),
            PasswordError::NotShown => (
                "password_not_shown",
                "run `doorcode password reset` for a new one, which is shown once",
            ),
            PasswordError::NotSet => ("password_not_set", RESET),
        };
        Problem::new(code, error.to_string(), fix)
    }
}

const UNLOCK: &str = "unlock the keyring: sign in to the desktop, or answer its question on the screen. To do without it and keep only a \
                      hash: `doorcode stop --engine`, then `DOORCODE_KEYRING=none doorcode up`";
const WITHOUT_KEYRING: &str = "repair the keyring; to do without it and keep only a hash: `doorcode stop --engine`, then `DOORCODE_KEYRING=none doorcode up`";
const RESET: &str = "run `doorcode password reset` for a new one";
