//! The control socket: the one way to drive an engine, for the command and the tray alike.

mod client;
mod protocol;
mod server;

pub use client::{Client, ClientError};
pub use protocol::{PasswordPlace, PasswordReply, PasswordState, Reloaded, Reply, Request};
pub(crate) use server::{Incoming, serve};
