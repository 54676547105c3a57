//! Each recipe, in the shapes that settings give it, is as it was. After a change that is meant:
//! `DOORCODE_UPDATE_SNAPSHOTS=1 cargo test -p doorcode-recipes`, and read the difference.

mod support;

use doorcode_recipes::Recipe;
use support::{options, recipe, settings, snapshot};

/// A door on loopback with a certificate of its own, and a secret as proof.
const LOOPBACK: &str = r#"
[gateway]
listen = ["127.0.0.1:8443"]
hosts = ["localhost", "code.example.com"]
[auth]
mode = "trusted-proxy"
[auth.trusted_proxy]
preset = "oauth2-proxy"
public_url = "https://code.example.com"
proxies = ["127.0.0.1"]
allow_users = ["ada@example.com", "grace@example.com"]
proof = { header = "x-doorcode-proof", secret_file = "/home/ada/.local/share/doorcode/proxy-secret" }
"#;

/// A door on a unix socket, in plain http.
const SOCKET: &str = r#"
[gateway]
listen = ["unix:/run/user/1000/doorcode/door.sock"]
[tls]
mode = "off"
[auth]
mode = "trusted-proxy"
[auth.trusted_proxy]
preset = "oauth2-proxy"
public_url = "https://code.example.com:9443"
allow_users = ["*"]
proof = "unix-socket"
"#;

/// A door on another machine with a certificate of a real authority, which asks the proxy for one.
const MUTUAL: &str = r#"
[gateway]
listen = ["10.0.0.7:8443"]
hosts = ["code.example.com"]
[tls]
mode = "custom"
cert = "/etc/ssl/door.pem"
key = "/etc/ssl/door-key.pem"
[auth]
mode = "trusted-proxy"
[auth.trusted_proxy]
preset = "oauth2-proxy"
public_url = "https://code.example.com"
proxies = ["10.0.0.1"]
allow_users = ["ada@example.com"]
proof = "mtls"
client_ca = "/etc/doorcode/proxies.pem"
websocket_hours = 8
"#;

#[test]
fn nginx_and_caddy() {
    for (shape, text) in [("loopback", LOOPBACK), ("socket", SOCKET), ("mutual", MUTUAL)] {
        for (which, ending) in [(Recipe::Nginx, "conf"), (Recipe::Caddy, "caddy")] {
            let written = recipe(which, &settings(text), &options()).expect(shape);
            snapshot(&format!("{}-{shape}.{ending}", which.as_str()), &written.text);
        }
    }
}
