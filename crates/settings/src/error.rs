//! What can be wrong with a settings file.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml_edit::TomlError;

use crate::Problem;
use crate::trusted_proxy::Missing;

/// Why a settings file cannot be used or changed. Nothing is changed then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file exists and cannot be read.
    #[error("{} cannot be read: {source}", file.display())]
    Unreadable {
        /// The settings file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{} cannot be written: {source}", file.display())]
    Unwritable {
        /// The settings file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody else could have written the file, which names a program to run.
    #[error("{} is not trusted: {reason}", file.display())]
    Unsafe {
        /// The settings file.
        file: PathBuf,
        /// Who can write it.
        reason: String,
    },
    /// The file is not TOML.
    #[error("{at}: this is not TOML: {reason}")]
    Syntax {
        /// Where.
        at: Place,
        /// What the parser says.
        reason: String,
    },
    /// A key or table that does not exist.
    #[error("{at}: {key} is not a setting{}; allowed here: {allowed}", hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default())]
    UnknownKey {
        /// Where.
        at: Place,
        /// The key, with its table.
        key: String,
        /// What was probably meant.
        hint: Option<String>,
        /// All keys, or tables, that can stand there.
        allowed: String,
    },
    /// A value that the key does not take.
    #[error("{at}: {key} cannot be {found}{}; allowed: {allowed}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Value {
        /// Where.
        at: Place,
        /// The key, with its table.
        key: &'static str,
        /// The value as it stands in the file, or what to call one that may be secret.
        found: String,
        /// What is wrong with it, where that is more than its kind.
        reason: Option<String>,
        /// What the key takes.
        allowed: &'static str,
    },
    /// `tls.cert` without `tls.key`.
    #[error(
        "{at}: --cert-key is missing: tls.cert is set and tls.key is not; a custom certificate needs both"
    )]
    CertKeyMissing {
        /// Where `tls.cert` or the mode stands.
        at: Place,
    },
    /// `tls.key` without `tls.cert`.
    #[error("{at}: --cert is missing: tls.key is set and tls.cert is not; a custom certificate needs both")]
    CertMissing {
        /// Where `tls.key` stands.
        at: Place,
    },
    /// `trusted-proxy` while something that it needs is not set.
    #[error("{at}: auth.mode cannot be \"trusted-proxy\" yet: {}", listed(missing))]
    TrustedProxyIncomplete {
        /// Where the mode stands.
        at: Place,
        /// What it needs; at least one.
        missing: Vec<Missing>,
    },
    /// No sign-in on an address that other machines reach.
    #[error(
        "{at}: auth.mode cannot be \"none\" while gateway.listen has {listen}: whoever reaches that address would have a shell on this \
         machine; allowed: \"password\", loopback addresses only, or auth.none_beyond_loopback = true"
    )]
    NoneBeyondLoopback {
        /// Where the mode stands.
        at: Place,
        /// The first address that is not a loopback one.
        listen: SocketAddr,
    },
}

impl SettingsError {
    /// The settings file.
    pub fn file(&self) -> &Path {
        match self {
            Self::Unreadable { file, .. } | Self::Unwritable { file, .. } | Self::Unsafe { file, .. } => file,
            _ => &self.place().expect("only the errors above have no place").file,
        }
    }

    /// The line in it, from 1, where one is to blame.
    pub fn line(&self) -> Option<usize> {
        self.place().map(|at| at.line)
    }

    /// The key to blame, with its table, such as `auth.mode`.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key, .. } => Some(key),
            Self::Value { key, .. } => Some(key),
            Self::CertKeyMissing { .. } => Some("tls.key"),
            Self::CertMissing { .. } => Some("tls.cert"),
            Self::NoneBeyondLoopback { .. } | Self::TrustedProxyIncomplete { .. } => Some("auth.mode"),
            _ => None,
        }
    }

    /// What could stand there instead.
    pub fn allowed(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { allowed, .. } => Some(allowed),
            Self::Value { allowed, .. } => Some(allowed),
            _ => None,
        }
    }

    /// What is wrong without where: for a value that stands in no file yet.
    pub fn reason(&self) -> String {
        let text = self.to_string();
        let place = self.place().map(|at| format!("{at}: ")).unwrap_or_default();
        text.strip_prefix(&place).unwrap_or(&text).to_owned()
    }

    pub(crate) fn syntax(error: &TomlError, text: &str, file: &Path) -> SettingsError {
        let at = Place::of(error.span().unwrap_or_default(), text, file);
        SettingsError::Syntax {
            at,
            reason: error.message().to_owned(),
        }
    }

    fn place(&self) -> Option<&Place> {
        match self {
            Self::Syntax { at, .. }
            | Self::UnknownKey { at, .. }
            | Self::Value { at, .. }
            | Self::CertKeyMissing { at }
            | Self::CertMissing { at }
            | Self::TrustedProxyIncomplete { at, .. }
            | Self::NoneBeyondLoopback { at, .. } => Some(at),
            Self::Unreadable { .. } | Self::Unwritable { .. } | Self::Unsafe { .. } => None,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "settings_unreadable",
            Self::Unwritable { .. } => "settings_unwritable",
            Self::Unsafe { .. } => "settings_unsafe",
            Self::Syntax { .. } => "settings_syntax",
            Self::UnknownKey { .. } => "settings_unknown_key",
            Self::Value { .. } => "settings_value",
            Self::CertKeyMissing { .. } => "cert_key_missing",
            Self::CertMissing { .. } => "cert_missing",
            Self::NoneBeyondLoopback { .. } => "none_beyond_loopback",
            Self::TrustedProxyIncomplete { .. } => "trusted_proxy_incomplete",
        }
    }
}

fn listed(missing: &[Missing]) -> String {
    let each = missing.iter().map(|one| format!("{}: {}", one.key, one.message));
    each.collect::<Vec<_>>().join("; ")
}

impl From<&SettingsError> for Problem {
    fn from(error: &SettingsError) -> Problem {
        let file = error.file().display();
        let fix = match error {
            SettingsError::Unreadable { .. } | SettingsError::Unwritable { .. } => {
                format!("look at it with `ls -ld '{file}'`, then repair or remove it")
            }
            SettingsError::Unsafe { .. } => {
                format!("read it, then run `chown $(id -u) '{file}'` and `chmod 600 '{file}'`")
            }
            _ => {
                "change it with `doorcode settings edit`; `doorcode settings check` reads it again".to_owned()
            }
        };
        Problem::new(error.code(), error.to_string(), fix)
    }
}

/// A place in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Place {
    /// Where `span` begins in `text`, the contents of `file`.
    pub(crate) fn of(span: Range<usize>, text: &str, file: &Path) -> Place {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    /// `FILE:LINE:COLUMN`, as compilers write it and editors understand it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}
