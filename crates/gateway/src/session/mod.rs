//! Who is signed in: tokens, the sessions behind them, and the file that outlives a restart.

mod file;
mod keeper;
mod live;
mod proxied;
mod registry;
mod store;
mod token;

pub use live::{SessionView, SignInMethod};
pub use store::SessionStore;

pub(crate) use live::Session;
pub(crate) use proxied::Arrival;
pub(crate) use registry::Epoch;
pub(crate) use store::{Newcomer, TunnelGuard};
pub(crate) use token::{COOKIE, Token, TokenHash, random_bytes};
