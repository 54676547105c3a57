//! One client connection, as the requests on it know it.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderValue;

use crate::activity::Activity;
use crate::live::Listed;
use crate::open::Slot;

/// What all requests of a connection share. It counts as open as long as one of them, or a tunnel, holds this.
#[derive(Debug)]
pub(crate) struct Link {
    /// The client's address; an IPv4 client of an IPv6 socket has its IPv4 address.
    pub(crate) peer: IpAddr,
    /// The same, for `X-Forwarded-For`.
    pub(crate) peer_value: HeaderValue,
    /// What was agreed on in the handshake.
    pub(crate) protocol: Protocol,
    /// Whether, and since when, something happens.
    pub(crate) activity: Activity,
    /// What it has done so far.
    pub(crate) figures: Listed,
    /// A head carried both `Content-Length` and `Transfer-Encoding`, which hyper does not show.
    two_lengths: AtomicBool,
    _slot: Slot,
}

/// The protocol of a connection, by ALPN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1 and 1.0.
    H1,
    /// HTTP/2.
    H2,
}

impl Protocol {
    /// The name in the access log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Protocol::H1 => "http/1.1",
            Protocol::H2 => "h2",
        }
    }
}

impl Link {
    pub(crate) fn new(peer: SocketAddr, protocol: Protocol, slot: Slot) -> Link {
        let peer = peer.ip().to_canonical();
        let peer_value = HeaderValue::try_from(peer.to_string()).expect("an address is plain ASCII");
        Link {
            peer,
            peer_value,
            protocol,
            activity: Activity::default(),
            figures: slot.list(peer, protocol),
            two_lengths: AtomicBool::new(false),
            _slot: slot,
        }
    }

    /// Notes that the head being read carries two lengths.
    pub(crate) fn note_two_lengths(&self) {
        self.two_lengths.store(true, Ordering::Relaxed);
    }

    /// Whether the one request with `Transfer-Encoding` that a connection can have carried a `Content-Length` too.
    pub(crate) fn saw_two_lengths(&self) -> bool {
        self.two_lengths.load(Ordering::Relaxed)
    }
}
