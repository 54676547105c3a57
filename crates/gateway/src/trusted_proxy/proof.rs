//! What tells the proxy from everybody else who can send from its address.

use http::{HeaderMap, HeaderName};
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::refusals::PROOF_INVALID;
use crate::link::Link;
use crate::refusal::Refusal;

/// A proof, with what it takes to check it.
#[derive(Clone)]
pub(super) enum Evidence {
    /// The signed statement, which is looked at later, since it also says who the user is.
    Assertion,
    /// A secret in a field of every request.
    Secret {
        header: HeaderName,
        secret: Zeroizing<Vec<u8>>,
    },
    /// A certificate on the connection.
    Certificate(ClientAuthority),
    /// A connection over a unix socket.
    UnixSocket,
    /// None is asked for.
    AddressOnly,
}

impl Evidence {
    pub(super) fn check(&self, link: &Link, headers: &HeaderMap) -> Result<(), Refusal> {
        let proven = match self {
            Evidence::Assertion | Evidence::AddressOnly => true,
            Evidence::Secret { header, secret } => headers
                .get(header)
                .is_some_and(|value| bool::from(value.as_bytes().ct_eq(secret.as_slice()))),
            Evidence::Certificate(authority) => link.certified_by == Some(authority.id),
            Evidence::UnixSocket => link.by_socket,
        };
        if proven { Ok(()) } else { Err(PROOF_INVALID) }
    }
}

impl PartialEq for Evidence {
    fn eq(&self, other: &Evidence) -> bool {
        match (self, other) {
            (
                Evidence::Secret { header, secret },
                Evidence::Secret {
                    header: its,
                    secret: other,
                },
            ) => header == its && secret == other,
            (Evidence::Certificate(authority), Evidence::Certificate(other)) => authority.id == other.id,
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        }
    }
}

/// Whoever signs the certificates of the proxies.
#[derive(Debug, Clone)]
pub(crate) struct ClientAuthority {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    /// Tells a connection that was made under this authority from one under another.
    pub(crate) id: AuthorityId,
}

/// SHA-256 of the authority's certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AuthorityId([u8; 32]);

impl ClientAuthority {
    pub(super) fn new(certificates: Vec<CertificateDer<'static>>) -> ClientAuthority {
        let mut hash = Sha256::new();
        for certificate in &certificates {
            hash.update((certificate.len() as u64).to_be_bytes());
            hash.update(certificate);
        }
        ClientAuthority {
            certificates,
            id: AuthorityId(hash.finalize().into()),
        }
    }
}
