//! What can be wrong with a pair of files, and whether it leaves anything that somebody may trust.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;
use time::OffsetDateTime;

use crate::error::CLOCK;

/// Why a certificate and its key cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the fields are the file concerned and what the message says about it"
)]
pub enum Flaw {
    /// Half of a pair: the certificate is not there.
    #[error("{} is there, but its certificate {} is not", key.display(), cert.display())]
    CertificateMissing { cert: PathBuf, key: PathBuf },
    /// Half of a pair: the key is not there.
    #[error("{} is there, but its key {} is not", cert.display(), key.display())]
    KeyMissing { cert: PathBuf, key: PathBuf },
    /// A file that the settings name is not there.
    #[error("{} does not exist", path.display())]
    FileMissing { path: PathBuf },
    /// The system does not let us read it.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A symbolic link where this program writes regular files.
    #[error("{} is a symbolic link; only a regular file of yours is read there", path.display())]
    SymbolicLink { path: PathBuf },
    /// A folder, a pipe or a device.
    #[error("{} is not a regular file", path.display())]
    NotAFile { path: PathBuf },
    /// Somebody else's file in our folder.
    #[error("{} belongs to user {owner}, not to you (user {us})", path.display())]
    ForeignOwner { path: PathBuf, owner: u32, us: u32 },
    /// The mode lets others read the key, or change the certificate.
    #[error("{} has mode {mode:04o}: others on this machine can read or change it, and may have done so", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    /// Larger than any certificate or key.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    /// No PEM certificate in it.
    #[error("{} holds no certificate in PEM form{}", path.display(), der_note(*.der))]
    NoCertificate { path: PathBuf, der: bool },
    /// One of its certificates, counted from 1, cannot be parsed.
    #[error("certificate {position} in {} cannot be read: {detail}", path.display())]
    BadCertificate {
        path: PathBuf,
        position: usize,
        detail: String,
    },
    /// No PEM key in it.
    #[error("{} holds no private key in PEM form{}", path.display(), der_note(*.der))]
    NoKey { path: PathBuf, der: bool },
    /// Not a key, or one that TLS cannot use: a damaged one, a weak one, an unknown algorithm.
    #[error("the private key in {} cannot be used: {detail}", path.display())]
    BadKey { path: PathBuf, detail: String },
    /// Protected by a passphrase, which nobody could type when the gateway starts.
    #[error("the private key in {} is encrypted; keep it unencrypted, readable by you alone", path.display())]
    EncryptedKey { path: PathBuf },
    /// More than one key, and no way to tell which one is meant.
    #[error("{} holds {count} private keys; leave the one that belongs to the certificate", path.display())]
    SeveralKeys { path: PathBuf, count: usize },
    /// The key is another certificate's.
    #[error("the key in {} does not belong to the certificate in {}", key.display(), cert.display())]
    KeyMismatch { cert: PathBuf, key: PathBuf },
    /// The key belongs to a later certificate of the file.
    #[error("the key in {} belongs to certificate {position} in {}; that one must come first, its issuers after it", key.display(), cert.display())]
    LeafNotFirst {
        cert: PathBuf,
        key: PathBuf,
        position: usize,
    },
    /// Its time has not come; more likely the clock is wrong.
    #[error("the certificate in {} is valid only from {} on; this machine's clock says {}", path.display(), Day(*.not_before), Day(*.now))]
    NotYetValid {
        path: PathBuf,
        not_before: OffsetDateTime,
        now: OffsetDateTime,
    },
    /// Its time is over.
    #[error("the certificate in {} expired on {}", path.display(), Day(*.not_after))]
    Expired {
        path: PathBuf,
        not_after: OffsetDateTime,
    },
    /// Made for clients, mail or code, so no browser takes it from a server.
    #[error("the certificate in {} is not made for servers: its extended key usage lacks serverAuth", path.display())]
    NotForServers { path: PathBuf },
    /// A configured host that the certificate does not name.
    #[error("the certificate in {} does not cover {host}; it is for {}", path.display(), list(.names))]
    HostNotCovered {
        path: PathBuf,
        host: String,
        names: Vec<String>,
    },
    /// Readable and for the right host, but not what this program issues.
    #[error("{} is not a certificate as issued here: {detail}", path.display())]
    Shape { path: PathBuf, detail: String },
}

impl Flaw {
    /// Whether the pair is beyond use, so that replacing it takes nothing away that a browser or a trust store relies on.
    ///
    /// That is so when the certificate is gone or unreadable as such, when its key is (the root's key was never kept, so
    /// nobody can certify another), and when it has expired. Everything else may be put right by the person, with the trust
    /// they gave intact: a mode, an owner, a link, a clock. Such a pair is refused and left alone.
    pub fn ends_trust(&self) -> bool {
        match self {
            Flaw::CertificateMissing { .. }
            | Flaw::KeyMissing { .. }
            | Flaw::NoCertificate { .. }
            | Flaw::NoKey { .. }
            | Flaw::BadKey { .. }
            | Flaw::KeyMismatch { .. }
            | Flaw::Expired { .. } => true,
            Flaw::BadCertificate { position, .. } => *position == 1,
            _ => false,
        }
    }

    /// The stable name programs decide on.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Flaw::CertificateMissing { .. } => "certificate_file_missing",
            Flaw::KeyMissing { .. } => "certificate_key_missing",
            Flaw::FileMissing { .. } => "certificate_file_missing",
            Flaw::Unreadable { .. } => "certificate_unreadable",
            Flaw::SymbolicLink { .. } => "certificate_is_link",
            Flaw::NotAFile { .. } => "certificate_not_a_file",
            Flaw::ForeignOwner { .. } => "certificate_foreign_owner",
            Flaw::Exposed { .. } => "certificate_exposed",
            Flaw::TooLarge { .. } => "certificate_too_large",
            Flaw::NoCertificate { .. } | Flaw::BadCertificate { .. } => "certificate_corrupt",
            Flaw::NoKey { .. } | Flaw::BadKey { .. } => "certificate_key_unusable",
            Flaw::EncryptedKey { .. } => "certificate_key_encrypted",
            Flaw::SeveralKeys { .. } => "certificate_several_keys",
            Flaw::KeyMismatch { .. } => "certificate_key_mismatch",
            Flaw::LeafNotFirst { .. } => "certificate_order",
            Flaw::NotYetValid { .. } => "certificate_not_yet_valid",
            Flaw::Expired { .. } => "certificate_expired",
            Flaw::NotForServers { .. } => "certificate_not_for_servers",
            Flaw::HostNotCovered { .. } => "certificate_host_not_covered",
            Flaw::Shape { .. } => "certificate_shape",
        }
    }

    /// What the person can do about the file itself, where there is such a thing.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self {
            Flaw::Unreadable { path, .. } | Flaw::SymbolicLink { path } | Flaw::NotAFile { path } => {
                Some(format!("`ls -l '{}'` shows what it is", path.display()))
            }
            Flaw::ForeignOwner { path, .. } => Some(format!("`sudo chown \"$USER\" '{}'`", path.display())),
            Flaw::Exposed { path, .. } => Some(format!(
                "`chmod 600 '{}'`, if nobody else can have read or changed it",
                path.display()
            )),
            Flaw::NotYetValid { .. } => Some(CLOCK.to_owned()),
            Flaw::EncryptedKey { path } => {
                let path = path.display();
                Some(format!(
                    "`umask 077; openssl pkey -in '{path}' -out '{path}.plain' && mv '{path}.plain' '{path}'`"
                ))
            }
            Flaw::NoCertificate { path, der: true } => {
                let path = path.display();
                Some(format!(
                    "`openssl x509 -inform der -in '{path}' -out '{path}.pem'`"
                ))
            }
            Flaw::NoKey { path, der: true } => {
                let path = path.display();
                Some(format!(
                    "`umask 077; openssl pkey -inform der -in '{path}' -out '{path}.pem'`"
                ))
            }
            _ => None,
        }
    }
}

/// A date in UTC as people write it.
pub(crate) struct Day(pub(crate) OffsetDateTime);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.date())
    }
}

/// Names in a sentence.
pub(crate) fn list(names: &[String]) -> String {
    if names.is_empty() {
        "no host at all".to_owned()
    } else {
        names.join(", ")
    }
}

fn der_note(der: bool) -> &'static str {
    if der {
        "; it looks like DER, the binary form"
    } else {
        ""
    }
}
