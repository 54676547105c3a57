//! Bytes both ways between two streams, with nothing kept for a pair that is quiet.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::tuning::{TUNNEL_BYTES, TUNNEL_LINGER};

thread_local! {
    /// Where bytes are between reading and writing. What cannot be written at once moves to a buffer of its own, so this
    /// one is free again before the next tunnel is polled.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; TUNNEL_BYTES].into());
}

/// Copies until both sides have ended, or one has failed. After one has ended, the other has a limited time.
pub(crate) struct Relay<A, B> {
    a: A,
    b: B,
    a_to_b: Direction,
    b_to_a: Direction,
    linger: Option<Pin<Box<Sleep>>>,
}

#[derive(Default)]
struct Direction {
    /// Read and not yet written; how much of it has been.
    pending: Vec<u8>,
    written: usize,
    moved: u64,
    needs_flush: bool,
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// The source has ended; the sink is to be told.
    Closing,
    Closed,
}

impl<A, B> Relay<A, B>
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    /// `from_a` and `from_b` were read from the sides already, and come first.
    pub(crate) fn new((a, from_a): (A, Vec<u8>), (b, from_b): (B, Vec<u8>)) -> Self {
        Relay {
            a,
            b,
            a_to_b: Direction::starting_with(from_a),
            b_to_a: Direction::starting_with(from_b),
            linger: None,
        }
    }

    /// Bytes written to `a` so far.
    pub(crate) fn written_to_a(&self) -> u64 {
        self.b_to_a.moved
    }

    /// Bytes that came from `a` so far and were passed on.
    pub(crate) fn taken_from_a(&self) -> u64 {
        self.a_to_b.moved
    }

    /// Ready when it is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let forth = self.a_to_b.poll(&mut self.a, &mut self.b, cx)?;
        let back = self.b_to_a.poll(&mut self.b, &mut self.a, cx)?;
        match (forth, back) {
            (Poll::Ready(()), Poll::Ready(())) => Poll::Ready(Ok(())),
            (Poll::Pending, Poll::Pending) => Poll::Pending,
            _ => {
                let linger = self
                    .linger
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(TUNNEL_LINGER)));
                linger.as_mut().poll(cx).map(Ok)
            }
        }
    }
}

impl Direction {
    fn starting_with(pending: Vec<u8>) -> Direction {
        Direction {
            pending,
            ..Direction::default()
        }
    }

    fn poll(
        &mut self,
        source: &mut (impl AsyncRead + Unpin),
        sink: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.state == State::Open {
            ready!(SCRATCH.with_borrow_mut(|scratch| self.copy(source, sink, scratch, cx)))?;
            self.state = State::Closing;
        }
        if self.state == State::Closing {
            ready!(Pin::new(sink).poll_shutdown(cx))?;
            self.state = State::Closed;
        }
        Poll::Ready(Ok(()))
    }

    /// Ready at the source's end.
    fn copy(
        &mut self,
        source: &mut (impl AsyncRead + Unpin),
        sink: &mut (impl AsyncWrite + Unpin),
        scratch: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.write_pending(sink, cx))?;
            let mut buffer = ReadBuf::new(scratch);
            match Pin::new(&mut *source).poll_read(cx, &mut buffer)? {
                Poll::Ready(()) if buffer.filled().is_empty() => return Poll::Ready(Ok(())),
                Poll::Ready(()) => self.write(buffer.filled(), sink, cx)?,
                Poll::Pending => {
                    if self.needs_flush && Pin::new(&mut *sink).poll_flush(cx)?.is_ready() {
                        self.needs_flush = false;
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    /// Writes what the sink takes at once and keeps the rest.
    fn write(
        &mut self,
        bytes: &[u8],
        sink: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> io::Result<()> {
        let taken = match Pin::new(&mut *sink).poll_write(cx, bytes)? {
            Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(taken) => taken,
            Poll::Pending => 0,
        };
        self.wrote(taken);
        self.pending.extend_from_slice(&bytes[taken..]);
        Ok(())
    }

    fn write_pending(
        &mut self,
        sink: &mut (impl AsyncWrite + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.written < self.pending.len() {
            let taken = ready!(Pin::new(&mut *sink).poll_write(cx, &self.pending[self.written..]))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += taken;
            self.wrote(taken);
        }
        self.pending = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    fn wrote(&mut self, bytes: usize) {
        self.moved += bytes as u64;
        self.needs_flush |= bytes > 0;
    }
}
