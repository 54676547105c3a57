//! Caddy: `forward_auth` asks an auth service about every request, WebSockets too.

use doorcode_settings::Problem;

use crate::door::{At, DoorTls};
use crate::page::{self, CLIENT, ROOT};
use crate::plan::Plan;
use crate::quote;

/// The file with the one line that adds the proof.
const PROOF: &str = "doorcode-proof.caddy";

/// A site for a Caddyfile, without global options, so that it can be imported into any.
pub(crate) fn write(plan: &Plan) -> Result<String, Problem> {
    let origin = plan.proxy.public_url.origin();
    let auth = &plan.auth_service;
    Ok(format!(
        r#"# Caddy in front of Doorcode; {auth} signs people in. Written by: doorcode recipe caddy
# Save as /etc/caddy/doorcode.caddy, add the line `import doorcode.caddy` to /etc/caddy/Caddyfile, then:
#   caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy
# For Caddy 2.6 and newer.
{steps}
{origin} {{
	# Caddy gets a certificate by itself where the host is reachable from the internet. Else name one of yours here:
	#   tls /path/to/certificate.pem /path/to/key.pem

	# In the order written: Caddy's own order would take the headers off after the sign-in has set them.
	route {{
		# Whatever a browser says about who it is. Must come first: Caddy before 2.11 copies nothing over it when the
		# answer has no such header (GHSA-7r4p-vjf4-gxv4).
{strip}
		# The auth service's own pages: sign-in, the way back from the provider, sign-out.
		reverse_proxy /oauth2/* {auth} {{
			header_up X-Real-IP {{remote_host}}
		}}

		# "Is this person signed in?": asked for every request.
		forward_auth {auth} {{
			uri /oauth2/auth
			header_up X-Real-IP {{remote_host}}
			# Who it is, under the name by which the door knows it.
			copy_headers X-Auth-Request-Email>{user}{demanded}

			@anonymous status 401
			handle_response @anonymous {{
				# A program hears 401; a person goes to the provider and comes back to the page they asked for.
				@program {{
					header Sec-Fetch-Mode cors
					header Sec-Fetch-Mode no-cors
					header Sec-Fetch-Mode same-origin
					header Sec-Fetch-Mode websocket
				}}
				respond @program 401
				rewrite * /oauth2/start
				reverse_proxy {auth} {{
					header_up X-Real-IP {{remote_host}}
					header_up X-Auth-Request-Redirect {{http.request.orig_uri}}
				}}
			}}
		}}

		# The editor. Caddy keeps Host and speaks WebSocket by itself.
		reverse_proxy {door} {{
{proof}			# What is typed and what is shown is not held up.
			flush_interval -1
{transport}		}}
	}}
}}
"#,
        steps = before(plan)?,
        strip = strip(plan)?,
        user = plan.user_header(),
        demanded = page::demanded(plan)?
            .iter()
            .map(|name| format!(" {name}"))
            .collect::<String>(),
        door = door(plan)?,
        proof = proof(plan)?,
        transport = transport(plan)?,
    ))
}

fn before(plan: &Plan) -> Result<String, Problem> {
    let mut steps = vec![format!(
        "oauth2-proxy, or an auth service that answers like it, at {}, with: --reverse-proxy=true\n  \
         --trusted-proxy-ip=127.0.0.1 --set-xauthrequest=true --cookie-secure=true\n  \
         --redirect-url={}/oauth2/callback --email-domain or --authenticated-emails-file",
        plan.auth_service,
        plan.proxy.public_url.origin()
    )];
    steps.extend(page::root_step(plan));
    if let Some(step) = page::proof_step(plan, "header_up HEADER \"%s\"\\n", &plan.file(PROOF))? {
        steps.push(format!(
            "{step}\n  sudo chown caddy {}",
            quote::shell(&plan.file(PROOF))
        ));
    }
    steps.extend(page::client_step(plan));
    steps.extend(page::socket_step(plan, "caddy"));
    Ok(page::before(steps))
}

fn strip(plan: &Plan) -> Result<String, Problem> {
    Ok(page::identity_headers(plan)?
        .iter()
        .map(|header| format!("\t\trequest_header -{header}\n"))
        .collect())
}

fn door(plan: &Plan) -> Result<String, Problem> {
    match &plan.door.at {
        At::Unix(path) => quote::caddy(&format!("unix/{path}")),
        At::Tcp(address) => Ok(format!("{}://{address}", plan.door.scheme())),
    }
}

fn proof(plan: &Plan) -> Result<String, Problem> {
    if plan.proof_header()?.is_none() {
        return Ok(String::new());
    }
    Ok(format!(
        "\t\t\t# The secret by which the door knows Caddy; it stands in a file that only Caddy reads.\n\t\t\timport {}\n",
        quote::caddy(&plan.file(PROOF))?
    ))
}

fn transport(plan: &Plan) -> Result<String, Problem> {
    let Some(name) = plan.door.server_name() else {
        return Ok("\t\t\t# Plain http: tls.mode is \"off\" in settings.toml.\n".to_owned());
    };
    let mut text = format!(
        "\t\t\t# TLS to the door, and to no other: its certificate is checked, for this name.\n\
         \t\t\ttransport http {{\n\t\t\t\ttls\n\t\t\t\ttls_server_name {name}\n"
    );
    if let DoorTls::OwnRoot { .. } = plan.door.tls {
        text.push_str(&format!(
            "\t\t\t\ttls_trusted_ca_certs {}\n",
            quote::caddy(&plan.file(ROOT))?
        ));
    }
    if plan.shows_certificate() {
        let [certificate, key] = CLIENT.map(|name| quote::caddy(&plan.file(name)));
        text.push_str(&format!(
            "\t\t\t\t# The certificate by which the door knows Caddy.\n\t\t\t\ttls_client_auth {} {}\n",
            certificate?, key?
        ));
    }
    text.push_str("\t\t\t}\n");
    Ok(text)
}
