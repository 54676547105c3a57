//! What the recipes' texts share.

use std::path::Path;

use doorcode_settings::Problem;

use crate::door::{At, DoorTls};
use crate::plan::Plan;
use crate::quote;

/// What has to be there before the proxy is started, as numbered comments.
pub(crate) fn before(steps: impl IntoIterator<Item = String>) -> String {
    let steps: Vec<String> = steps.into_iter().collect();
    let mut text = String::new();
    if !steps.is_empty() {
        text.push_str("#\n# Before that:\n");
    }
    for (number, step) in steps.iter().enumerate() {
        for (line, content) in step.lines().enumerate() {
            let lead = match line {
                0 => format!("{}. ", number + 1),
                _ => "   ".to_owned(),
            };
            text.push_str(format!("# {lead}{content}").trim_end());
            text.push('\n');
        }
    }
    text
}

/// The file of the door's root on the proxy's machine.
pub(crate) const ROOT: &str = "door-root.pem";
/// The certificate that the proxy shows to the door, and its key.
pub(crate) const CLIENT: [&str; 2] = ["proxy-client.pem", "proxy-client-key.pem"];

/// How the root gets to the proxy, where the door has one of its own.
pub(crate) fn root_step(plan: &Plan) -> Option<String> {
    let DoorTls::OwnRoot { server_name } = &plan.door.tls else {
        return None;
    };
    Some(format!(
        "The root that vouches for the door, so that nobody else can pose as it; there once the door has run,\n\
         and to be fetched again after each `doorcode cert renew`:\n  \
         doorcode cert export {} | sudo install -D -m 644 /dev/stdin {}",
        server_name,
        quote::shell(&plan.file(ROOT)),
    ))
}

/// How the secret of the proof comes to be: beside the door, and in `target` as the line that `format` (for printf) makes of it.
///
/// # Errors
/// The secret's file has a name that cannot be written.
pub(crate) fn proof_step(plan: &Plan, format: &str, target: &str) -> Result<Option<String>, Problem> {
    let Some((header, secret)) = plan.proof_header()? else {
        return Ok(None);
    };
    let folder = Path::new(secret).parent().and_then(Path::to_str).unwrap_or("/");
    let (secret, folder) = (quote::shell(secret), quote::shell(folder));
    Ok(Some(format!(
        "The secret by which the door knows the proxy, once as the door reads it and once as {} does:\n  \
         test -s {secret} || (umask 077; mkdir -p {folder}; openssl rand -hex 32 > {secret})\n  \
         printf {} \"$(cat {secret})\" | sudo install -D -m 600 /dev/stdin {}",
        plan.recipe.product(),
        quote::shell(&format.replace("HEADER", header)),
        quote::shell(target),
    )))
}

/// Where the certificate goes that the proxy shows.
pub(crate) fn client_step(plan: &Plan) -> Option<String> {
    let [certificate, key] = CLIENT.map(|name| plan.file(name));
    plan.shows_certificate().then(|| {
        format!(
            "The certificate that {} shows to the door, signed by auth.trusted_proxy.client_ca, and its key:\n  {certificate}\n  {key}",
            plan.recipe.product()
        )
    })
}

/// Who may open the socket, where the door listens on one: `group`, that of the proxy's workers.
pub(crate) fn socket_step(plan: &Plan, group: &str) -> Option<String> {
    let At::Unix(path) = &plan.door.at else {
        return None;
    };
    let folder = Path::new(path).parent()?.to_str()?;
    Some(format!(
        "The folder of the door's socket, with nothing else in it, before the door is started: it belongs to you, and {} enters it by\n\
         its group. As root, with your name:\n  \
         install -d -o YOU -g {group} -m 2750 {}",
        plan.recipe.product(),
        quote::shell(folder)
    ))
}

/// Headers by which other proxies name a user. None of them may come from a browser.
const IDENTITY: [&str; 11] = [
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-access-token",
    "x-auth-request-user",
    "x-auth-request-email",
    "x-auth-request-groups",
    "remote-user",
    "remote-email",
    "remote-groups",
];

/// Headers that each of these proxies sets by itself, or is told to in its recipe.
const FORWARDING: [&str; 4] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// What the settings demand besides (required_headers): it comes from the auth service's answer.
pub(crate) fn demanded(plan: &Plan) -> Result<Vec<&str>, Problem> {
    let proof = plan.proof_header()?.map(|(header, _)| header);
    let set_otherwise =
        |name: &&str| FORWARDING.contains(name) || *name == plan.user_header() || Some(*name) == proof;
    let required = plan.proxy.required_headers.iter().map(String::as_str);
    Ok(required.filter(|name| !set_otherwise(name)).collect())
}

/// The identity headers to take off a browser's request: the one that the door reads, the proof's, those that the settings demand,
/// and the known ones.
pub(crate) fn identity_headers(plan: &Plan) -> Result<Vec<&str>, Problem> {
    let proof = plan.proof_header()?.map(|(header, _)| header);
    let mut headers = vec![plan.user_header()];
    headers.extend(proof);
    headers.extend(demanded(plan)?);
    for name in IDENTITY {
        if !headers.contains(&name) {
            headers.push(name);
        }
    }
    Ok(headers)
}
