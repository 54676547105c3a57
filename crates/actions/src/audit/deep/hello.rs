//! Greetings that a door must not return: old versions of TLS, HTTP/2 without encryption.

use doorcode_audit::{Attack, Attempt, Outcome};

use super::answer::Trouble;
use super::wire::Door;

const HANDSHAKE: u8 = 0x16;
const ALERT: u8 = 0x15;
const SERVER_HELLO: u8 = 2;

/// Begins TLS 1.0 and TLS 1.1; no library speaks them any more.
pub(super) async fn attempts(door: &Door) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (minor, sent) in [(1, "a TLS 1.0 handshake"), (2, "a TLS 1.1 handshake")] {
        let judged = match door.say(&client_hello(minor, door.sni())).await {
            Ok(answer) => match (answer.first(), answer.get(5)) {
                (Some(&HANDSHAKE), Some(&SERVER_HELLO)) => ("a ServerHello".to_owned(), Outcome::GotThrough),
                (Some(&ALERT), _) => ("a TLS alert".to_owned(), Outcome::Refused),
                _ => ("something that is no TLS".to_owned(), Outcome::Unknown),
            },
            Err(trouble) => trouble.judged(),
        };
        attempts.push(door.attempt(Attack::OldTls, sent, judged));
    }
    attempts
}

/// The client's preface and an empty SETTINGS frame (RFC 9113 section 3.4), without encryption.
pub(super) async fn h2_preface(door: &Door) -> (&'static str, (String, Outcome)) {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    const SETTINGS: u8 = 4;
    let judged = match door.say(PREFACE).await {
        Ok(answer) if answer.starts_with(b"HTTP/1.") => ("an HTTP/1 answer".to_owned(), Outcome::Refused),
        Ok(answer) if answer.get(3) == Some(&SETTINGS) => ("HTTP/2 settings".to_owned(), Outcome::GotThrough),
        Ok(_) => ("neither HTTP/1 nor HTTP/2".to_owned(), Outcome::Refused),
        // A server that waits for more of what it takes for HTTP/1 does not speak HTTP/2: its settings come first.
        Err(trouble @ Trouble::Silent) => (trouble.to_string(), Outcome::Refused),
        Err(trouble) => trouble.judged(),
    };
    ("HTTP/2 without encryption", judged)
}

/// A ClientHello of TLS 1.`minor - 1` (RFC 2246 section 7.4.1.2) with suites that servers of its time have.
fn client_hello(minor: u8, name: Option<&str>) -> Vec<u8> {
    const SUITES: [u8; 12] = [
        0xc0, 0x14, 0xc0, 0x13, 0xc0, 0x0a, 0xc0, 0x09, 0x00, 0x35, 0x00, 0x2f,
    ];
    let mut extensions = Vec::new();
    if let Some(name) = name {
        let entry = [&[0][..], &sized(name.as_bytes())].concat();
        extensions.extend([&[0, 0][..], &sized(&sized(&entry))].concat());
    }
    // Curves P-256 and P-384, and points uncompressed (RFC 4492 section 5.1).
    extensions.extend([0, 10, 0, 6, 0, 4, 0, 23, 0, 24, 0, 11, 0, 2, 1, 0]);
    let body = [
        &[3, minor][..],
        &[7; 32],
        &[0],
        &sized(&SUITES),
        &[1, 0],
        &sized(&extensions),
    ]
    .concat();
    let handshake = [&[1, 0][..], &sized(&body)].concat();
    [&[HANDSHAKE, 3, 1][..], &sized(&handshake)].concat()
}

/// With its length in two bytes before it.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a greeting is short");
    [&length.to_be_bytes()[..], bytes].concat()
}
