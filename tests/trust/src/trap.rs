//! A server of the thief's: it serves a stolen or forged chain, and sees from its side who fell for it.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, Stream};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nin";

/// What one connection was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A request came, so the client trusted the chain.
    Trusted,
    /// None came; how the client took its leave.
    Refused(String),
}

/// The server; gone with the test's process.
pub struct Trap {
    config: Arc<ServerConfig>,
    address: SocketAddr,
    seen: Receiver<Seen>,
}

impl Trap {
    /// Listens on `place`, whatever name leads there.
    pub fn set(place: IpAddr, chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Trap {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = provider.key_provider.load_private_key(key).expect("a key");
        let resolver = Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key)));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        Trap::listening(place, Arc::new(config))
    }

    /// The same on a port of its own: for one client alone, since a browser's second connection may come when the next client
    /// is due.
    pub fn another(&self) -> Trap {
        Trap::listening(self.address.ip(), Arc::clone(&self.config))
    }

    fn listening(place: IpAddr, config: Arc<ServerConfig>) -> Trap {
        let listener = TcpListener::bind((place, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, seen) = channel();
        let served = Arc::clone(&config);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, sender) = (Arc::clone(&served), sender.clone());
                thread::spawn(move || serve(stream, config, &sender));
            }
        });
        Trap {
            config,
            address,
            seen,
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What the next connection turns out to be.
    ///
    /// # Panics
    /// When none ends within `limit`.
    pub fn next(&self, limit: Duration) -> Seen {
        match self.seen.recv_timeout(limit) {
            Ok(seen) => seen,
            Err(RecvTimeoutError::Timeout) => panic!("nobody came within {limit:?}"),
            Err(RecvTimeoutError::Disconnected) => unreachable!("the listening thread holds a sender"),
        }
    }
}

fn serve(mut tcp: TcpStream, config: Arc<ServerConfig>, sender: &Sender<Seen>) {
    tcp.set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a limit");
    let mut connection = ServerConnection::new(config).expect("a connection");
    let mut tls = Stream::new(&mut connection, &mut tcp);
    let seen = match tls.read(&mut [0; 4096]) {
        Ok(1..) => {
            // Whoever trusted it gets an answer, so that no other failure looks like a refusal.
            let _ = tls.write_all(ANSWER).and_then(|()| tls.flush());
            tls.conn.send_close_notify();
            let _ = tls.flush();
            Seen::Trusted
        }
        Ok(_) => Seen::Refused("closed".to_owned()),
        Err(error) => Seen::Refused(error.to_string()),
    };
    // The test may have seen enough.
    let _ = sender.send(seen);
}
