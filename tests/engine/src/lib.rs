//! What the end-to-end tests share: a real `doorcode` in a home of its own, and ways to look at it from outside.

mod door;
mod https;
mod namespace;
mod processes;
mod window;

pub use door::{Door, Output, wait_for};
pub use https::{Answer, curl};
pub use namespace::{as_root, in_namespace, own_host_names, own_network, own_system_store};
pub use processes::{Process, alive, kill, members};
pub use window::Window;
