//! The trust stores of this machine: what is in them, putting a host's root in, proving that the program which reads a
//! store trusts it, and taking it out again.
//!
//! [`stores`] finds the stores; each is a [`Store`], one file or folder each. [`report()`], [`verify`], [`install`] and
//! [`remove`] go over all of them or over a [`Selection`], and a store that fails never keeps another from its turn: what
//! went wrong stands in the [`TrustReport`]. Only certificates of this program's own shape are ever taken out
//! ([`Root::recognise`]).
//!
//! Everything here blocks, with a deadline for each external program; call it from a thread that may.

mod ask;
mod chromium;
mod client;
mod elevate;
mod error;
mod firefox;
mod handshake;
#[cfg(any(target_os = "macos", test))]
mod macos;
mod nss;
mod p11_kit;
mod packages;
mod places;
mod private;
mod recognise;
mod report;
mod root;
mod running;
mod store;
mod system;
mod tool;
mod windows;
mod work;

pub use ask::{Ask, CommandLine, Secret};
pub use error::{Output, TrustError};
pub use handshake::Page;
pub use packages::Package;
pub use places::Places;
pub use report::{Leftover, State, StoreReport, TrustReport};
pub use root::Root;
pub use store::{Entry, Selection, Store, StoreId, StoreKind, Verdict, stores};
pub use work::{Subject, install, remove, remove_leftover, report, verify};
