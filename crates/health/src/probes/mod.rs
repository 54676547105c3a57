//! One file a probe. Each takes what it needs of the [`Subject`](crate::Subject), looks for itself where it can, and gives
//! a [`Finding`](crate::Finding); none of them lasts longer than some seconds or leaves anything open.

pub(crate) mod browsers;
pub(crate) mod clock;
pub(crate) mod disk;
pub(crate) mod door_websocket;
pub(crate) mod editor_answer;
pub(crate) mod editor_page;
pub(crate) mod editor_process;
pub(crate) mod editor_socket;
pub(crate) mod editor_websocket;
pub(crate) mod given;
pub(crate) mod host_names;
pub(crate) mod listening;
pub(crate) mod memory;
pub(crate) mod other_server;
pub(crate) mod public;
pub(crate) mod redirect;
pub(crate) mod refusals;
pub(crate) mod sign_in;
pub(crate) mod tls;
