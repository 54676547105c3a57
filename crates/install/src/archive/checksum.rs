//! The SHA-256 of an archive.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::InstallError;

/// 32 bytes; as text 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checksum([u8; 32]);

impl Checksum {
    /// The sum of all that `hasher` was given.
    pub(super) fn of(hasher: Sha256) -> Checksum {
        Checksum(hasher.finalize().into())
    }
}

impl FromStr for Checksum {
    type Err = InstallError;

    /// Takes upper and lower case.
    fn from_str(text: &str) -> Result<Self, InstallError> {
        let malformed = || InstallError::ChecksumMalformed {
            given: text.to_owned(),
        };
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(malformed());
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| malformed())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| malformed())?;
        }
        Ok(Checksum(bytes))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn text_and_bytes_agree() {
        let sum = Checksum::of(Sha256::new_with_prefix("abc"));
        assert_eq!(sum.to_string(), ABC);
        assert!(
            ABC.to_uppercase()
                .parse::<Checksum>()
                .is_ok_and(|parsed| parsed == sum)
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let unicode = "é".repeat(32);
        for text in [
            "",
            "abc",
            &ABC[1..],
            &format!("{ABC}0"),
            &ABC.replace('b', "g"),
            &ABC.replace("ba", "+1"),
            &unicode,
        ] {
            assert!(
                matches!(
                    text.parse::<Checksum>(),
                    Err(InstallError::ChecksumMalformed { .. })
                ),
                "{text}"
            );
        }
    }
}
