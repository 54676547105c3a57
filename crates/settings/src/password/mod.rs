//! The one password: made, kept, and compared.
//!
//! It lives in the OS keyring. Where there is none, only its argon2id hash is kept, in a file, and the password is seen
//! once. A keyring that is there and does not answer is an error, never a reason to keep the password elsewhere.

mod error;
mod keyring;
mod secret;
mod store;
mod verifier;

pub use error::PasswordError;
pub use secret::{Password, PasswordRefused};
pub use store::{Ensured, Kept, PasswordStore};
pub use verifier::Verifier;
