//! Each recipe, in the shapes that settings give it, is as it was. After a change that is meant:
//! `DOORCODE_UPDATE_SNAPSHOTS=1 cargo test -p doorcode-recipes`, and read the difference.

mod support;

use std::path::Path;

use doorcode_recipes::{Format, Options, Recipe};
use support::{options, settings, written};

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
fn proxies_that_ask_an_auth_service() {
    for (shape, text) in [("loopback", LOOPBACK), ("socket", SOCKET), ("mutual", MUTUAL)] {
        for (which, ending) in [(Recipe::Nginx, "conf"), (Recipe::Caddy, "caddy")] {
            compare(
                &format!("{}-{shape}.{ending}", which.as_str()),
                which,
                text,
                &options(),
            );
        }
    }
    for (shape, text) in [("loopback", LOOPBACK), ("mutual", MUTUAL)] {
        compare(
            &format!("traefik-{shape}.yaml"),
            Recipe::Traefik,
            text,
            &options(),
        );
        let labels = Options {
            format: Format::Labels,
            ..options()
        };
        compare(
            &format!("traefik-labels-{shape}.yaml"),
            Recipe::Traefik,
            text,
            &labels,
        );
    }
}

#[test]
fn pomerium() {
    for (shape, text) in [("loopback", LOOPBACK), ("mutual", MUTUAL)] {
        for which in [Recipe::PomeriumCore, Recipe::PomeriumZero] {
            compare(
                &format!("{}-{shape}.yaml", which.as_str()),
                which,
                text,
                &options(),
            );
        }
    }
}

#[test]
fn tailscale() {
    compare("tailscale-loopback.sh", Recipe::Tailscale, LOOPBACK, &options());
    compare("tailscale-socket.sh", Recipe::Tailscale, SOCKET, &options());
}

#[test]
fn containers() {
    compare("compose.yaml", Recipe::Compose, LOOPBACK, &options());
    let pods = Options {
        proxies: vec!["10.244.0.0/16".parse().expect("a range")],
        ..options()
    };
    compare("kubernetes.yaml", Recipe::Kubernetes, LOOPBACK, &pods);
}

/// Somebody who has set nothing yet, and says on the command line what cannot be known.
#[test]
fn first_contact() {
    let said = Options {
        public_url: Some("https://code.example.com".parse().expect("an address")),
        allow_users: vec!["ada@example.com".to_owned()],
        ..options()
    };
    compare("first-contact-caddy.caddy", Recipe::Caddy, "", &said);
    compare(
        "first-contact-pomerium-core.yaml",
        Recipe::PomeriumCore,
        "",
        &said,
    );
}

fn compare(name: &str, which: Recipe, text: &str, options: &Options) {
    snapshot(name, &written(which, &settings(text), options).text);
}

/// Compares with `tests/snapshots/<name>`; writes it anew when `DOORCODE_UPDATE_SNAPSHOTS` is set.
fn snapshot(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(name);
    if std::env::var_os("DOORCODE_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, text).expect("the snapshots can be written");
        return;
    }
    let expected =
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    for (number, (is, was)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(is, was, "{name}:{}", number + 1);
    }
    assert_eq!(text, expected, "{name}");
}
