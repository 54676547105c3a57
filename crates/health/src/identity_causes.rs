//! What is wrong with what a proxy says of who somebody is, by the rule of the gateway that refused it.

use doorcode_settings::trusted_proxy::Proof;

use crate::evidence::counted;
use crate::front::{Front, Product};
use crate::report::Cause;
use crate::subject::Refusals;

/// What a refusal by the rule `name` comes from. `let_in` when the rules in force have let anybody in.
pub(crate) fn refused_by_proxy_rule(
    name: &str,
    refusals: &Refusals,
    let_in: bool,
    front: &Front,
) -> Option<Cause> {
    // Others being let in says nothing about one person who is not on the list.
    if refusals.passed_since && name != "user_not_allowed" {
        return None;
    }
    let cause = match name {
        "user_not_allowed" => Cause::warning(
            "user_not_allowed",
            "somebody who has signed in at the proxy is not in the list of users, and was turned away",
            "if they may come in, add them to allow_users under [auth.trusted_proxy], as the proxy names them (`doorcode logs \
             --access` has the name): `doorcode settings edit`",
        ),
        "user_missing" | "assertion_missing" => missing(front),
        _ if name.starts_with("missing_header_") => {
            header_missing(name.trim_start_matches("missing_header_"), front)
        }
        "user_ambiguous" | "user_invalid" | "user_mismatch" => Cause::critical(
            "identity_unclear",
            "what the proxy in front says of who somebody is cannot be used: it is no single name, or two that differ",
            format!(
                "`doorcode explain {}` says what to change in the proxy",
                refusals.code
            ),
        ),
        "proof_invalid" => unproven(front),
        "untrusted_source" => {
            // Without forwarding headers it is anybody who knocks at the door itself.
            if !refusals.last.proxied {
                return None;
            }
            crate::proxy_causes::not_recognised(refusals.last.client, front, let_in)
        }
        "assertion_invalid" | "assertion_expired" | "assertion_audience" | "assertion_issuer" => {
            Cause::critical(
                "assertion_rejected",
                format!(
                    "the signed statement of the proxy in front is not accepted ({})",
                    name.replace('_', " ")
                ),
                format!("`doorcode explain {}` says what to change", refusals.code),
            )
        }
        "assertion_keys_unavailable" => Cause::critical(
            "assertion_keys_unavailable",
            "the keys that verify the proxy's signed statements cannot be fetched, so nobody is let in",
            "`doorcode logs --app` says why; correct jwks_url under [auth.trusted_proxy.assertion] with `doorcode settings edit`, \
             or save the keys in a file and name that in jwks_file",
        ),
        _ => return None,
    };
    Some(cause.seen_by(counted(refusals)))
}

fn missing(front: &Front) -> Cause {
    let header = front
        .proxy
        .as_ref()
        .and_then(|proxy| proxy.user_header.as_deref());
    let header = header.unwrap_or("x-forwarded-email");
    let fix = front.advise(|product, place| match product {
        Product::Nginx => format!(
            "{place}, add\n`auth_request_set $doorcode_user $upstream_http_x_auth_request_email;\n\
             proxy_set_header {header} $doorcode_user;`\nand start oauth2-proxy with `--set-xauthrequest=true`"
        ),
        Product::Caddy => format!(
            "in the forward_auth block, add `copy_headers X-Auth-Request-Email>{header}`, and start oauth2-proxy with \
             `--set-xauthrequest=true`"
        ),
        Product::Traefik => format!(
            "in the forwardAuth middleware, write `authResponseHeaders: [{header}]`, and start oauth2-proxy with \
             `--set-xauthrequest=true`"
        ),
        Product::Pomerium => format!("{place}, add `pass_identity_headers: true`"),
    });
    Cause::critical(
        "identity_missing",
        "the proxy in front passes requests on without saying who they are from",
        fix,
    )
}

fn header_missing(header: &str, front: &Front) -> Cause {
    let fix = front.advise(|product, place| match product {
        Product::Nginx => format!("{place}, add `proxy_set_header {header} VALUE;`"),
        Product::Caddy => format!("{place}, add `header_up {header} VALUE`"),
        Product::Traefik => {
            format!(
                "in a headers middleware of its router, add `customRequestHeaders: {{ {header}: VALUE }}`"
            )
        }
        Product::Pomerium => format!("{place}, add `set_request_headers: {{ {header}: VALUE }}`"),
    });
    Cause::critical(
        "identity_missing",
        format!(
            "the proxy in front passes requests on without the header {header}, which the settings require"
        ),
        format!(
            "if it is not needed, take it out of required_headers: `doorcode settings edit`. Otherwise {fix}"
        ),
    )
}

fn unproven(front: &Front) -> Cause {
    let proof = front.proxy.as_ref().map(|proxy| &proxy.proof);
    let fix = match proof {
        Some(Proof::Header { header, secret_file }) => {
            let file = secret_file.display();
            front.advise(|product, place| match product {
                Product::Nginx => format!(
                    "{place}, include a file with the line `proxy_set_header {header} \"SECRET\";`, where SECRET is what stands in {file}"
                ),
                Product::Caddy => format!(
                    "{place}, import a file with the line `header_up {header} \"SECRET\"`, where SECRET is what stands in {file}"
                ),
                Product::Traefik => format!(
                    "have a headers middleware of its router add {header} with what stands in {file} (customRequestHeaders)"
                ),
                Product::Pomerium => format!(
                    "{place}, have set_request_headers add {header} with what stands in {file}"
                ),
            })
        }
        Some(Proof::Mtls { client_ca }) => {
            let authority = client_ca.display();
            front.advise(|product, place| match product {
                Product::Nginx => format!(
                    "{place}, name a certificate of {authority} and its key: `proxy_ssl_certificate FILE; proxy_ssl_certificate_key FILE;`"
                ),
                Product::Caddy => format!(
                    "{place}, name a certificate of {authority} and its key in transport http: `tls_client_auth CERT KEY`"
                ),
                Product::Traefik => format!(
                    "in its serversTransport, name a certificate of {authority} and its key (certificates)"
                ),
                Product::Pomerium => format!(
                    "{place}, name a certificate of {authority} and its key (tls_client_cert_file, tls_client_key_file)"
                ),
            })
        }
        _ => "`doorcode auth` shows what the door wants as a proof; give that to the proxy".to_owned(),
    };
    Cause::critical(
        "proof_rejected",
        "the proxy in front does not prove that it is the one that was configured",
        fix,
    )
}
