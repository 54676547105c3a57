//! What the tests of trust share: a door with several hosts on a machine of its own, other people's clients, and somebody
//! who has stolen what the data directory holds.

mod client;
mod thief;
mod trap;
mod world;

pub use client::{Client, Verdict};
pub use thief::{Forgery, Thief};
pub use trap::{Seen, Trap};
pub use world::World;
