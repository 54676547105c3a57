//! Other people's clients, as a person runs them: whether they take what an address serves.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::world::{World, finish};

/// A busy machine takes its time.
const LIMIT: Duration = Duration::from_secs(60);

/// Loads the page in a window that nobody sees, and says how that went.
const WEBKIT: &str = r#"
import os, sys, gi
gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2
Gtk.init(None)
view = WebKit2.WebView.new_with_context(WebKit2.WebContext.new_ephemeral())
def end(word):
    print(word, flush=True)
    # At once: a page that was refused is "finished" a moment later.
    os._exit(0)
def failed(view, event, uri, error):
    end("failed: " + error.message)
    return True
def refused(view, uri, certificate, errors):
    end("refused: " + str(int(errors)))
    return True
def changed(view, event):
    if event == WebKit2.LoadEvent.FINISHED:
        end("taken")
view.connect("load-failed", failed)
view.connect("load-failed-with-tls-errors", refused)
view.connect("load-changed", changed)
window = Gtk.OffscreenWindow()
window.add(view)
window.show_all()
view.load_uri(sys.argv[1])
Gtk.main()
"#;

const PYTHON: &str = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=30).read()";
const NODE: &str = "require('node:https').get(process.argv[1], (answer) => answer.resume()).on('error', (error) => { throw error; });";

/// What a client thought.
#[derive(Debug)]
pub struct Verdict {
    /// It took the certificate.
    pub accepted: bool,
    /// All that it printed.
    pub output: String,
}

/// A client that asks the system's store, or its own database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the clients' own names")]
pub enum Client {
    Curl,
    OpenSsl,
    GnuTls,
    Python,
    Node,
    WebKitGtk,
}

impl Client {
    /// All that ask the system's store.
    pub const OF_THE_SYSTEM: [Client; 6] = [
        Client::Curl,
        Client::OpenSsl,
        Client::GnuTls,
        Client::Python,
        Client::Node,
        Client::WebKitGtk,
    ];

    /// Has it open `url`.
    pub fn open(self, world: &World, url: &str) -> Verdict {
        let (success, output) = finish(self.command(world, url), LIMIT);
        let accepted = match self {
            // It ends with 0 whatever it thinks.
            Client::WebKitGtk => output.lines().any(|line| line == "taken"),
            _ => success,
        };
        Verdict { accepted, output }
    }

    fn command(self, world: &World, url: &str) -> Command {
        let (host, port) = authority(url);
        let address = if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        let is_address = host.parse::<std::net::IpAddr>().is_ok();
        match self {
            Client::Curl => {
                let mut command = world.command("curl");
                command.args(["--silent", "--show-error", "--output", "/dev/null", url]);
                command
            }
            Client::OpenSsl => {
                let mut command = world.command("openssl");
                command.args(["s_client", "-connect", &address, "-verify_return_error"]);
                if is_address {
                    command.args(["-verify_ip", host]);
                } else {
                    command.args(["-verify_hostname", host, "-servername", host]);
                }
                command
            }
            Client::GnuTls => {
                let mut command = world.command("gnutls-cli");
                command.args(["--port", port, host]);
                command
            }
            Client::Python => {
                // The distribution's own, which asks the system's store; not one that somebody compiled.
                let mut command = world.command("/usr/bin/python3");
                command.args(["-c", PYTHON, url]);
                command
            }
            Client::Node => {
                let mut command = world.command("node");
                command.args(["--use-openssl-ca", "-e", NODE, url]);
                // Node brings an OpenSSL with a folder of its own.
                command.env("SSL_CERT_DIR", "/etc/ssl/certs");
                command
            }
            Client::WebKitGtk => {
                let mut command = world.command("xvfb-run");
                command.args(["--auto-servernum", "/usr/bin/python3", "-c", WEBKIT, url]);
                command
            }
        }
    }
}

impl Client {
    /// Chromium with the person's database and settings in `profile`.
    pub fn chromium(world: &World, profile: &Path, url: &str) -> Command {
        let mut command = world.command("chromium");
        command.args([
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-proxy-server",
            "--no-sandbox",
        ]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        command.args(["--dump-dom", url]);
        command
    }

    /// Firefox with `profile` and the database in it.
    pub fn firefox(world: &World, profile: &Path, url: &str) -> Command {
        let mut command = world.command("firefox");
        command
            .args(["--headless", "--no-remote", "--profile"])
            .arg(profile);
        command.arg("--screenshot").arg(profile.join("page.png")).arg(url);
        command
    }
}

/// Host, without brackets, and port of `https://HOST:PORT/…`.
fn authority(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("https://").expect("an https address");
    let authority = rest.split('/').next().expect("a first part");
    let (host, port) = authority.rsplit_once(':').expect("a port");
    (host.trim_matches(['[', ']']), port)
}
