//! The gateway from outside: real TLS over loopback, a stub editor on a unix socket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attacks;
mod certificates;
mod check;
mod drain;
mod editor_states;
mod forwarding;
mod guessing;
mod limits;
mod live;
mod log;
mod onboarding;
mod plain;
mod ports;
mod sessions;
mod sign_in;
mod streams;
mod support;
mod trusted_proxy;
mod tunnels;
