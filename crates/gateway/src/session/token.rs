//! The secret that a browser holds, and the hash of it that we keep.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The cookie's name. The prefix makes browsers insist on Secure, no Domain and Path=/ (RFC 6265bis section 4.1.3.2), so
/// that no other port, subdomain or page can plant one.
pub(crate) const COOKIE: &str = "__Host-doorcode";

const TOKEN_BYTES: usize = 32;
/// 32 bytes as base64 without padding.
const TOKEN_CHARS: usize = 43;

/// 256 random bits in text form. Nothing prints it by accident, and its memory is wiped.
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    /// A new one from the system's random source.
    pub(crate) fn generate() -> Token {
        let bytes = Zeroizing::new(random_bytes::<TOKEN_BYTES>());
        Token(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
    }

    /// The text, for the cookie or the link that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of_text(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a token's text. A token has 256 random bits, so neither salt nor stretching adds anything; and since only
/// hashes are compared, how long a comparison takes tells nothing about a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash(pub(crate) [u8; 32]);

impl TokenHash {
    /// The hash of what a client sent; `None` when it cannot be a token.
    pub(crate) fn of(candidate: &str) -> Option<TokenHash> {
        (candidate.len() == TOKEN_CHARS).then(|| TokenHash::of_text(candidate))
    }

    fn of_text(text: &str) -> TokenHash {
        TokenHash(Sha256::digest(text.as_bytes()).into())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// Random bytes from the system.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .expect("a running system has a random source; without one nobody may be signed in");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_hash_and_hide() {
        let (one, other) = (Token::generate(), Token::generate());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), TOKEN_CHARS);
        assert_eq!(TokenHash::of(one.expose()), Some(one.hash()));
        assert_eq!(TokenHash::of("short"), None);
        assert!(!format!("{one:?}{:?}", one.hash()).contains(one.expose()));
    }
}
