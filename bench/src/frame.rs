//! The part of RFC 6455 that an echo needs: short, unfragmented messages.

use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::error::BenchError;

/// The example key of RFC 6455 §1.3. It proves nothing here, so it need not be new for each handshake.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// The answer to [`KEY`] (RFC 6455 §1.3).
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const FINAL_TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const MASKED: u8 = 0x80;
/// Lengths above this need a longer header (RFC 6455 §5.2), which none of our messages do.
const SHORT: usize = 125;
/// Any value will do against an upstream of our own (RFC 6455 §5.3 is about caches that do not know WebSockets).
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A text message as a client sends it, masked.
pub(crate) fn from_client(message: &[u8]) -> BytesMut {
    let mut frame = head(message, MASKED);
    frame.put_slice(&MASK);
    frame.extend(
        message
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    frame
}

/// A text message as a server sends it.
pub(crate) fn from_server(message: &[u8]) -> BytesMut {
    let mut frame = head(message, 0);
    frame.put_slice(message);
    frame
}

fn head(message: &[u8], masked: u8) -> BytesMut {
    assert!(message.len() <= SHORT, "the messages of this program are short");
    let mut frame = BytesMut::with_capacity(6 + message.len());
    frame.put_u8(FINAL_TEXT);
    frame.put_u8(message.len() as u8 | masked);
    frame
}

/// Messages over a connection that has left HTTP.
pub(crate) struct Messages<S> {
    stream: S,
    received: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Messages<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            received: BytesMut::with_capacity(4096),
        }
    }

    /// Sends a frame made by [`from_client`] or [`from_server`].
    pub(crate) async fn send(&mut self, frame: &[u8]) -> Result<(), BenchError> {
        let what = |e| BenchError::io("cannot send a WebSocket message", e);
        self.stream.write_all(frame).await.map_err(what)?;
        self.stream.flush().await.map_err(what)
    }

    /// The next message, unmasked; `None` when the other side has closed.
    pub(crate) async fn next(&mut self) -> Result<Option<BytesMut>, BenchError> {
        loop {
            if let Some((kind, message)) = take(&mut self.received)? {
                return Ok((kind != CLOSE).then_some(message));
            }
            let read = self.stream.read_buf(&mut self.received).await;
            if read.map_err(|e| BenchError::io("cannot receive a WebSocket message", e))? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Takes a frame's first byte and its message out of `received` once all of it is there.
fn take(received: &mut BytesMut) -> Result<Option<(u8, BytesMut)>, BenchError> {
    let [kind, second, ..] = received[..] else {
        return Ok(None);
    };
    let length = usize::from(second & !MASKED);
    if !matches!(kind, FINAL_TEXT | CLOSE) || length > SHORT {
        return Err(BenchError::Unexpected(format!(
            "a WebSocket frame of an unknown kind ({kind:#x}, {second:#x})"
        )));
    }
    let mask_length = if second & MASKED == 0 { 0 } else { MASK.len() };
    if received.len() < 2 + mask_length + length {
        return Ok(None);
    }
    received.advance(2);
    let mask = received.split_to(mask_length);
    let mut message = received.split_to(length);
    message
        .iter_mut()
        .zip(mask.iter().cycle())
        .for_each(|(byte, mask)| *byte ^= mask);
    Ok(Some((kind, message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_message_is_read_back_also_in_pieces() {
        let frame = from_client(b"hello");
        assert_ne!(&frame[6..], b"hello", "a client's message is masked");
        let mut received = BytesMut::from(&frame[..7]);
        assert!(take(&mut received).expect("a part is no error").is_none());
        received.extend_from_slice(&frame[7..]);
        received.extend_from_slice(&from_server(b"next"));
        let (_, message) = take(&mut received).expect("valid").expect("complete");
        assert_eq!(&message[..], b"hello");
        let (_, message) = take(&mut received).expect("valid").expect("complete");
        assert_eq!(&message[..], b"next");
        assert!(received.is_empty());
    }

    #[test]
    fn a_frame_that_is_not_ours_is_an_error() {
        let compressed = 0xc1;
        assert!(take(&mut BytesMut::from(&[compressed, 0x01, 0x00][..])).is_err());
        assert!(take(&mut BytesMut::from(&[FINAL_TEXT, 126, 0, 200][..])).is_err());
    }
}
