//! The one interface of every trust store, and which of them this machine has.

use std::fmt;
use std::str::FromStr;

use doorcode_settings::Problem;
use serde::{Deserialize, Serialize};

use crate::ask::Ask;
use crate::error::TrustError;
use crate::handshake::Page;
use crate::places::Places;
use crate::root::Root;
use crate::{chromium, firefox, p11_kit, system, windows};

/// A trust store. What it does to one root it does to no other, and to no certificate that is not ours.
pub trait Store: Send + Sync {
    /// Names it; stable as long as it exists.
    fn id(&self) -> StoreId;

    /// What people call it.
    fn title(&self) -> String;

    /// The folder or file, for people.
    fn place(&self) -> String;

    /// Whether it is there already, and would not have to be made.
    fn exists(&self) -> bool;

    /// The programs on this machine that read it, as people call them; none means that nobody would notice it.
    fn clients(&self) -> Vec<String>;

    /// The roots of our shape in it. Changes nothing, and makes no store that does not exist.
    fn entries(&self) -> Result<Vec<Entry>, TrustError>;

    /// Puts the root in, trusted for servers. A failure leaves the store as it was.
    fn install(&self, root: &Root, ask: &dyn Ask) -> Result<(), TrustError>;

    /// Has the programs that read this store open the page, by way of the store as it is on disk. Whether the door answers
    /// has been found out before.
    fn verify(&self, page: &Page) -> Result<Verdict, TrustError>;

    /// Takes one of [`Store::entries`] out.
    fn remove(&self, entry: &Entry, ask: &dyn Ask) -> Result<(), TrustError>;

    /// The program that runs since before the store last changed, and so may not know what is in it.
    fn outdated_client(&self) -> Option<String>;
}

/// The stores of this machine, in the order in which people are told of them.
pub fn stores(places: &Places) -> Vec<Box<dyn Store>> {
    let mut stores = chromium::stores(places);
    stores.extend(firefox::stores(places));
    #[cfg(target_os = "macos")]
    stores.extend(crate::macos::store(places));
    stores.extend(windows::store(places));
    stores.extend(system::store(places));
    if !system::is_p11_kit(places) {
        stores.extend(p11_kit::store(places));
    }
    stores
}

/// A root of our shape in a store.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What the store calls it: a nickname or a file.
    pub nickname: String,
    /// The root itself.
    pub root: Root,
    /// Whether the store says to trust it for servers.
    pub trusted: bool,
    /// Whether the store itself keeps it. If not, only what programs read was made of a store that had it, and it goes when
    /// that is made anew.
    pub kept: bool,
}

/// What a program thinks of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It took the page; which programs did.
    Trusted(String),
    /// It refused; the program and its own error.
    NotTrusted(String),
    /// There is no program to ask.
    NotInstalled,
}

/// The kinds of stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// NSS database of Chromium, Chrome, Brave, Edge and Vivaldi.
    Chromium,
    /// NSS database of a Firefox profile.
    Firefox,
    /// The system's own: curl, Python, WebKitGTK and most programs.
    System,
    /// p11-kit, where a person may write without being root.
    P11Kit,
    /// The macOS login keychain.
    Macos,
    /// The Windows user's root store, from WSL.
    Windows,
}

impl StoreKind {
    const ALL: [StoreKind; 6] = [
        StoreKind::Chromium,
        StoreKind::Firefox,
        StoreKind::System,
        StoreKind::P11Kit,
        StoreKind::Macos,
        StoreKind::Windows,
    ];

    /// Whether all users of this machine have it in common, so that a root in it may be another one's. p11-kit hands out
    /// what the system has, too.
    pub fn is_shared(self) -> bool {
        matches!(self, StoreKind::System | StoreKind::P11Kit)
    }

    fn name(self) -> &'static str {
        match self {
            StoreKind::Chromium => "chromium",
            StoreKind::Firefox => "firefox",
            StoreKind::System => "system",
            StoreKind::P11Kit => "p11-kit",
            StoreKind::Macos => "macos",
            StoreKind::Windows => "windows",
        }
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names one store: its kind, and where there can be several, which one: `system`, `firefox:abc.default`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct StoreId {
    /// The kind.
    pub kind: StoreKind,
    /// Which one of its kind; none for the first or only one.
    pub name: Option<String>,
}

impl StoreId {
    /// The only one of its kind.
    pub(crate) fn only(kind: StoreKind) -> StoreId {
        StoreId { kind, name: None }
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{}:{name}", self.kind),
            None => write!(f, "{}", self.kind),
        }
    }
}

impl FromStr for StoreId {
    type Err = Problem;

    fn from_str(text: &str) -> Result<StoreId, Problem> {
        let (kind, name) = match text.split_once(':') {
            Some((kind, name)) => (kind, Some(name.to_owned())),
            None => (text, None),
        };
        let found = StoreKind::ALL.into_iter().find(|known| known.name() == kind);
        let kind = found.ok_or_else(|| {
            let known = StoreKind::ALL.map(StoreKind::name).join(", ");
            Problem::new(
                "store_unknown",
                format!("`{text}` is no trust store; there are {known}"),
                "doorcode trust status",
            )
        })?;
        Ok(StoreId { kind, name })
    }
}

impl TryFrom<String> for StoreId {
    type Error = String;

    fn try_from(text: String) -> Result<StoreId, String> {
        text.parse().map_err(|problem: Problem| problem.message)
    }
}

impl From<StoreId> for String {
    fn from(id: StoreId) -> String {
        id.to_string()
    }
}

/// Which stores a person means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(Option<Vec<StoreId>>);

impl Selection {
    /// Every store.
    pub fn all() -> Selection {
        Selection(None)
    }

    /// Those named, each as a kind (`firefox` is every profile) or as one store; none named means all.
    ///
    /// # Errors
    /// A name whose kind there is not.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Selection, Problem> {
        if names.is_empty() {
            return Ok(Selection::all());
        }
        let ids = names.iter().map(|name| name.as_ref().parse());
        Ok(Selection(Some(ids.collect::<Result<_, _>>()?)))
    }

    pub(crate) fn contains(&self, id: &StoreId) -> bool {
        let Some(chosen) = &self.0 else { return true };
        chosen
            .iter()
            .any(|chosen| chosen.kind == id.kind && (chosen.name.is_none() || chosen.name == id.name))
    }
}
