//! Where the password is kept, and by which rules.

use std::io;
use std::path::PathBuf;

use serde::Serialize;

use super::keyring::{self, Answer};
use super::verifier::{self, Verifier};
use super::{Password, PasswordError};
use crate::{Paths, files};

/// Reads and keeps the password.
///
/// A keyring that answers is used, and wins over a hash file. Without one, the hash file is used. A keyring that is locked or
/// silent is an error. All methods block, for at most about 5 seconds; call them where that is allowed.
#[derive(Debug, Clone)]
pub struct PasswordStore {
    hash_file: PathBuf,
    use_keyring: bool,
}

/// A password that is ready to be compared with.
#[derive(Debug)]
pub struct Ensured {
    /// Compares.
    pub verifier: Verifier,
    /// Where it is kept.
    pub kept: Kept,
    /// The password, if it was made just now. With [`Kept::HashFile`] this is the one chance to show it.
    pub generated: Option<Password>,
}

/// Where the password is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// In the OS keyring; it can be shown again.
    Keyring,
    /// As a hash in a file; it cannot.
    HashFile,
}

impl PasswordStore {
    /// The store of this person. `DOORCODE_KEYRING=none` in the environment leaves the keyring alone.
    pub fn new(paths: &Paths) -> PasswordStore {
        let use_keyring = std::env::var_os("DOORCODE_KEYRING").is_none_or(|choice| choice != "none");
        PasswordStore {
            hash_file: paths.password_hash_file(),
            use_keyring,
        }
    }

    /// A store that leaves the keyring alone, whatever the environment says.
    pub fn without_keyring(paths: &Paths) -> PasswordStore {
        PasswordStore {
            hash_file: paths.password_hash_file(),
            use_keyring: false,
        }
    }

    /// Whether the password could be read now without a question to its owner, who may be away. Where that cannot be told,
    /// false.
    pub fn is_open(&self) -> bool {
        !self.use_keyring || keyring::is_open()
    }

    /// Finds the password, and makes one on first use.
    ///
    /// # Errors
    /// The keyring or the hash file is there and cannot be used; neither is ever replaced for that reason.
    pub fn ensure(&self) -> Result<Ensured, PasswordError> {
        match self.find()? {
            Found::InKeyring(password) => Ok(Ensured {
                verifier: Verifier::of(&password),
                kept: Kept::Keyring,
                generated: None,
            }),
            Found::InFile(verifier) => Ok(Ensured {
                verifier,
                kept: Kept::HashFile,
                generated: None,
            }),
            Found::Nowhere => {
                let password = Password::generate();
                let (kept, verifier) = self.keep(&password)?;
                Ok(Ensured {
                    verifier,
                    kept,
                    generated: Some(password),
                })
            }
        }
    }

    /// The password itself.
    ///
    /// # Errors
    /// [`PasswordError::NotShown`] where only the hash is kept, [`PasswordError::NotSet`] before the first use, and as
    /// [`PasswordStore::ensure`].
    pub fn show(&self) -> Result<Password, PasswordError> {
        match self.find()? {
            Found::InKeyring(password) => Ok(password),
            Found::InFile(_) => Err(PasswordError::NotShown),
            Found::Nowhere => Err(PasswordError::NotSet),
        }
    }

    /// Keeps this password in place of the old one. A broken hash file is replaced.
    ///
    /// # Errors
    /// The keyring is there and cannot be used, or the hash file cannot be written; the old password then holds.
    pub fn set(&self, password: Password) -> Result<Kept, PasswordError> {
        self.keep(&password).map(|(kept, _)| kept)
    }

    /// Makes a new password and keeps it.
    ///
    /// # Errors
    /// As [`PasswordStore::set`].
    pub fn reset(&self) -> Result<(Password, Kept), PasswordError> {
        let password = Password::generate();
        let (kept, _) = self.keep(&password)?;
        Ok((password, kept))
    }

    /// Where the password is kept; `None` before the first use.
    ///
    /// # Errors
    /// As [`PasswordStore::ensure`].
    pub fn kept(&self) -> Result<Option<Kept>, PasswordError> {
        Ok(match self.find()? {
            Found::InKeyring(_) => Some(Kept::Keyring),
            Found::InFile(_) => Some(Kept::HashFile),
            Found::Nowhere => None,
        })
    }

    fn find(&self) -> Result<Found, PasswordError> {
        if self.use_keyring
            && let Answer::Answered(Some(password)) = keyring::read()?
        {
            return Ok(Found::InKeyring(password));
        }
        let hash = match files::read_private(&self.hash_file) {
            Ok(hash) => hash,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nowhere),
            Err(error) => return Err(self.hash_file_error(error)),
        };
        let hash = std::str::from_utf8(&hash)
            .ok()
            .and_then(|text| Verifier::of_hash(text.trim_end()));
        hash.map(Found::InFile)
            .ok_or_else(|| PasswordError::HashFileBroken {
                path: self.hash_file.clone(),
            })
    }

    fn keep(&self, password: &Password) -> Result<(Kept, Verifier), PasswordError> {
        if self.use_keyring
            && let Answer::Answered(()) = keyring::write(password)?
        {
            self.remove_hash_file()?; // it would let the old password in whenever the keyring is away
            return Ok((Kept::Keyring, Verifier::of(password)));
        }
        let hash = verifier::hash(password).map_err(|error| PasswordError::Hashing(error.to_string()))?;
        let verifier = Verifier::of_hash(&hash).expect("a hash of our own making is one that we accept");
        files::write_private(&self.hash_file, format!("{hash}\n").as_bytes())
            .map_err(|error| self.hash_file_error(error))?;
        Ok((Kept::HashFile, verifier))
    }

    fn remove_hash_file(&self) -> Result<(), PasswordError> {
        match std::fs::remove_file(&self.hash_file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.hash_file_error(error)),
            _ => Ok(()),
        }
    }

    fn hash_file_error(&self, source: io::Error) -> PasswordError {
        PasswordError::HashFile {
            path: self.hash_file.clone(),
            source,
        }
    }
}

enum Found {
    InKeyring(Password),
    InFile(Verifier),
    Nowhere,
}
