//! Traefik: `forwardAuth` asks oauth2-proxy about every request. As a file, or as labels of the door's container.

use doorcode_settings::Problem;

use crate::door::{At, DoorTls};
use crate::page::{self, CLIENT, ROOT};
use crate::plan::Plan;
use crate::quote;

/// Where Traefik's file provider looks, by the name that its documentation uses.
const FOLDER: &str = "/etc/traefik/dynamic";
const PROOF: &str = "doorcode-proof.yaml";
/// printf's format of that file.
const PROOF_FORMAT: &str = "http:\\n  middlewares:\\n    doorcode-proof:\\n      headers:\\n        customRequestHeaders:\\n          HEADER: \"%s\"\\n";

/// A file for Traefik's file provider.
pub(crate) fn file(plan: &Plan) -> Result<String, Problem> {
    let rule = rule(plan);
    let auth = &plan.auth_service;
    Ok(format!(
        r#"# Traefik in front of Doorcode; oauth2-proxy signs people in. Written by: doorcode recipe traefik --format file
# Save as {FOLDER}/doorcode.yaml, a folder that the file provider watches:
#   providers.file.directory={FOLDER}
{steps}
http:
  routers:
    # The editor. WebSockets and Host pass without further ado.
    doorcode:
      rule: {rule}
      entryPoints: [websecure]
      middlewares: [{middlewares}]
      service: doorcode
      tls: {{}}
    # oauth2-proxy's own pages. The longer rule goes first.
    doorcode-sign-in:
      rule: {sign_in_rule}
      entryPoints: [websecure]
      service: doorcode-sign-in
      tls: {{}}

  middlewares:
    # Whatever a browser says about who it is: an empty value takes the header off. Must come before the sign-in.
    doorcode-clean:
      headers:
        customRequestHeaders:
{clean}    # "Is this person signed in?": asked for every request; oauth2-proxy leads a person to the provider.
    doorcode-sign-in:
      forwardAuth:
        address: {address}
        trustForwardHeader: false
        # Who it is, under oauth2-proxy's name: Traefik copies headers and cannot rename them.
        authResponseHeaders: [{answer}]

  services:
    doorcode:
      loadBalancer:
        passHostHeader: true
        servers:
          - url: {door}
{transport_use}    doorcode-sign-in:
      loadBalancer:
        servers:
          - url: {auth_url}
{transport}"#,
        steps = page::before(before(plan)?),
        rule = quote::yaml(&rule),
        sign_in_rule = quote::yaml(&format!("{rule} && PathPrefix(`/oauth2/`)")),
        middlewares = middlewares(plan, "doorcode-clean", "doorcode-sign-in", "doorcode-proof").join(", "),
        clean = page::identity_headers(plan)?
            .iter()
            .map(|header| format!("          {header}: \"\"\n"))
            .collect::<String>(),
        address = quote::yaml(&format!("{auth}/")),
        auth_url = quote::yaml(&auth.to_string()),
        answer = answer(plan)?.join(", "),
        door = quote::yaml(&url(plan)),
        transport_use = match plan.door.tls {
            DoorTls::Off => "",
            _ => "        serversTransport: doorcode\n",
        },
        transport = transport(plan),
    ))
}

/// Labels for the door's container, as a part of a Compose file.
pub(crate) fn labels(plan: &Plan) -> Result<String, Problem> {
    let At::Tcp(address) = plan.door.at else {
        unreachable!("Traefik is given addresses only")
    };
    let rule = rule(plan);
    let mut text = format!(
        r#"# Traefik in front of Doorcode; oauth2-proxy signs people in. Written by: doorcode recipe traefik --format labels
# Labels for the door's container in a Compose file.
{steps}
labels:
"#,
        steps = page::before(before(plan)?),
    );
    let mut label = |comment: &str, key: &str, value: &str| {
        if !comment.is_empty() {
            text.push_str(&format!("  # {comment}\n"));
        }
        text.push_str(&format!("  {}: {}\n", quote::yaml(key), quote::compose(value)));
    };
    let http = |rest: &str| format!("traefik.http.{rest}");
    label("Traefik looks at this container.", "traefik.enable", "true");
    label(
        "The editor. WebSockets and Host pass without further ado.",
        &http("routers.doorcode.rule"),
        &rule,
    );
    label("", &http("routers.doorcode.entrypoints"), "websecure");
    label("", &http("routers.doorcode.tls"), "true");
    label("", &http("routers.doorcode.service"), "doorcode");
    let chain = middlewares(plan, "doorcode-clean", "doorcode-sign-in", "doorcode-proof@file");
    label("", &http("routers.doorcode.middlewares"), &chain.join(","));
    label(
        "The door's address within the network.",
        &http("services.doorcode.loadbalancer.server.port"),
        &address.port().to_string(),
    );
    label(
        "",
        &http("services.doorcode.loadbalancer.server.scheme"),
        plan.door.scheme(),
    );
    if plan.door.tls != DoorTls::Off {
        label(
            "TLS to the door: certificates stand in a file, see `doorcode recipe traefik --format file`, serversTransports.",
            &http("services.doorcode.loadbalancer.serverstransport"),
            "doorcode@file",
        );
    }
    for (index, header) in page::identity_headers(plan)?.iter().enumerate() {
        let comment = "Whatever a browser says about who it is: an empty value takes the header off. Comes before the sign-in.";
        label(
            if index == 0 { comment } else { "" },
            &http(&format!(
                "middlewares.doorcode-clean.headers.customrequestheaders.{header}"
            )),
            "",
        );
    }
    label(
        "\"Is this person signed in?\": asked for every request; oauth2-proxy leads a person to the provider.",
        &http("middlewares.doorcode-sign-in.forwardauth.address"),
        &format!("{}/", plan.auth_service),
    );
    label(
        "Who it is, under oauth2-proxy's name: Traefik copies headers and cannot rename them.",
        &http("middlewares.doorcode-sign-in.forwardauth.authresponseheaders"),
        &answer(plan)?.join(","),
    );
    text.push_str(&format!(
        "# oauth2-proxy's container needs a router of its own: {rule} && PathPrefix(`/oauth2/`)\n"
    ));
    Ok(text)
}

fn before(plan: &Plan) -> Result<Vec<String>, Problem> {
    let mut steps = vec![format!(
        "oauth2-proxy at {}, with: --reverse-proxy=true --set-xauthrequest=true --upstream=static://202\n  \
         --trusted-proxy-ip=TRAEFIK --skip-provider-button=true --cookie-secure=true\n  \
         --redirect-url={}/oauth2/callback --email-domain or --authenticated-emails-file",
        plan.auth_service,
        plan.proxy.public_url.origin()
    )];
    steps.extend(page::root_step(plan));
    steps.extend(page::proof_step(
        plan,
        PROOF_FORMAT,
        &format!("{FOLDER}/{PROOF}"),
    )?);
    steps.extend(page::client_step(plan));
    Ok(steps)
}

fn rule(plan: &Plan) -> String {
    // A validated host: no backtick can stand in it.
    format!("Host(`{}`)", plan.proxy.public_url.host().authority())
}

/// What of oauth2-proxy's answer goes to the door.
fn answer(plan: &Plan) -> Result<Vec<&str>, Problem> {
    let mut headers = vec![plan.user_header()];
    headers.extend(page::demanded(plan)?);
    Ok(headers)
}

fn middlewares<'a>(plan: &Plan, clean: &'a str, sign_in: &'a str, proof: &'a str) -> Vec<&'a str> {
    let mut chain = vec![clean, sign_in];
    chain.extend(plan.proves_by_header().then_some(proof));
    chain
}

fn url(plan: &Plan) -> String {
    match plan.door.at {
        At::Tcp(address) => format!("{}://{address}", plan.door.scheme()),
        At::Unix(_) => unreachable!("Traefik is given addresses only"),
    }
}

fn transport(plan: &Plan) -> String {
    let Some(name) = plan.door.server_name() else {
        return String::new();
    };
    let mut text = format!(
        "\n  # TLS to the door, and to no other: its certificate is checked, for this name.\n  \
         serversTransports:\n    doorcode:\n      serverName: {}\n",
        quote::yaml(&name.to_string())
    );
    if let DoorTls::OwnRoot { .. } = plan.door.tls {
        text.push_str(&format!(
            "      rootCAs:\n        - {}\n",
            quote::yaml(&plan.file(ROOT))
        ));
    }
    if plan.shows_certificate() {
        let [certificate, key] = CLIENT.map(|name| quote::yaml(&plan.file(name)));
        text.push_str(&format!(
            "      # The certificate by which the door knows Traefik.\n      \
             certificates:\n        - certFile: {certificate}\n          keyFile: {key}\n"
        ));
    }
    text
}
