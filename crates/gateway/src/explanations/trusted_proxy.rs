//! `auth.mode = "trusted-proxy"`: why a request that should have come through the proxy was refused.

use doorcode_settings::Explanation;

const fn explain(
    code: &'static str,
    title: &'static str,
    cause: &'static str,
    remedy: &'static str,
) -> Explanation {
    Explanation {
        code,
        title,
        cause,
        remedy,
    }
}

pub(super) const MISSING_HEADER_CODE: &str = "trusted_proxy_missing_header_<name>";

pub(super) const ALL: &[Explanation] = &[
    explain(
        "trusted_proxy_bad_request",
        "A request that two programs could read differently",
        "Its framing is ambiguous, its host malformed, it asks for an unknown upgrade, or a header that decides who somebody is was there \
         twice, in another spelling (X_Forwarded_User), or named in Connection. The detail in the log says which.",
        "If the proxy itself sends it, correct the proxy: it must replace such headers of a client instead of adding its own. Otherwise \
         somebody tried to get past it, and nothing is to be done.",
    ),
    explain(
        "trusted_proxy_host_not_allowed",
        "The proxy asks for a host that is not ours",
        "The Host header is neither the host of auth.trusted_proxy.public_url nor one of gateway.hosts.",
        "Let the proxy pass the browser's Host on (Pomerium: preserve_host_header; nginx: proxy_set_header Host $host), or add the name that \
         it uses to gateway.hosts: `doorcode settings edit`.",
    ),
    explain(
        "trusted_proxy_untrusted_source",
        "The connection does not come from the proxy",
        "The client in the log is not in auth.trusted_proxy.proxies. An address of this machine itself counts only when it is listed alone: a \
         range is about the network. With Tailscale it can also be a request through Funnel, which asks nobody who they are.",
        "If the client is the proxy, add its address to auth.trusted_proxy.proxies: `doorcode settings edit`. If it is a browser, use \
         the public address instead: this door opens for the proxy only.",
    ),
    explain(
        "trusted_proxy_proof_invalid",
        "The request does not prove that it comes from the proxy",
        "The proof that auth.trusted_proxy.proof asks for is missing or wrong: the secret header, the client certificate, or the unix socket.",
        "Compare what the proxy sends with the settings: the secret must be exactly that of secret_file, the certificate signed by \
         client_ca. `doorcode recipe` writes the proxy's side. If the proxy is right, some other program at its address tried to get in.",
    ),
    explain(
        MISSING_HEADER_CODE,
        "A header that the proxy must send is not there",
        "auth.trusted_proxy.required_headers names a header that the request does not have, or has empty.",
        "Let the proxy send it, or take it out of required_headers: `doorcode settings edit`.",
    ),
    explain(
        "trusted_proxy_assertion_missing",
        "The signed statement is not there",
        "The proxy sent no assertion, so nothing says who the user is.",
        "Pomerium: pass_identity_headers: true on the route. Cloudflare Access: the application must cover this address. Authentik: pass on \
         X-authentik-jwt. auth.trusted_proxy.assertion.header names the header that is expected.",
    ),
    explain(
        "trusted_proxy_assertion_invalid",
        "The signed statement does not hold",
        "The detail in the log says why: its signature is not that of a published key (signature, unknown_key), it is signed in a way that the \
         settings do not accept (algorithm), it is from the future (not_yet_valid: the clocks differ), it is valid for longer than \
         assertion.max_age (lifetime), or it is no proper token.",
        "Compare auth.trusted_proxy.assertion with what the proxy signs. Check the clocks of both machines (`timedatectl`). A key that was \
         changed a moment ago is known within a minute. If none of this fits, somebody made the token up.",
    ),
    explain(
        "trusted_proxy_assertion_expired",
        "The signed statement is too old",
        "Its end has passed, or it was issued longer ago than assertion.max_age. It may have been copied and sent again, or one of the clocks is \
         wrong by more than half a minute.",
        "Sign in at the proxy again. If it happens to everybody, check the clocks of both machines (`timedatectl`).",
    ),
    explain(
        "trusted_proxy_assertion_audience",
        "The signed statement is for another application",
        "Its aud is not auth.trusted_proxy.assertion.audience. Statements for one application must not open another.",
        "Set the audience to what the proxy uses for this application (Pomerium: the route's host; Cloudflare: the application's tag; AWS: the \
         client id): `doorcode settings edit`.",
    ),
    explain(
        "trusted_proxy_assertion_issuer",
        "The signed statement is somebody else's",
        "Its iss is not auth.trusted_proxy.assertion.issuer, or, with AWS, its signer is not the load balancer in assertion.signer.",
        "Set the issuer, or the signer, to what the proxy states: `doorcode settings edit`.",
    ),
    explain(
        "trusted_proxy_assertion_keys_unavailable",
        "The keys of the signed statements cannot be had",
        "The server that publishes them does not answer, its certificate is not trusted, it redirects, or what it sends is no key set; or the \
         file cannot be used. Known keys stay good for a day.",
        "`doorcode logs --app` has the reason. Try the address of auth.trusted_proxy.assertion.jwks_url with curl on this machine; in a \
         closed network, use jwks_file instead.",
    ),
    explain(
        "trusted_proxy_user_missing",
        "The proxy names no user",
        "The header or the claim that names the user is not there, or is empty.",
        "Let the proxy ask for and pass on the e-mail address (oauth2-proxy: --set-xauthrequest or --pass-user-headers; Pomerium: the claim \
         email), or name another header or claim: auth.trusted_proxy.user_header, assertion.user_claim.",
    ),
    explain(
        "trusted_proxy_user_ambiguous",
        "The proxy names more than one user",
        "The header or the claim has a comma in it, as lists do.",
        "Choose a header or a claim that names one user. If it is always the right one, the proxy adds to what a client sends instead of \
         replacing it, which lets anybody be anybody: correct the proxy.",
    ),
    explain(
        "trusted_proxy_user_invalid",
        "What the proxy names is no user",
        "A user is printable ASCII without spaces, 254 characters at most; an e-mail address has exactly one @, and a login no brace: a \
         name such as {http.reverse_proxy.header.…} is a place in Caddy's configuration that nothing was put into. Nor is it a user when the \
         signed statement itself calls the address unverified (email_verified: false): anybody can have typed it.",
        "Choose a header or a claim with an e-mail address or a login name: auth.trusted_proxy.user_header, assertion.user_claim. Have the \
         provider verify addresses, or take a claim that it gives itself, such as sub. Behind Caddy, let the auth service answer with the header that copy_headers names (oauth2-proxy: --set-xauthrequest).",
    ),
    explain(
        "trusted_proxy_user_mismatch",
        "The proxy says two different users",
        "The signed statement names one user, and the plain header of auth.trusted_proxy.user_header another.",
        "The statement alone is enough: remove user_header from the settings. If the header is the client's own, let the proxy remove it.",
    ),
    explain(
        "trusted_proxy_user_not_allowed",
        "This user may not come in",
        "The proxy let the user in the log pass, and auth.trusted_proxy.allow_users does not name them.",
        "If they should come in, add them to auth.trusted_proxy.allow_users: `doorcode settings edit`. It takes effect at once.",
    ),
    explain(
        "trusted_proxy_origin_not_allowed",
        "The request was not made by a page of ours",
        "A WebSocket, or a request that changes something, came from another site than auth.trusted_proxy.public_url, or did not say where it \
         comes from.",
        "If the editor itself stays blank, public_url is not the address in the browser: correct it, port included. Otherwise another site \
         tried to use somebody's sign-in.",
    ),
    explain(
        "trusted_proxy_not_configured",
        "The mode is on and its settings are not usable",
        "auth.mode is trusted-proxy, and what [auth.trusted_proxy] needs could not be read. Nobody is let in meanwhile.",
        "`doorcode status` names the problem; `doorcode settings check` looks at the file.",
    ),
    explain(
        "trusted_proxy_policy_changed",
        "The settings changed at that moment",
        "The request was let in by settings that were replaced while it was looked at.",
        "Nothing: the next request is decided by the new settings.",
    ),
    explain(
        "trusted_proxy_key_withdrawn",
        "Closed because a key was withdrawn",
        "The key that signed for this user is no longer published, so nothing that it signed is believed, and the open WebSocket was closed.",
        "Nothing: the editor connects again with a statement that a current key signed.",
    ),
    explain(
        "websocket_time_over",
        "Closed because it was open for so long",
        "A WebSocket is closed after auth.trusted_proxy.websocket_hours, so that somebody who was shut out at the proxy does not stay inside.",
        "Nothing: the editor connects again through the proxy. websocket_hours can be changed: `doorcode settings edit`.",
    ),
    explain(
        "trusted_proxy_secret_weak",
        "The proxy's secret is too weak",
        "The file of auth.trusted_proxy.proof holds fewer than 32 characters, or some that a header cannot carry.",
        "Make one with `openssl rand -hex 32`, readable by you alone, and give the same to the proxy.",
    ),
    explain(
        "trusted_proxy_client_ca_unusable",
        "The authority of client certificates is not usable",
        "The file of auth.trusted_proxy.client_ca holds no certificate, or one that cannot be an authority.",
        "Put the PEM certificate of the authority that signed the proxy's client certificate there.",
    ),
    explain(
        "trusted_proxy_file_unusable",
        "A file of the proxy's settings cannot be used",
        "It is missing, a symbolic link, somebody else's, or others can write to it (for a secret: read it). Whoever can change it decides \
         who comes in.",
        "Correct its owner and mode: `chown` to yourself, and `chmod 600` for a secret or `chmod 644` for keys and certificates.",
    ),
    explain(
        "trusted_proxy_keys_client",
        "Nothing can be fetched over https",
        "The certificates that this system trusts could not be loaded, so keys could not be fetched safely.",
        "Install the system's certificates (Debian: ca-certificates), or use assertion.jwks_file.",
    ),
    explain(
        "trusted_proxy_header_name",
        "A header in the settings is no header",
        "A name in [auth.trusted_proxy] has characters that a header's name cannot have.",
        "Correct it: `doorcode settings edit`.",
    ),
];
