//! Rotated log files: written without ever holding up the writer, and read back.
//!
//! [`RotatingFile`] is the file, [`LogSink`] puts it on a thread of its own, [`tail`] and [`follow`] read it back across
//! rotations, and [`plain`] makes a line harmless to show. This crate knows nothing of what the lines say.

mod follow;
mod plain;
mod predecessors;
mod rotating;
mod sink;
mod tail;

pub use follow::{Follow, follow};
pub use plain::plain;
pub use rotating::{Limit, RotatingFile};
pub use sink::{LogSink, LogTrouble};
pub use tail::tail;
