//! Everything that can go wrong with a trust store, and what to do about it.

use doorcode_settings::Problem;
use thiserror::Error;

/// Why a store could not be read, changed or proven.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The person did not want the command to run, or gave no password.
    #[error("{title} is unchanged: it was called off")]
    CalledOff {
        /// The store.
        title: String,
    },
}

impl From<&TrustError> for Problem {
    fn from(error: &TrustError) -> Problem {
        let message = error.to_string();
        match error {
            TrustError::CalledOff { .. } => {
                Problem::new("trust_called_off", message, "doorcode trust install")
            }
        }
    }
}
