//! What a key of settings.toml is.

use std::path::PathBuf;

use toml_edit::Value;

use crate::trusted_proxy::TrustedProxyKeys;
use crate::values::Wrong;
use crate::{Applies, Settings};

/// One key of `settings.toml`.
#[derive(Clone, Copy)]
pub struct Key {
    /// With its table: `editor.folder`.
    pub name: &'static str,
    /// What a form calls it.
    pub label: &'static str,
    /// What a form offers for it.
    pub kind: Kind,
    /// What it does, for people.
    pub doc: &'static str,
    /// Which values it takes.
    pub allowed: &'static str,
    /// When a change takes effect; [`crate::differences`] knows the one exception.
    pub applies: Applies,
    pub(crate) read: fn(&mut Draft, &Value) -> Result<(), Wrong>,
    /// None where nothing is set and there is no default.
    pub(crate) write: fn(&Settings) -> Option<Value>,
}

/// How a value is entered in a form. What it takes exactly is [`Key::allowed`]'s to say and the parser's to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of texts or numbers.
    List,
    /// A path.
    Path,
    /// One of these words, or a table of texts.
    WordOrTable(&'static [&'static str]),
}

impl Key {
    /// The table it stands in: `editor`, `auth.trusted_proxy`.
    pub fn table(&self) -> &'static str {
        self.split().0
    }

    /// Its name in that table: `folder`.
    pub fn short_name(&self) -> &'static str {
        self.split().1
    }

    /// The value when nothing is set, as TOML; None where there is none.
    pub fn default(&self) -> Option<String> {
        (self.write)(&Settings::default()).map(|value| value.to_string())
    }

    /// Its value in `settings`; None where there is none.
    pub fn value(&self, settings: &Settings) -> Option<Value> {
        (self.write)(settings)
    }

    fn split(&self) -> (&'static str, &'static str) {
        self.name
            .rsplit_once('.')
            .expect("every key of KEYS has its table in front")
    }
}

/// Settings while they are read: TLS and the proxy are known only when all their keys are.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) settings: Settings,
    pub(crate) tls_mode: Option<TlsMode>,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}

impl Draft {
    pub(crate) fn proxy(&mut self) -> &mut TrustedProxyKeys {
        &mut self.settings.auth.trusted_proxy_keys
    }
}

/// `tls.mode` as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsMode {
    SelfSigned,
    Custom,
    Off,
}
