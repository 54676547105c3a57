//! A password that a person may use.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::Problem;

/// A password, wiped from memory when dropped, and never shown by `Debug`. Compare with a [`Verifier`](crate::Verifier): `==` would tell by its
/// time how much is right.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Characters.
const SHORTEST: usize = 8;
/// Bytes: what one comparison may cost is bounded by it.
pub(super) const LONGEST: usize = 1024;

/// Crockford's base32 in lower case: 32 characters that nobody takes for one another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const GROUPS: usize = 6;
const GROUP_LENGTH: usize = 4;

impl Password {
    /// A new one from the system's random numbers: 120 bits as six groups of four characters.
    pub fn generate() -> Password {
        let mut random = Zeroizing::new([0; GROUPS * GROUP_LENGTH]);
        getrandom::fill(random.as_mut()).expect("without random numbers no part of this program is safe");
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP_LENGTH + 1)));
        for (at, byte) in random.iter().enumerate() {
            if at > 0 && at % GROUP_LENGTH == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(byte % 32)])); // 256 is a multiple of 32: no bias
        }
        Password(text)
    }

    /// Takes a person's own password: at least 8 characters, at most 1024 bytes, no control characters.
    ///
    /// # Errors
    /// The rule that it breaks; the text is wiped.
    pub fn parse(text: String) -> Result<Password, PasswordRefused> {
        let text = Zeroizing::new(text);
        if text.chars().count() < SHORTEST {
            return Err(PasswordRefused::TooShort);
        }
        if text.len() > LONGEST {
            return Err(PasswordRefused::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordRefused::ControlCharacter);
        }
        Ok(Password(text))
    }

    /// The password itself, for the one place that shows or keeps it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a text cannot be the password. The text is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordRefused {
    /// Too easily guessed.
    #[error("the password is shorter than {SHORTEST} characters")]
    TooShort,
    /// Too much to compare.
    #[error("the password is longer than {LONGEST} bytes")]
    TooLong,
    /// Browsers cannot type it.
    #[error("the password has a control character in it, such as a line end")]
    ControlCharacter,
}

impl From<&PasswordRefused> for Problem {
    fn from(refused: &PasswordRefused) -> Problem {
        Problem::new(
            "password_refused",
            refused.to_string(),
            "give another with `doorcode password set --stdin`, or let `doorcode password reset` make one",
        )
    }
}
