//! What people and programs are told about trust; the same for the command's `--json` and the window.

use doorcode_settings::{HostName, Problem};
use serde::{Deserialize, Serialize};

use crate::store::{StoreId, StoreKind};

/// One host and every store that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TrustReport {
    /// The host whose root this is about.
    pub host: HostName,
    /// SHA-256 of the root, `AA:BB:…`.
    pub fingerprint: String,
    /// In a fixed order; a person reads them from top to bottom.
    pub stores: Vec<StoreReport>,
    /// Roots of this program's shape that none of the current hosts has. They may be another machine's or another user's.
    pub leftovers: Vec<Leftover>,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StoreReport {
    /// Which kind of program reads it.
    pub store: StoreKind,
    /// Names this one store.
    pub id: StoreId,
    /// What people call it, such as `Firefox (default-esr)`.
    pub title: String,
    /// The folder or file.
    pub place: String,
    /// How things stand.
    pub state: State,
    /// The state in words, or what was seen; may be empty.
    pub detail: String,
    /// What keeps it from being trusted or looked at, with the next step.
    pub problem: Option<Problem>,
}

/// How things stand with one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "Presence"))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The root is there; after a verification: the program itself accepted the host.
    Trusted,
    /// The root is not there, or the program refused the host.
    NotTrusted,
    /// In order, but the program runs since before and does not know yet.
    RestartNeeded,
    /// The program that reads this store is not on this machine.
    NotInstalled,
    /// It could not be found out; the problem says why.
    Unknown,
}

/// A root in a store that belongs to none of the current hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Leftover {
    /// Which kind of program reads the store.
    pub store: StoreKind,
    /// The store it is in.
    pub id: StoreId,
    /// What people call that store.
    pub title: String,
    /// What the store calls the root: a nickname or a file.
    pub nickname: String,
    /// The host it was made for.
    pub host: HostName,
    /// SHA-256 of the root, `AA:BB:…`.
    pub fingerprint: String,
}
