//! Watches the heads of HTTP/1 requests go by, for two things that hyper does not tell.
//!
//! A request with both `Content-Length` and `Transfer-Encoding` (RFC 9112 section 6.1: request smuggling) reaches a hyper
//! service without the former. And a head that begins and does not end must be told from a connection that is idle between
//! requests. The scan looks at the first bytes of each head line and skips bodies by their length; after a request with
//! `Transfer-Encoding` it stops, because the connection is closed after such a request.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::link::Link;

/// A stream whose reads are scanned.
#[derive(Debug)]
pub(crate) struct HeadWatch<S> {
    inner: S,
    scan: Scan,
    link: Arc<Link>,
}

impl<S> HeadWatch<S> {
    pub(crate) fn new(inner: S, link: Arc<Link>) -> Self {
        HeadWatch {
            inner,
            scan: Scan::default(),
            link,
        }
    }

    /// The stream, no longer watched.
    pub(crate) fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HeadWatch<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let this = self.get_mut();
        if this.scan.feed(&buf.filled()[before..]) {
            this.link.note_two_lengths();
        }
        this.link.activity.head_is_partial(this.scan.is_inside_head());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeadWatch<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// As much of a line as decides what it is: the longest name, its colon, and twenty digits; what only fills up a length is
/// left out.
const LINE_BYTES: usize = 64;

const CONTENT_LENGTH: &[u8] = b"content-length:";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding:";

#[derive(Debug, Default)]
struct Scan {
    phase: Phase,
    /// The beginning of a line that arrives in pieces.
    line: Vec<u8>,
    /// The request line has been seen.
    started: bool,
    /// There was a `Content-Length`, whatever it says.
    has_length: bool,
    /// What it says, if that is a length.
    content_length: Option<u64>,
    transfer_encoding: bool,
}

#[derive(Debug, Default, PartialEq)]
enum Phase {
    #[default]
    Head,
    /// So many bytes of a body are still to come.
    Body(u64),
    /// Nothing that follows is a head.
    Done,
}

impl Scan {
    /// Takes what was read. True when a head with two lengths has ended in it.
    fn feed(&mut self, mut bytes: &[u8]) -> bool {
        let mut two_lengths = false;
        while !bytes.is_empty() {
            match self.phase {
                Phase::Done => return two_lengths,
                Phase::Body(left) => {
                    let skipped = left.min(bytes.len() as u64);
                    bytes = &bytes[skipped as usize..];
                    self.phase = if skipped == left {
                        Phase::Head
                    } else {
                        Phase::Body(left - skipped)
                    };
                }
                Phase::Head => {
                    let Some(end) = memchr::memchr(b'\n', bytes) else {
                        self.keep(bytes);
                        return two_lengths;
                    };
                    two_lengths |= self.end_line(&bytes[..end]);
                    bytes = &bytes[end + 1..];
                }
            }
        }
        two_lengths
    }

    fn is_inside_head(&self) -> bool {
        self.phase == Phase::Head && (self.started || !self.line.is_empty())
    }

    fn keep(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() && self.line.len() < LINE_BYTES {
            let room = LINE_BYTES - self.line.len();
            let (kept, rest) = piece.split_at(room.min(piece.len()));
            self.line.extend_from_slice(kept);
            piece = rest;
            if let Some(value) = value_of(&self.line, CONTENT_LENGTH) {
                let padding = value.len() - without_padding(value).len();
                self.line
                    .drain(CONTENT_LENGTH.len()..CONTENT_LENGTH.len() + padding);
            }
        }
    }

    fn end_line(&mut self, piece: &[u8]) -> bool {
        if self.line.is_empty() {
            return self.take_line(piece);
        }
        self.keep(piece);
        let line = std::mem::take(&mut self.line);
        self.take_line(&line)
    }

    fn take_line(&mut self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            // Blank lines before a request are skipped (RFC 9112 section 2.2).
            return self.started && self.end_head();
        }
        if !self.started {
            self.started = true;
        } else if let Some(value) = value_of(line, CONTENT_LENGTH) {
            self.has_length = true;
            self.content_length = length(value);
        } else if value_of(line, TRANSFER_ENCODING).is_some() {
            self.transfer_encoding = true;
        }
        false
    }

    fn end_head(&mut self) -> bool {
        let two_lengths = self.transfer_encoding && self.has_length;
        self.phase = match self.content_length {
            _ if self.transfer_encoding => Phase::Done,
            // hyper refuses it.
            None if self.has_length => Phase::Done,
            None | Some(0) => Phase::Head,
            Some(length) => Phase::Body(length),
        };
        self.started = false;
        self.has_length = false;
        self.content_length = None;
        two_lengths
    }
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(value)
}

/// Without the spaces and zeros in front, which a length can have any number of.
fn without_padding(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'0', rest @ ..] = value {
        value = rest;
    }
    value
}

/// `None` when it is none.
fn length(value: &[u8]) -> Option<u64> {
    let digits = without_padding(value).trim_ascii_end();
    if digits.is_empty() {
        return Some(0);
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `text` whole and byte by byte, which must not differ.
    fn scan(text: &str) -> (bool, bool) {
        let (mut whole, mut bytewise) = (Scan::default(), Scan::default());
        let at_once = whole.feed(text.as_bytes());
        let in_pieces = text
            .as_bytes()
            .chunks(1)
            .fold(false, |seen, byte| bytewise.feed(byte) | seen);
        assert_eq!(
            (at_once, whole.is_inside_head()),
            (in_pieces, bytewise.is_inside_head()),
            "{text:?}"
        );
        (at_once, whole.is_inside_head())
    }

    #[test]
    fn two_lengths_are_seen_in_either_order() {
        assert!(
            scan("POST / HTTP/1.1\r\nContent-Length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n").0
        );
        assert!(scan("POST / HTTP/1.1\r\nTRANSFER-ENCODING:chunked\r\nContent-Length:3\r\n\r\n").0);
        assert!(
            scan("\r\nGET / HTTP/1.1\nContent-Length: 0\nTransfer-Encoding: chunked\n\n").0,
            "bare line feeds"
        );
    }

    #[test]
    fn a_padded_length_is_a_length() {
        for padding in [
            " ".repeat(200),
            "0".repeat(200),
            " \t".repeat(100) + &"0".repeat(100),
        ] {
            let two =
                format!("POST / HTTP/1.1\r\nContent-Length:{padding}5\r\nTransfer-Encoding: chunked\r\n\r\n");
            assert!(scan(&two).0, "{two:?}");
            let one = format!("POST / HTTP/1.1\r\nContent-Length:{padding}5\r\n\r\n12345");
            assert_eq!(scan(&one), (false, false), "{one:?}");
            assert_eq!(scan(&(one + "GET / HT")), (false, true), "the next head");
        }
    }

    #[test]
    fn a_length_that_is_none_counts_all_the_same() {
        for wrong in ["x", "-1", "99999999999999999999999", "1, 1"] {
            let text =
                format!("POST / HTTP/1.1\r\nContent-Length: {wrong}\r\nTransfer-Encoding: chunked\r\n\r\n");
            assert!(scan(&text).0, "{wrong}");
        }
    }

    #[test]
    fn one_length_is_fine_and_bodies_are_not_heads() {
        assert!(!scan("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nContent-Length: 3\r\n\r\n").0);
        let body = "X\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n";
        let upload = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(scan(&upload), (false, false));
    }

    #[test]
    fn the_second_request_of_a_connection_is_watched_too() {
        let first = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345";
        assert!(
            scan(&format!(
                "{first}POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            ))
            .0
        );
    }

    #[test]
    fn a_half_read_head_is_told_from_an_idle_connection() {
        assert!(scan("GET / HT").1);
        assert!(scan("GET / HTTP/1.1\r\nHost: a\r\n").1);
        assert!(!scan("GET / HTTP/1.1\r\nHost: a\r\n\r\n").1);
        assert!(
            !scan("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12").1,
            "a slow body is not a slow head"
        );
    }

    #[test]
    fn long_lines_in_pieces_stay_small() {
        let mut scan = Scan::default();
        scan.feed(b"GET / HTTP/1.1\r\nCookie: ");
        for _ in 0..1000 {
            scan.feed(&[b'a'; 100]);
        }
        assert!(scan.line.len() <= LINE_BYTES);
    }
}
