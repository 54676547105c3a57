//! The trust stores of this machine: what is in them, putting a host's root in, proving that the program which reads a
//! store trusts it, and taking it out again.
//!
//! [`stores`] finds the stores; each is a [`Store`], one file each. [`report()`], [`verify`], [`install`] and [`remove`] go
//! over all of them or over a [`Selection`], and a store that fails never keeps another from its turn: what went wrong
//! stands in the [`TrustReport`]. Only certificates of this program's own shape are ever taken out ([`Root::recognise`]).
//!
//! Everything here blocks, with a deadline for each external program; call it from a thread that may.

mod ask;
mod error;
mod places;
mod report;
mod root;
mod store;
mod work;

pub use ask::{Ask, CommandLine, Secret};
pub use error::TrustError;
pub use places::Places;
pub use report::{Leftover, State, StoreReport, TrustReport};
pub use root::Root;
pub use store::{Entry, Selection, Store, StoreId, StoreKind, Verdict, stores};
pub use work::{Subject, install, remove, remove_leftover, report, verify};
