//! A window of the editor, as far as code-server's server can tell: a WebSocket of VS Code's remote protocol on which an
//! extension host is asked for. No browser is needed for that.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::Door;

/// One that is open; dropping it is a browser that is killed.
#[derive(Debug)]
pub struct Window {
    tls: Child,
    received: Receiver<u8>,
}

/// What every answer may take: the first one loads a good part of VS Code.
const PATIENCE: Duration = Duration::from_secs(30);

/// Types of messages (VS Code, `ipc.net.ts`, `ProtocolMessageType`).
const CONTROL: u8 = 2;
const PAUSE: u8 = 7;

impl Window {
    /// Opens a window of `door`, which asks for no sign-in; one with the same `token` was there before when it comes `again`.
    ///
    /// # Panics
    /// When code-server refuses it.
    pub fn open(door: &Door, token: &str, again: bool) -> Window {
        Window::open_as(door, "none=", token, again)
    }

    /// The same, of somebody who is signed in by `cookie`.
    ///
    /// # Panics
    /// When the door or code-server refuses it.
    pub fn open_as(door: &Door, cookie: &str, token: &str, again: bool) -> Window {
        let commit = commit(door, cookie);
        let mut window = Window::connect(door);
        let authority = format!("localhost:{}", door.port());
        // Without WebSocket frames what follows the 101 is the protocol itself.
        let head = format!(
            "GET /stable-{commit}?reconnectionToken={token}&reconnection={again}&skipWebSocketFrames=true HTTP/1.1\r\n\
             Host: {authority}\r\nOrigin: https://{authority}\r\nUser-Agent: curl/8.5\r\nCookie: {cookie}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        window.send(head.as_bytes());
        let head = window.read_head();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        window.send_control(r#"{"type":"auth","auth":"00000000000000000000","data":"a challenge"}"#);
        let answer = window.read_control();
        assert!(answer.contains(r#""type":"sign""#), "{answer}");
        window.send_control(&format!(
            r#"{{"type":"connectionType","commit":"{commit}","signedData":"","desiredConnectionType":2,"args":{{"language":"en"}}}}"#
        ));
        let answer = window.read_control();
        assert_eq!(answer, "{}", "an extension host was asked for");
        window
    }

    fn connect(door: &Door) -> Window {
        let mut tls = Command::new("openssl")
            .args([
                "s_client",
                "-quiet",
                "-alpn",
                "http/1.1",
                "-servername",
                "localhost",
                "-connect",
            ])
            .arg(format!("127.0.0.1:{}", door.port()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        let mut stdout = tls.stdout.take().expect("piped");
        let (sender, received) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                if bytes[..count].iter().any(|byte| sender.send(*byte).is_err()) {
                    return;
                }
            }
        });
        Window { tls, received }
    }

    fn send(&mut self, bytes: &[u8]) {
        let stdin = self.tls.stdin.as_mut().expect("piped");
        stdin
            .write_all(bytes)
            .and_then(|()| stdin.flush())
            .expect("the connection is open");
    }

    fn send_control(&mut self, json: &str) {
        let mut message = vec![CONTROL];
        message.extend([0; 8]);
        message.extend(u32::try_from(json.len()).expect("short").to_be_bytes());
        message.extend(json.as_bytes());
        self.send(&message);
    }

    fn read_head(&self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte());
        }
        String::from_utf8(head).expect("a head is text")
    }

    /// The next control message; whether writing is paused is none of a test's business.
    fn read_control(&self) -> String {
        loop {
            let header: Vec<u8> = (0..13).map(|_| self.byte()).collect();
            let length = u32::from_be_bytes([header[9], header[10], header[11], header[12]]);
            let payload: Vec<u8> = (0..length).map(|_| self.byte()).collect();
            match header[0] {
                CONTROL => return String::from_utf8(payload).expect("JSON is text"),
                PAUSE => {}
                other => panic!("a message of type {other}"),
            }
        }
    }

    fn byte(&self) -> u8 {
        self.received.recv_timeout(PATIENCE).expect("an answer in time")
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.tls.kill();
        let _ = self.tls.wait();
    }
}

/// The commit in the addresses of the editor's own files.
fn commit(door: &Door, cookie: &str) -> String {
    let page = crate::curl(door, &[&door.url("/"), "--location", "--cookie", cookie]).body;
    let (_, rest) = page
        .split_once("\"stable-")
        .expect("the editor's page names its files");
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}
