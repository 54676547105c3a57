//! Pomerium Core and Pomerium Zero: the route, with all that an editor needs and that is off by default.

use doorcode_settings::Problem;
use doorcode_settings::trusted_proxy::{AllowUsers, Proof};

use crate::door::{At, DoorTls};
use crate::page::{self, ROOT};
use crate::plan::Plan;
use crate::quote;

/// A `config.yaml` for Pomerium Core.
pub(crate) fn core(plan: &Plan) -> Result<String, Problem> {
    Ok(format!(
        r#"# Pomerium Core in front of Doorcode. Written by: doorcode recipe pomerium-core
# Save as config.yaml. If you have one already, add jwt_claims_headers and the route to it.
{steps}
{body}"#,
        steps = page::before(page::root_step(plan)),
        body = config(plan, &upstream(plan)?, "")?,
    ))
}

/// The whole configuration, with the route to `to`; `more` goes between the two.
pub(crate) fn config(plan: &Plan, to: &str, more: &str) -> Result<String, Problem> {
    Ok(format!(
        r#"# Who signs people in: Pomerium's hosted service. With a provider of your own, put your authenticate service here, and
# idp_provider, idp_client_id and idp_client_secret_file below it.
authenticate_service_url: https://authenticate.pomerium.app

# Certificates for browsers from Let's Encrypt; port 443 must be reachable from the internet. Else: certificate_file and
# certificate_key_file.
autocert: true
{more}
{claims}
routes:
{route}"#,
        claims = claims(plan),
        route = route(plan, to, "")?,
    ))
}

/// The route for Pomerium Zero, with the places in its console.
pub(crate) fn zero(plan: &Plan) -> Result<String, Problem> {
    let own_root = match plan.door.tls {
        DoorTls::OwnRoot { .. } => Some(format!(
            "The root that vouches for the door. Paste it in the route under TLS, Custom CA; again after each `doorcode cert renew`:\n  \
             doorcode cert export {}",
            plan.door
                .server_name()
                .map(ToString::to_string)
                .unwrap_or_default()
        )),
        _ => None,
    };
    Ok(format!(
        r#"# Pomerium Zero in front of Doorcode. Written by: doorcode recipe pomerium-zero
# Import it as a Core configuration, or make the route in the console: each line says where it stands there.
{steps}
# Console: Settings, Headers, JWT Claim Headers.
{claims}
# Console: Routes, New Route.
routes:
{route}"#,
        steps = page::before(own_root),
        claims = claims(plan),
        route = route(plan, &upstream(plan)?, "  # ")?,
    ))
}

/// The policy for those who may come in, as Pomerium's policy language has it, at `indent`.
pub(crate) fn policy(plan: &Plan, indent: &str) -> String {
    let mut text = format!("{indent}- allow:\n{indent}    or:\n");
    match &plan.proxy.allow_users {
        AllowUsers::These(users) if claim(plan) == "email" => {
            for user in users {
                text.push_str(&format!(
                    "{indent}      - email:\n{indent}          is: {}\n",
                    quote::yaml(user)
                ));
            }
        }
        _ => text.push_str(&format!("{indent}      - authenticated_user: true\n")),
    }
    text
}

/// The header in which Pomerium writes the user for people who look at requests; the door believes the signed claim.
pub(crate) fn claim_header(plan: &Plan) -> &str {
    plan.proxy
        .user_header
        .as_deref()
        .unwrap_or("X-Pomerium-Claim-Email")
}

/// The claim that names the user.
pub(crate) fn claim(plan: &Plan) -> &str {
    match &plan.proxy.proof {
        Proof::Assertion(assertion) => &assertion.user_claim,
        _ => "email",
    }
}

fn claims(plan: &Plan) -> String {
    format!(
        r#"# The user in a header of Pomerium's own making. Without it a browser's header of that name would pass through.
jwt_claims_headers:
  {}: {}
"#,
        claim_header(plan),
        quote::yaml(claim(plan))
    )
}

/// `to` as Pomerium takes it.
fn upstream(plan: &Plan) -> Result<String, Problem> {
    match plan.door.at {
        At::Tcp(address) => Ok(format!("{}://{address}", plan.door.scheme())),
        At::Unix(_) => unreachable!("Pomerium is given addresses only"),
    }
}

/// The route. A non-empty `console` starts remarks on where a line stands in the console.
fn route(plan: &Plan, to: &str, console: &str) -> Result<String, Problem> {
    let place = |place: &str| match console {
        "" => String::new(),
        _ => format!("{console}Console: {place}."),
    };
    let mut text = format!(
        r#"  - from: {from}{general_from}
    to: {to}{general_to}
    # Who may come in; the door asks again (allow_users).
    policy:{policies}
{policy}    # The editor is a WebSocket; without this it stays blank.
    allow_websockets: true{timeouts}
    # The door compares the host with public_url; without this: 421, trusted_proxy_host_not_allowed.
    preserve_host_header: true{headers}
    # The signed statement of who it is, X-Pomerium-Jwt-Assertion; without this: 401, trusted_proxy_assertion_missing.
    pass_identity_headers: true{general}
"#,
        from = quote::yaml(&plan.proxy.public_url.origin()),
        to = quote::yaml(to),
        general_from = place("General, From"),
        general_to = place("General, To"),
        policies = place("General, Policies"),
        policy = policy(plan, "      "),
        timeouts = place("Timeouts, Allow WebSockets"),
        headers = place("Headers, Host Headers, Preserve Host Header"),
        general = place("Headers, Pass Identity Headers"),
    );
    if let (Some(name), true) = (plan.door.server_name(), to.starts_with("https://")) {
        text.push_str(&format!(
            "    # TLS to the door, and to no other: its certificate is checked, for this name.\n    \
             tls_upstream_server_name: {}{}\n",
            quote::yaml(&name.to_string()),
            place("TLS, Upstream Server Name")
        ));
        if let (DoorTls::OwnRoot { .. }, "") = (&plan.door.tls, console) {
            text.push_str(&format!(
                "    tls_custom_ca_file: {}\n",
                quote::yaml(&plan.file(ROOT))
            ));
        }
    }
    Ok(text)
}
