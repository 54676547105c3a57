//! Tailscale Serve: the tailnet is the sign-in, the daemon names the user.

use doorcode_settings::Problem;

use crate::door::{At, DoorTls};
use crate::page;
use crate::plan::Plan;
use crate::quote;

/// A shell script of one command.
pub(crate) fn write(plan: &Plan) -> Result<String, Problem> {
    let (target, why) = match (&plan.door.at, &plan.door.tls) {
        (At::Unix(_), DoorTls::OwnRoot { .. } | DoorTls::RealAuthority { .. }) => {
            return Err(Problem::new(
                "recipe_tls_over_socket",
                "Tailscale speaks plain http to a unix socket, and the door expects TLS there",
                "tls.mode = \"off\" (doorcode settings edit): the socket stays within this machine",
            ));
        }
        (At::Unix(path), DoorTls::Off) => (
            format!("unix:{path}"),
            "The socket is the proof: only tailscaled, which runs as root, and you can open it. Needs a Tailscale that knows\n\
             # unix: targets (`tailscale serve --help` names them).",
        ),
        (At::Tcp(address), DoorTls::Off) => (format!("http://{address}"), ADDRESS_ONLY),
        (At::Tcp(address), _) => (format!("https+insecure://{address}"), ADDRESS_ONLY),
    };
    let port = plan.proxy.public_url.port().unwrap_or(443);
    Ok(format!(
        r#"#!/bin/sh
# Tailscale Serve in front of Doorcode. Written by: doorcode recipe tailscale
# Run it once as root; tailscaled remembers it. It ends with: tailscale serve --https={port} off
{steps}
set -eu

# {why}
# Serve names the user in Tailscale-User-Login and takes that header off what a browser sends. Keep Funnel off: it lets in
# people without a name, and the door refuses each of their requests (Tailscale-Funnel-Request).
tailscale serve --bg --https={port} {target}
tailscale serve status
"#,
        steps = page::before(Some(format!(
            "HTTPS certificates and MagicDNS for the tailnet (admin console, DNS), and this machine's name there is {}.\n\
             Devices with a tag instead of a person have no login: the door refuses them.",
            plan.proxy.public_url.host()
        ))),
        target = quote::shell(&target),
    ))
}

/// What stands in the script when the address is all there is.
const ADDRESS_ONLY: &str = "Nothing proves to the door that it is Tailscale that connects: every user and program of this machine could\n\
                            # send such a header. Better: gateway.listen = [\"unix:/path\"], tls.mode = \"off\" and proof = \"unix-socket\".";
