//! The editor process: start, watch, restart, stop, sweep.
//!
//! # The life of the editor
//!
//! ```text
//!            start                first answer
//!  Stopped ────────► Starting ──────────────────► Running
//!     ▲                │   ▲                        │
//!     │ stop           │   │ after a delay          │ an exit nobody asked for
//!  Stopping ◄── stop ──┤   └────── Backoff ◄────────┤
//!                      └──────────────► ▲           │ the 5th within 2 minutes
//!                        never ready, or an exit    └──────────────────────────► Failed
//! ```
//!
//! One task owns the editor and its state. Everybody else holds a [`Supervisor`], which sends commands and awaits their
//! answers, or a `watch` receiver of the [`EditorState`].
//!
//! The editor runs in a terminal (PTY) of which this process holds the other end. Two threads belong to it: one reads what
//! it writes into a rotated log, one waits for its exit; nothing wakes up while it runs undisturbed. When this process
//! dies, however it dies, the kernel closes the terminal and sends SIGHUP to everything in it; the shells in VS Code's own
//! terminals go the same way. An orderly stop takes a picture of all its descendants first, then follows a fixed order in
//! bounded time. Processes are known by process id *and* start time, so that no signal ever reaches a stranger.

mod backoff;
mod command;
mod editor;
mod ending;
mod environment;
mod error;
mod extension_hosts;
mod http;
mod launch;
mod leftover;
mod output;
mod process;
mod readiness;
mod record;
mod state;
mod supervisor;
mod task;
mod tree;

pub use error::SupervisorError;
pub use extension_hosts::{ExtensionHost, Freed, end_extension_hosts, extension_hosts};
pub use launch::{Launch, Timing};
pub use leftover::{Swept, sweep_leftover};
pub use process::{Identity, Process, own_rss};
pub use state::{EditorState, ExitReason};
pub use supervisor::Supervisor;
pub use tree::{tree, tree_rss};
