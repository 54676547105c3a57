//! nginx with oauth2-proxy: `auth_request` asks it about every request, WebSockets too.

use doorcode_settings::Problem;

use crate::door::{At, DoorTls};
use crate::page::{self, CLIENT, ROOT};
use crate::plan::Plan;
use crate::quote;

/// The file with the one line that adds the proof.
const PROOF: &str = "doorcode-proof.nginx.conf";
/// Where Debian and its relatives keep the public authorities, in one file as nginx needs it.
const PUBLIC_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The contents of a file for nginx's `conf.d`.
pub(crate) fn write(plan: &Plan) -> Result<String, Problem> {
    let url = &plan.proxy.public_url;
    let host = url.host().authority();
    let port = url.port().unwrap_or(443);
    let passed_host = url
        .port()
        .map_or("$host".to_owned(), |port| format!("$host:{port}"));
    let hours = plan.proxy.websocket_hours;
    let auth = plan.auth_service.authority();
    let [certificate, key] = ["public.pem", "public-key.pem"].map(|name| plan.file(name));
    Ok(format!(
        r#"# nginx in front of Doorcode; oauth2-proxy signs people in. Written by: doorcode recipe nginx
# Save as /etc/nginx/conf.d/doorcode.conf, then: nginx -t && systemctl reload nginx
{steps}
# "upgrade" for WebSockets; nothing for everything else, so that connections to the door are kept and used again.
map $http_upgrade $doorcode_connection {{
    default upgrade;
    ''      '';
}}

# Whether a program asks, not a person who can be led to a sign-in page.
map $http_sec_fetch_mode $doorcode_program {{
    default     0;
    cors        1;
    no-cors     1;
    same-origin 1;
    websocket   1;
}}

# The door.
upstream doorcode {{
    server {door};
    keepalive 16;
}}

# oauth2-proxy.
upstream doorcode_sign_in {{
    server {auth};
    keepalive 4;
}}

server {{
    listen {port} ssl http2;
    listen [::]:{port} ssl http2;
    server_name {host};
    # The certificate that browsers see, with its chain; a link to your ACME client's files will do.
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;

    # A request for another host that ended up here is not for the editor.
    if ($host != {host}) {{
        return 421;
    }}

    # Uploads are as large as they are.
    client_max_body_size 0;
    # A browser's own X_Forwarded_User is not X-Forwarded-User.
    underscores_in_headers off;

    # "Is this person signed in?": asked by nginx only.
    location = /oauth2/auth {{
        internal;
        proxy_pass http://doorcode_sign_in;
        proxy_http_version 1.1;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header Connection "";
        proxy_set_header Host {passed_host};
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host {passed_host};
        proxy_set_header X-Forwarded-Uri $request_uri;
        # Its answer carries cookies of some kilobytes.
        proxy_buffer_size 16k;
        proxy_buffers 8 16k;
        proxy_busy_buffers_size 32k;
    }}

    # oauth2-proxy's own pages: sign-in, the way back from the provider, sign-out.
    location /oauth2/ {{
        proxy_pass http://doorcode_sign_in;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host {passed_host};
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host {passed_host};
        proxy_set_header X-Forwarded-Uri $request_uri;
        proxy_buffer_size 16k;
        proxy_buffers 8 16k;
        proxy_busy_buffers_size 32k;
    }}

    # Nobody is signed in: a person goes to the provider and comes back to the page they asked for, a program hears 401.
    location @doorcode_sign_in {{
        if ($doorcode_program) {{
            return 401;
        }}
        rewrite ^ /oauth2/start? break;
        proxy_pass http://doorcode_sign_in;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host {passed_host};
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host {passed_host};
        proxy_set_header X-Auth-Request-Redirect $request_uri;
        proxy_buffer_size 16k;
        proxy_buffers 8 16k;
        proxy_busy_buffers_size 32k;
    }}

    # The editor.
    location / {{
        auth_request /oauth2/auth;
        error_page 401 = @doorcode_sign_in;
        # Who it is, and the cookie when oauth2-proxy has renewed it. oauth2-proxy needs --set-xauthrequest for the first.
        auth_request_set $doorcode_user $upstream_http_x_auth_request_email;
{demanded}        auth_request_set $doorcode_cookie $upstream_http_set_cookie;
        add_header Set-Cookie $doorcode_cookie;

        proxy_pass {scheme}://doorcode;
{tls}
        # The user, as oauth2-proxy says it, and every other header of that kind taken off what the browser sent.
{identity}{proof}
        # The host that the browser asked for: the door compares it with public_url.
        proxy_set_header Host {passed_host};
        # WebSockets.
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $doorcode_connection;
        # Only what nginx itself knows of the client.
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host {passed_host};
        proxy_set_header Forwarded "";
        # What is typed and what is shown is not held up.
        proxy_buffering off;
        proxy_request_buffering off;
        # An editor left alone stays connected as long as the door keeps it (websocket_hours).
        proxy_read_timeout {hours}h;
        proxy_send_timeout {hours}h;
    }}
}}
"#,
        steps = before(plan, [&certificate, &key])?,
        door = door(plan)?,
        certificate = quote::nginx(&certificate)?,
        key = quote::nginx(&key)?,
        scheme = plan.door.scheme(),
        tls = tls(plan)?,
        demanded = demanded(plan)?,
        identity = identity(plan)?,
        proof = proof(plan)?,
    ))
}

fn before(plan: &Plan, public: [&str; 2]) -> Result<String, Problem> {
    let [certificate, key] = public;
    let mut steps = vec![
        format!(
            "oauth2-proxy at {}, with: --reverse-proxy=true --trusted-proxy-ip=127.0.0.1 --set-xauthrequest=true\n  \
             --cookie-secure=true --redirect-url={}/oauth2/callback --email-domain or --authenticated-emails-file",
            plan.auth_service,
            plan.proxy.public_url.origin()
        ),
        format!("nginx's certificate for browsers and its key:\n  {certificate}\n  {key}"),
    ];
    steps.extend(page::root_step(plan));
    steps.extend(page::proof_step(
        plan,
        "proxy_set_header HEADER \"%s\";\\n",
        &plan.file(PROOF),
    )?);
    steps.extend(page::client_step(plan));
    steps.extend(page::socket_step(plan, "www-data"));
    Ok(page::before(steps))
}

fn door(plan: &Plan) -> Result<String, Problem> {
    match &plan.door.at {
        At::Unix(path) => quote::nginx(&format!("unix:{path}")),
        At::Tcp(address) => Ok(address.to_string()),
    }
}

fn tls(plan: &Plan) -> Result<String, Problem> {
    let (name, roots) = match &plan.door.tls {
        DoorTls::Off => return Ok("        # Plain http: tls.mode is \"off\" in settings.toml.\n".to_owned()),
        DoorTls::OwnRoot { server_name } => (server_name, plan.file(ROOT)),
        DoorTls::RealAuthority { server_name } => (server_name, PUBLIC_ROOTS.to_owned()),
    };
    let mut text = format!(
        "        # TLS to the door, and to no other: its certificate is checked, for this name.\n        \
         proxy_ssl_server_name on;\n        \
         proxy_ssl_name {};\n        \
         proxy_ssl_verify on;\n        \
         proxy_ssl_verify_depth 4;\n        \
         proxy_ssl_protocols TLSv1.2 TLSv1.3;\n        \
         proxy_ssl_trusted_certificate {};\n",
        name,
        quote::nginx(&roots)?
    );
    if plan.shows_certificate() {
        let [certificate, key] = CLIENT.map(|name| quote::nginx(&plan.file(name)));
        text.push_str(&format!(
            "        # The certificate by which the door knows nginx.\n        \
             proxy_ssl_certificate {};\n        proxy_ssl_certificate_key {};\n",
            certificate?, key?
        ));
    }
    Ok(text)
}

/// Variables with what else of the answer goes to the door.
fn demanded(plan: &Plan) -> Result<String, Problem> {
    let line = |name: &&str| {
        format!(
            "        auth_request_set {} $upstream_http_{};\n",
            variable(name),
            name.replace('-', "_")
        )
    };
    Ok(page::demanded(plan)?.iter().map(line).collect())
}

fn variable(header: &str) -> String {
    format!("$doorcode_{}", header.replace('-', "_"))
}

/// The user's header, and those demanded besides, are set from the answer; nginx sends none that is empty.
fn identity(plan: &Plan) -> Result<String, Problem> {
    let proof = plan.proof_header()?.map(|(header, _)| header);
    let demanded = page::demanded(plan)?;
    let mut text = String::new();
    for header in page::identity_headers(plan)? {
        let value = match header {
            proofs if Some(proofs) == proof => continue,
            users if users == plan.user_header() => "$doorcode_user".to_owned(),
            name if demanded.contains(&name) => variable(name),
            _ => "\"\"".to_owned(),
        };
        text.push_str(&format!("        proxy_set_header {header} {value};\n"));
    }
    Ok(text)
}

fn proof(plan: &Plan) -> Result<String, Problem> {
    if plan.proof_header()?.is_none() {
        return Ok(String::new());
    }
    Ok(format!(
        "        # The secret by which the door knows nginx; it stands in a file that only root reads.\n        include {};\n",
        quote::nginx(&plan.file(PROOF))?
    ))
}
