//! Sizes and limits, each with its reason.

use std::time::Duration;

/// Connections the kernel keeps for us while we are busy accepting others: what a page load of many tabs asks for at once.
pub(crate) const BACKLOG: i32 = 1024;

/// A request's head. VS Code's longest are about 4 KB; Node's own limit is 16 KB.
pub(crate) const HEAD_BYTES: usize = 32 << 10;
/// Header lines in a request; also hyper's own limit for HTTP/1.
pub(crate) const HEADERS: usize = 100;

/// HTTP/1 buffers, of both sides. hyper reads up to this at once and starts small, so that only streams pay for it. More
/// than this no longer fits the second-level cache, and less costs a wake-up of the other side for every few records.
pub(crate) const BUFFER_BYTES: usize = 256 << 10;

/// Plain text that rustls takes before it wants the socket to move: sixteen records in one `writev`.
pub(crate) const TLS_BUFFER_BYTES: usize = 256 << 10;

/// What an HTTP/2 client may send on one stream before we have read it: an upload of 1 MB needs no second round trip.
pub(crate) const H2_STREAM_WINDOW: u32 = 1 << 20;
/// The same for all streams of a connection together.
pub(crate) const H2_CONNECTION_WINDOW: u32 = 2 << 20;
/// Requests in flight on one connection. A cold load of the editor asks for 38 things.
pub(crate) const H2_STREAMS: u32 = 128;
/// What may wait for one stream's window.
pub(crate) const H2_SEND_BYTES: usize = 512 << 10;

/// An upstream connection is not used again after this long: Node closes it after 5 s, and a request that meets the
/// closing fails.
pub(crate) const UPSTREAM_IDLE: Duration = Duration::from_secs(4);
/// Upstream connections kept for the next request: as many as one HTTP/2 client may use at once. They are closed soon.
pub(crate) const UPSTREAM_IDLE_MOST: usize = H2_STREAMS as usize;

/// What a WebSocket tunnel moves at once. The buffer is shared by all tunnels of a thread; an idle tunnel owns none.
pub(crate) const TUNNEL_BYTES: usize = 32 << 10;
/// After one side of a tunnel has ended, the other has this long.
pub(crate) const TUNNEL_LINGER: Duration = Duration::from_secs(10);

/// The body of a form.
pub(crate) const FORM_BYTES: usize = 4 << 10;
/// Slow password verifications (argon2id: 19 MB and a core each) at the same time.
pub(crate) const SLOW_VERIFIERS: usize = 2;
/// How long a password waits for its turn.
pub(crate) const VERIFIER_WAIT: Duration = Duration::from_secs(5);

/// Sessions kept; beyond, the one that was idle longest goes.
pub(crate) const SESSIONS: usize = 100;
/// Of these, those that one person whom a proxy names can have: as many browsers as somebody uses, and their networks.
pub(crate) const SESSIONS_OF_USER: usize = 20;
/// One-time links open at the same time; beyond, the one that ends first goes.
pub(crate) const LINKS: usize = 64;
/// Device checks known at the same time; beyond, the one that ends first goes.
pub(crate) const CHECKS: usize = 64;
/// How long the result of a check can still be asked for.
pub(crate) const CHECK_AFTERLIFE: Duration = Duration::from_secs(15 * 60);
/// What a check's page has for its tests, however late it was opened.
pub(crate) const CHECK_RUNS: Duration = Duration::from_secs(60);
/// A message to a check's WebSocket; the page sends 36 bytes.
pub(crate) const ECHO_BYTES: usize = 1 << 10;
/// From the handshake of a check's WebSocket to its end.
pub(crate) const ECHO_TIME: Duration = Duration::from_secs(10);
/// Clients the sign-in limiter remembers one by one.
pub(crate) const LIMITED_CLIENTS: usize = 10_000;

/// Dead peers are noticed by the kernel: first asked after this long without a byte, then every interval, so many times.
pub(crate) const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
/// See [`KEEPALIVE_AFTER`].
pub(crate) const KEEPALIVE_EVERY: Duration = Duration::from_secs(15);
/// See [`KEEPALIVE_AFTER`].
pub(crate) const KEEPALIVE_PROBES: u32 = 4;
