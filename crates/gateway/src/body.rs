//! The body of a response, ours or the editor's.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use thiserror::Error;

use crate::access::Entry;
use crate::upstream::Lease;
use crate::who::Who;

/// What a response consists of, before it is on its way.
#[derive(Debug)]
pub(crate) enum Content {
    /// One of our own.
    Bytes(Bytes),
    /// Passed on as it arrives.
    Upstream(Passing),
}

/// The editor's body.
#[derive(Debug)]
pub(crate) struct Passing {
    body: Incoming,
    /// What the body comes on; gone once either has ended.
    lease: Option<Lease>,
    /// Whose it is: it breaks off when they may no longer pass.
    who: Who,
}

impl Passing {
    /// `lease` is the connection that `body` comes on, to be used again after it.
    pub(crate) fn new(body: Incoming, lease: Option<Lease>, who: Who) -> Passing {
        let mut passing = Passing { body, lease, who };
        if passing.body.is_end_stream() {
            passing.ended();
        }
        passing
    }

    fn ended(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.finished();
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.who.has_ended() {
            return Poll::Ready(Some(Err(BodyError::SignedOut)));
        }
        let frame = ready!(self.poll_body(cx));
        let ends = match &frame {
            Some(Ok(_)) => self.body.is_end_stream(),
            Some(Err(_)) => false,
            None => true,
        };
        if ends {
            self.ended();
        }
        Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Upstream)))
    }
}

impl Passing {
    /// The next frame; what is not here yet is fetched first.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let Some(lease) = self.lease.as_mut().filter(|_| frame.is_pending()) else {
            return frame;
        };
        if lease.drive(cx).is_ready() {
            // Closed, and so of no use for another request.
            self.lease = None;
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }
}

/// A body on its way, with the line of the access log that is written when it has ended or was given up.
#[derive(Debug)]
pub(crate) struct Body {
    content: Content,
    entry: Option<Box<Entry>>,
}

/// Why a body broke off.
#[derive(Debug, Error)]
pub(crate) enum BodyError {
    #[error("the editor broke off: {0}")]
    Upstream(#[source] hyper::Error),
    #[error("the session has ended")]
    SignedOut,
}

impl Body {
    pub(crate) fn new(content: Content, entry: Option<Box<Entry>>) -> Body {
        Body { content, entry }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let frame = match &mut this.content {
            Content::Bytes(bytes) if bytes.is_empty() => None,
            Content::Bytes(bytes) => Some(Ok(Frame::data(std::mem::take(bytes)))),
            Content::Upstream(passing) => ready!(passing.poll(cx)),
        };
        if let Some(entry) = &mut this.entry {
            match &frame {
                Some(Ok(frame)) => entry.add_bytes(frame.data_ref().map_or(0, |data| data.len() as u64)),
                Some(Err(BodyError::Upstream(_))) => entry.set_code("upstream_aborted"),
                Some(Err(BodyError::SignedOut)) => entry.set_code("signed_out"),
                None => {}
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Bytes(bytes) => bytes.is_empty(),
            Content::Upstream(passing) => passing.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Upstream(passing) => passing.body.size_hint(),
        }
    }
}
