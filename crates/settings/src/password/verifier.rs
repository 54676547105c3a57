//! Telling the right password from a wrong one.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::secret::{LONGEST, Password};

/// Compares candidates with the password. Cheap to clone; holds no password.
#[derive(Clone)]
pub struct Verifier(Known);

#[derive(Clone)]
enum Known {
    /// SHA-256 of the password from the keyring: it equalises lengths for the comparison and is never stored.
    Digest([u8; 32]),
    Argon2id(Box<PasswordHash>),
}

impl Verifier {
    /// Whether `candidate` is the password. Where [`Verifier::is_slow`], this takes tens of milliseconds of a core and 19 MiB: call
    /// it where blocking is allowed, and not too often at once.
    pub fn verify(&self, candidate: &str) -> bool {
        if candidate.len() > LONGEST {
            return false;
        }
        match &self.0 {
            Known::Digest(digest) => digest[..].ct_eq(&digest_of(candidate)[..]).into(),
            Known::Argon2id(hash) => hasher().verify_password(candidate.as_bytes(), &**hash).is_ok(),
        }
    }

    /// Whether a comparison is deliberately expensive (argon2id).
    pub fn is_slow(&self) -> bool {
        matches!(self.0, Known::Argon2id(_))
    }

    /// For a password that is at hand.
    pub(super) fn of(password: &Password) -> Verifier {
        Verifier(Known::Digest(digest_of(password.expose())))
    }

    /// For a kept hash in PHC form; None when it is not argon2id, or costs more than ours ever would.
    pub(super) fn of_hash(text: &str) -> Option<Verifier> {
        let hash = PasswordHash::new(text).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let ours =
            hash.algorithm == Algorithm::Argon2id.ident() && hash.salt.is_some() && hash.hash.is_some();
        let cheap =
            params.m_cost() <= MOST_MEMORY && params.t_cost() <= MOST_PASSES && params.p_cost() <= MOST_LANES;
        (ours && cheap).then_some(Verifier(Known::Argon2id(Box::new(hash))))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("is_slow", &self.is_slow())
            .finish_non_exhaustive()
    }
}

/// The password's argon2id hash in PHC form, with a new salt. Blocks for tens of milliseconds.
pub(super) fn hash(password: &Password) -> Result<String, argon2::password_hash::Error> {
    hasher()
        .hash_password(password.expose().as_bytes())
        .map(|hash| hash.to_string())
}

/// OWASP's first choice for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Bounds for a hash from the file: generous for another version's choice, harmless for one that somebody made up.
const MOST_MEMORY: u32 = 256 * 1024;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 4;

fn hasher() -> Argon2<'static> {
    let params =
        Params::new(MEMORY, PASSES, LANES, None).expect("the constants above are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn digest_of(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}
