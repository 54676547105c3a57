//! Everything that the data directory holds is stolen from somebody whose clients trust the root: with it the thief is nobody
//! else.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use doorcode_tests::in_namespace;
use doorcode_trust_tests::{Client, Forgery, Seen, Thief, Trap, World};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};
use rustls_pki_types::{CertificateDer, ServerName};

const LIMIT: Duration = Duration::from_secs(60);
/// Who the thief would like to be, and where that is in the test's namespace.
const VICTIMS: [(&str, &str); 2] = [("bank.example.com", "127.0.0.1"), ("10.9.8.7", "10.9.8.7")];
const BY_THE_SYSTEMS_STORE: [Client; 3] = [Client::Curl, Client::OpenSsl, Client::GnuTls];

#[test]
fn what_the_data_directory_holds_makes_nobody_else_of_the_thief() {
    if !in_namespace("what_the_data_directory_holds_makes_nobody_else_of_the_thief") {
        return;
    }
    let hosts = ["localhost", "192.168.77.10"];
    let world = World::new(&hosts);
    let profile = world.firefox_profile();
    for host in hosts {
        let stores = world.stores("install", host);
        assert!(
            stores.len() == 3 && stores.iter().all(|(_, state, _)| state == "trusted"),
            "{stores:?}"
        );
    }
    let attack = Attack { world, profile };
    for host in hosts {
        let thief = Thief::of(&attack.world.door, host);
        let (chain, key) = thief.pair();
        // Or the refusals would mean nothing: the same server, with the door's own pair and name, is believed.
        let place = if host == "localhost" { "127.0.0.1" } else { host };
        let own = Trap::set(address(place), chain, key);
        for (client, seen) in attack.on(&own, host, &thief.root()) {
            assert_eq!(seen, Seen::Trusted, "{client} at {host} itself");
        }
        for forgery in Forgery::ALL {
            for (name, place) in VICTIMS {
                let (chain, key) = thief.forge(forgery, name);
                let trap = Trap::set(address(place), chain, key);
                for (client, seen) in attack.on(&trap, name, &thief.root()) {
                    assert!(
                        matches!(seen, Seen::Refused(_)),
                        "{client} takes {name} from the thief of {host}: {forgery:?}"
                    );
                }
            }
        }
    }
}

struct Attack {
    world: World,
    profile: std::path::PathBuf,
}

impl Attack {
    /// What the trap sees of each client that goes to `name`.
    fn on(&self, trap: &Trap, name: &str, root: &CertificateDer<'static>) -> Vec<(String, Seen)> {
        let url = |trap: &Trap| format!("https://{name}:{}/", trap.port());
        let mut seen = Vec::new();
        for client in BY_THE_SYSTEMS_STORE {
            let verdict = client.open(&self.world, &url(trap));
            let what = if verdict.accepted {
                Seen::Trusted
            } else {
                Seen::Refused(verdict.output)
            };
            seen.push((format!("{client:?}"), what));
        }
        let fresh = tempfile::tempdir().expect("a temporary folder");
        let [for_chromium, for_firefox, for_rustls] = [trap.another(), trap.another(), trap.another()];
        let chromium = Client::chromium(&self.world, fresh.path(), &url(&for_chromium));
        let firefox = Client::firefox(&self.world, &self.profile, &url(&for_firefox));
        for (client, trap, mut command) in [
            ("Chromium", for_chromium, chromium),
            ("Firefox", for_firefox, firefox),
        ] {
            let mut child = command.spawn().expect("it is installed");
            seen.push((client.to_owned(), trap.next(LIMIT)));
            child.kill().expect("a child of ours");
            child.wait().expect("a child of ours");
        }
        rustls(&for_rustls, name, root);
        seen.push(("rustls".to_owned(), for_rustls.next(LIMIT)));
        seen
    }
}

/// One byte to `name`, whose only anchor is `root`.
fn rustls(trap: &Trap, name: &str, root: &CertificateDer<'static>) {
    let mut anchors = RootCertStore::empty();
    anchors.add(root.clone()).expect("an anchor");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(anchors)
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).expect("a name");
    let mut connection = ClientConnection::new(Arc::new(config), server).expect("a connection");
    let mut tcp = std::net::TcpStream::connect((name, trap.port())).expect("the trap listens");
    // Refusing is an error here; the trap sees it.
    let _ = std::io::Write::write_all(&mut Stream::new(&mut connection, &mut tcp), b"G");
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}
