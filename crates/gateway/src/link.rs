//! One client connection, as the requests on it know it.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderValue;

use crate::activity::Activity;
use crate::live::Listed;
use crate::open::Slot;
use crate::socket::Peer;
use crate::trusted_proxy::{self, AuthorityId};

/// What all requests of a connection share. It counts as open as long as one of them, or a tunnel, holds this.
#[derive(Debug)]
pub(crate) struct Link {
    /// The client's address; an IPv4 client of an IPv6 socket has its IPv4 address, a client of a unix socket that of this machine.
    pub(crate) peer: IpAddr,
    /// It came over a unix socket.
    pub(crate) by_socket: bool,
    /// It came without TLS.
    pub(crate) is_plain: bool,
    /// It is a probe of this program's own, and no visitor.
    pub(crate) is_own: bool,
    /// Who signed the client's certificate, if it has one.
    pub(crate) certified_by: Option<AuthorityId>,
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
    peer_is_this_machine: OnceLock<bool>,
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
    /// Over plain http.
    pub(crate) fn plain(peer: Peer, slot: Slot) -> Link {
        Link {
            is_plain: true,
            ..Link::new(peer, Protocol::H1, slot)
        }
    }

    /// Over TLS, by a client with a certificate of `certified_by`.
    pub(crate) fn tls(peer: Peer, protocol: Protocol, certified_by: Option<AuthorityId>, slot: Slot) -> Link {
        Link {
            certified_by,
            ..Link::new(peer, protocol, slot)
        }
    }

    fn new(peer: Peer, protocol: Protocol, slot: Slot) -> Link {
        let by_socket = peer == Peer::Unix;
        let peer = peer.ip();
        let peer_value = HeaderValue::try_from(peer.to_string()).expect("an address is plain ASCII");
        Link {
            peer,
            by_socket,
            is_plain: false,
            is_own: false,
            certified_by: None,
            peer_value,
            protocol,
            activity: Activity::default(),
            figures: slot.list((!by_socket).then_some(peer), protocol),
            two_lengths: AtomicBool::new(false),
            peer_is_this_machine: OnceLock::new(),
            _slot: slot,
        }
    }

    /// The same; `is_own` says that it is a probe of this program's own.
    pub(crate) fn owned(self, is_own: bool) -> Link {
        if is_own {
            self.figures.unlist();
        }
        Link { is_own, ..self }
    }

    /// Whether the client's address is one of this machine's own.
    pub(crate) fn peer_is_this_machine(&self) -> bool {
        *self
            .peer_is_this_machine
            .get_or_init(|| trusted_proxy::is_this_machine(self.peer))
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
