//! Questions to the editor over its socket, from a thread that may wait.
//!
//! The live diagnosis asks every few seconds, for as long as the program runs. A thread that sleeps and asks wakes up twice
//! for that, once after its sleep and once for the answers; on an asynchronous runtime it would be six times.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use http::StatusCode;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::dial::{Failed, no_answer};

/// As much of an answer as is read.
const BYTES: usize = 16 << 10;
/// Headers that an answer may have.
const HEADERS: usize = 64;
/// Even when its time is up, an answer that is there already is read.
const LEAST: Duration = Duration::from_millis(1);

/// A question on its way.
pub(crate) struct Asked {
    stream: UnixStream,
    began: Instant,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    /// The beginning of the body; empty where the protocol was switched.
    pub(crate) text: String,
}

/// Connects without waiting for a place in the listener's queue. That it is full is an error of the kind `WouldBlock`.
pub(crate) fn connect(socket: &Path) -> std::io::Result<UnixStream> {
    let stream = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    stream.set_nonblocking(true)?;
    stream.connect(&SockAddr::unix(socket)?)?;
    stream.set_nonblocking(false)?;
    Ok(std::os::fd::OwnedFd::from(stream).into())
}

impl Asked {
    /// Asks for `path`, with these lines of header beside the usual ones; each ends with CR LF.
    pub(crate) fn ask(socket: &Path, path: &str, headers: &str) -> Result<Asked, Failed> {
        let began = Instant::now();
        let asked = || {
            let mut stream = connect(socket)?;
            let question = format!(
                "GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: doorcode-health\r\n{headers}\r\n"
            );
            // It is short enough for the socket's buffer, so this does not wait either.
            stream.write_all(question.as_bytes())?;
            Ok(stream)
        };
        let stream = asked().map_err(|error: std::io::Error| match error.kind() {
            ErrorKind::WouldBlock => "it takes no more connections".to_owned(),
            _ => error.to_string(),
        })?;
        Ok(Asked { stream, began })
    }

    /// The answer, if it comes within `limit` of the question. The connection ends with it.
    pub(crate) fn answer(mut self, limit: Duration) -> Result<Answered, Failed> {
        let mut seen = Vec::new();
        let mut buffer = [0_u8; 2048];
        loop {
            let left = limit.saturating_sub(self.began.elapsed()).max(LEAST);
            if !self.is_readable_within(left).map_err(|error| error.to_string())? {
                return Err(no_answer(limit));
            }
            let count = self.stream.read(&mut buffer).map_err(|error| error.to_string())?;
            seen.extend_from_slice(&buffer[..count]);
            let ended = count == 0 || seen.len() >= BYTES;
            if let Some(answered) = read_answer(&seen, ended)? {
                return Ok(answered);
            }
            if ended {
                return Err("it hung up before it had answered".to_owned());
            }
            if self.began.elapsed() >= limit {
                return Err(no_answer(limit));
            }
        }
    }

    /// Polls, because a read that waits is also woken up when the other side has taken the question.
    fn is_readable_within(&self, time: Duration) -> nix::Result<bool> {
        let mut polled = [PollFd::new(self.stream.as_fd(), PollFlags::POLLIN)];
        match poll(
            &mut polled,
            PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX),
        ) {
            Err(Errno::EINTR) => self.is_readable_within(time),
            polled => Ok(polled? > 0),
        }
    }
}

/// The answer in `seen`, when all of it is there; what is there of it when nothing more will come.
fn read_answer(seen: &[u8], ended: bool) -> Result<Option<Answered>, Failed> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let Ok(parsed) = head.parse(seen) else {
        return Err("what it answers is no HTTP".to_owned());
    };
    let httparse::Status::Complete(length) = parsed else {
        return Ok(None);
    };
    let status = head.code.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or("what it answers is no HTTP")?;
    let body = &seen[length..];
    let promised = head.headers.iter().find_map(|header| {
        let is_length = header.name.eq_ignore_ascii_case("content-length");
        is_length.then(|| std::str::from_utf8(header.value).ok()?.trim().parse().ok())?
    });
    let switched = status == StatusCode::SWITCHING_PROTOCOLS;
    let whole = switched || ended || promised.is_some_and(|promised: usize| body.len() >= promised);
    Ok(whole.then(|| Answered {
        status,
        text: match switched {
            true => String::new(),
            false => String::from_utf8_lossy(body).into_owned(),
        },
    }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    const SHORT: Duration = Duration::from_millis(60);

    /// Asks a listener that sends these pieces, and leaves the connection open where it is told to.
    fn answer(pieces: &'static [&'static str], holds: bool) -> Result<Answered, Failed> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).expect("bound");
        let asked = Asked::ask(&path, "/healthz", "connection: close\r\n").expect("asked");
        let (mut stream, _) = listener.accept().expect("accepted");
        let server = std::thread::spawn(move || {
            // What is left unread when a connection ends would be answered by a reset.
            let _ = stream.read(&mut [0; 1024]).expect("the question");
            for piece in pieces {
                stream.write_all(piece.as_bytes()).expect("sent");
            }
            holds.then_some(stream)
        });
        let held = server.join().expect("no panic");
        let answer = asked.answer(SHORT);
        drop(held);
        answer
    }

    fn ok(text: &str) -> Answered {
        Answered {
            status: StatusCode::OK,
            text: text.to_owned(),
        }
    }

    #[test]
    fn an_answer_is_over_with_its_length_or_with_the_connection() {
        let whole = answer(&["HTTP/1.1 200 OK\r\nContent-Len", "gth: 2\r\n\r\n{", "}"], true);
        assert_eq!(whole, Ok(ok("{}")));
        assert_eq!(
            answer(&["HTTP/1.1 200 OK\r\n\r\nhe", "re"], false),
            Ok(ok("here"))
        );
        let switched = answer(&["HTTP/1.1 101 Switching Protocols\r\n\r\n\u{1}"], true);
        assert_eq!(switched.map(|answered| answered.text), Ok(String::new()));
    }

    #[test]
    fn silence_half_an_answer_and_none_at_all_are_told_apart() {
        assert_eq!(answer(&[], true), Err(no_answer(SHORT)));
        assert_eq!(
            answer(&["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"], true),
            Err(no_answer(SHORT))
        );
        assert_eq!(
            answer(&["HTTP/1.1 20"], false),
            Err("it hung up before it had answered".to_owned())
        );
        assert_eq!(
            answer(&["SSH-2.0-x\r\n"], true),
            Err("what it answers is no HTTP".to_owned())
        );
        let nowhere = Asked::ask(Path::new("/there/is/no/such/socket"), "/", "").err();
        assert!(nowhere.is_some_and(|error| error.contains("No such file")));
    }

    #[test]
    fn a_full_queue_is_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        let listener = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
        listener
            .bind(&SockAddr::unix(&path).expect("short"))
            .expect("bound");
        listener.listen(1).expect("listens");
        let mut asked = Vec::new();
        let full = loop {
            match Asked::ask(&path, "/", "") {
                Ok(one) if asked.len() < 16 => asked.push(one),
                Ok(_) => panic!("a queue of one took sixteen"),
                Err(full) => break full,
            }
        };
        assert_eq!(full, "it takes no more connections");
    }
}
