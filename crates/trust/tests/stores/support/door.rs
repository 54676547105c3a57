//! A door on loopback that serves a host's certificate and one page.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use doorcode_certs::CertStore;
use doorcode_settings::HostName;
use rustls::crypto::aws_lc_rs;
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, Stream};

const PAGE: &str = "<!doctype html><title>A door</title><p>Come in.</p>";

pub(crate) struct Door {
    host: HostName,
    address: SocketAddr,
}

impl Door {
    /// Serves what `certs` has for `host`, on 127.0.0.1 or ::1, until the test ends.
    pub(crate) fn open(certs: &CertStore, host: &str) -> Door {
        let host: HostName = host.parse().expect("a host");
        let pair = certs.ensure(&host).expect("a certificate").pair;
        let key = pair.certified_key().expect("a key");
        Door::with_key(host, key)
    }

    fn with_key(host: HostName, key: Arc<CertifiedKey>) -> Door {
        let place = match &host {
            HostName::Ip(address) => *address,
            HostName::Dns(_) => [127, 0, 0, 1].into(),
        };
        let listener = TcpListener::bind((place, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let resolver: Arc<dyn ResolvesServerCert> = Arc::new(SingleCertAndKey::from(key));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        let config = Arc::new(config);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                thread::spawn(move || serve(stream, config));
            }
        });
        Door { host, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}:{}/", self.host.authority(), self.address.port())
    }
}

/// Answers whatever is asked; a client that refuses the certificate is none of its concern.
fn serve(mut tcp: TcpStream, config: Arc<ServerConfig>) {
    tcp.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    let mut connection = ServerConnection::new(config).expect("a connection");
    let mut tls = Stream::new(&mut connection, &mut tcp);
    let mut request = Vec::new();
    let mut chunk = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match tls.read(&mut chunk) {
            Ok(count @ 1..) => request.extend_from_slice(&chunk[..count]),
            _ => return,
        }
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        PAGE.len()
    );
    let _ = tls.write_all(format!("{head}{PAGE}").as_bytes());
    tls.conn.send_close_notify();
    let _ = tls.flush();
}
