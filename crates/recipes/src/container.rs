//! The door in a container: what holds in the image that the Containerfile builds, and the settings for it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use doorcode_settings::trusted_proxy::PublicUrl;
use doorcode_settings::{Editor, Gateway, Program, Settings, Tls};

/// The image, as the Containerfile's first lines have it built.
pub(crate) const IMAGE: &str = concat!("doorcode:", env!("CARGO_PKG_VERSION"));
/// Where the image looks for its settings.
pub(crate) const SETTINGS_FILE: &str = "/etc/doorcode/settings.toml";
/// The home of the user in the image; all that must survive is in it.
pub(crate) const HOME: &str = "/home/coder";
/// What belongs to one run: sockets, and in Kubernetes the key.
pub(crate) const RUN: &str = "/run/doorcode";
/// The user and the group in the image.
pub(crate) const USER: u32 = 1000;
/// The port that the door listens on, within the container's network.
pub(crate) const PORT: u16 = 8443;
/// The code-server in the image.
const PROGRAM: &str = "/opt/doorcode/code-server/current/app/node_modules/code-server/out/node/entry.js";

/// The addresses in the Compose stack's network, of which nobody else has one.
pub(crate) const SUBNET: &str = "172.30.77.0/28";
pub(crate) const PROXY: Ipv4Addr = Ipv4Addr::new(172, 30, 77, 2);
pub(crate) const DOOR: Ipv4Addr = Ipv4Addr::new(172, 30, 77, 3);

/// The certificate that the door shows in Kubernetes, and its key.
pub(crate) const CERTIFICATE: [&str; 2] = ["/run/doorcode/tls.crt", "/run/doorcode/tls.key"];

/// `settings` as they hold in the Compose stack: plain http on a network of two, for a proxy that signs what it says.
pub(crate) fn in_compose(settings: &Settings, public_url: Option<&PublicUrl>) -> Settings {
    let mut within = settings_within(settings, public_url, DOOR.into());
    within.tls = Tls::Off;
    within.auth.trusted_proxy_keys.proxies = vec![IpAddr::from(PROXY).into()];
    within
}

/// `settings` as they hold in Kubernetes: TLS, on whatever address the pod has. Where the proxy's pods are, nobody here knows.
pub(crate) fn in_kubernetes(settings: &Settings, public_url: Option<&PublicUrl>) -> Settings {
    let mut within = settings_within(settings, public_url, Ipv4Addr::UNSPECIFIED.into());
    let [cert, key] = CERTIFICATE.map(PathBuf::from);
    within.tls = Tls::Custom { cert, key };
    within.auth.trusted_proxy_keys.proxies = Vec::new();
    within
}

/// What is the person's own (limits, ports, users) is kept; where things are is the image's.
fn settings_within(settings: &Settings, public_url: Option<&PublicUrl>, ip: IpAddr) -> Settings {
    let default = Settings::default();
    Settings {
        editor: Editor {
            folder: PathBuf::from(HOME),
            program: Program::Path(PathBuf::from(PROGRAM)),
            args: Vec::new(),
        },
        gateway: Gateway {
            listen: vec![SocketAddr::new(ip, PORT).into()],
            hosts: public_url.map_or(default.gateway.hosts, |url| vec![url.host().clone()]),
        },
        desktop: default.desktop,
        notifications: default.notifications,
        ..settings.clone()
    }
}

/// `text` as a block of a YAML file at `indent`.
pub(crate) fn block(text: &str, indent: &str) -> String {
    let line = |line: &str| match line {
        "" => "\n".to_owned(),
        _ => format!("{indent}{line}\n"),
    };
    text.lines().map(line).collect()
}
