//! The front door: it listens, speaks TLS, knows who may pass, and passes on.
//!
//! It knows nothing of the editor beyond "an HTTP/1.1 server on a unix socket".
//!
//! # The life of a request
//!
//! | step | file | may end with |
//! |---|---|---|
//! | a connection is accepted, within the limit, and given to a thread | `listen`, `accept`, `workers` | |
//! | its first byte: TLS, or plain http | `connection`, `plain` | 301, 308, 421 |
//! | TLS handshake: certificate by name or address, protocol by ALPN | `tls` | closed after 10 s |
//! | framing, one host that is ours, nothing protected renamed or encoded | `guard`, `head_watch` | 400, 405, 415, 421, 431 |
//! | the gateway's own pages; device checks | `own`, `pages`; `check` | |
//! | who is it? Where a proxy in front says so, that comes before our own pages | `who`, `session`, `trusted_proxy` | 302 to the sign-in page, 401, 403, 503 |
//! | does it come from our own pages? is the port open? | `origin`, `ports` | 403 |
//! | is the editor there? | `pages` | 502, 503 |
//! | rewritten, and sent over a pooled connection; a WebSocket over one of its own | `proxy`, `upstream`, `tunnel` | 502 |
//! | the answer, cleaned, streamed back | `response`, `body` | |
//! | a line in the access log, when the last byte is out or the client is gone | `access` | |
//! | counted, with its connection | `live` | |
//!
//! `exchange` is this table as code. What is configured is replaced as a whole (`shared`); sizes and limits are in
//! `tuning`.

mod accept;
mod access;
mod activity;
mod attacks;
mod authority;
mod body;
mod busy;
mod check;
mod config;
mod connection;
mod cookies;
mod download;
mod drain;
mod error;
mod evidence;
mod exchange;
mod explanations;
mod gateway;
mod guard;
mod head_watch;
mod limiter;
mod link;
mod links;
mod listen;
mod live;
mod local_path;
mod onboarding;
mod open;
mod origin;
mod own;
mod pages;
mod plain;
mod policy;
mod ports;
mod profile;
mod proxy;
mod refusal;
mod relay;
mod response;
mod session;
mod shared;
mod socket;
mod tls;
mod trusted_proxy;
mod tuning;
mod tunnel;
mod upstream;
mod visits;
mod who;
mod workers;

pub use attacks::SignInAttack;
pub use busy::{PortHolder, Process};
pub use check::{BegunCheck, CheckState, CheckView, Outcome, Readers, Test, TestId, Visitor};
pub use config::{Config, Timing, Upstream, VerifyPassword};
pub use error::GatewayError;
pub use evidence::{DoorEvidence, RefusedLately, Sighting};
pub use explanations::{EXPLANATIONS, explanation};
pub use gateway::{Gateway, ProbeVisit};
pub use listen::Listeners;
pub use live::{ConnectionView, Durations, LatencyView, Refusals, RequestCounts};
pub use onboarding::{Offer, Onboarding, Seen};
pub use session::{SessionStore, SessionView, SignInMethod};
pub use trusted_proxy::TrustedProxyConfig;
pub use visits::{OwnConnection, ProbeArrival};
