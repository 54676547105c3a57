//! A host's certificate: issue, store, inspect, renew; or a custom pair instead.
//!
//! [`CertStore`] keeps one self-signed pair of files per host and decides, when a pair is not what it should be, whether
//! it may be replaced or has to be refused. [`load_custom`] checks the pair of a real certificate authority that the
//! settings name. Both give a [`Pair`], ready to be served, and neither ever gives one that a browser would refuse for a
//! reason that could be seen in the files.
//!
//! Everything here is blocking file work of a few milliseconds.

mod custom;
mod error;
mod files;
mod flaw;
mod inspect;
mod keys;
mod names;
mod pair;
mod pem;
mod shape;
mod store;

pub use custom::{load_custom, replacement};
pub use error::CertError;
pub use flaw::Flaw;
pub use pair::{Certificate, Pair};
pub use store::{Broken, CertStore, Ensured, Issued, Outcome};
