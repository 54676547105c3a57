//! About the public address and the proxy behind it.

use doorcode_settings::Explanation;

pub(super) const ALL: [Explanation; 24] = [
    Explanation {
        code: "public_not_resolved",
        title: "The public name leads nowhere",
        cause: "DNS knows no address for the host of the public address, or this machine is offline.",
        remedy: "Enter the name at your DNS provider, with the address of the machine that the proxy \
                 runs on; `getent hosts NAME` shows it once it is known here. Or correct public_url \
                 under [auth.trusted_proxy]: `doorcode settings edit`.",
    },
    Explanation {
        code: "public_unreachable",
        title: "Nobody answers at the public address",
        cause: "The name has an address, but nothing takes connections there.",
        remedy: "Start the proxy (nginx: `systemctl start nginx`) and have it listen on that port; open \
                 the port in the firewall, and forward it in the router.",
    },
    Explanation {
        code: "public_tls_failed",
        title: "The public address does not speak TLS",
        cause: "Something takes connections there, but no TLS handshake comes about.",
        remedy: "Have the proxy serve https on that port (nginx: `listen 443 ssl;` with ssl_certificate \
                 and ssl_certificate_key).",
    },
    Explanation {
        code: "public_certificate_expired",
        title: "The public certificate has expired",
        cause: "The certificate that the proxy shows is over, so browsers refuse it.",
        remedy: "Renew it where the proxy gets it from (certbot: `certbot renew`), then have the proxy \
                 read it again (nginx: `systemctl reload nginx`).",
    },
    Explanation {
        code: "public_certificate_not_yet_valid",
        title: "The public certificate is not valid yet",
        cause: "Its time has not come by this machine's clock.",
        remedy: "Look at the clocks of both machines: `date`.",
    },
    Explanation {
        code: "public_certificate_wrong_host",
        title: "The public certificate is for another host",
        cause: "The proxy shows a certificate that does not name the host of the public address, often its \
                default one.",
        remedy: "Have the proxy serve a certificate for that host (nginx: ssl_certificate in the server \
                 block with that server_name), or correct public_url under [auth.trusted_proxy]: \
                 `doorcode settings edit`.",
    },
    Explanation {
        code: "public_certificate_untrusted",
        title: "The public certificate is not believed",
        cause: "The certificate comes from no authority in this machine's own store, or the proxy does not \
                send the chain up to one.",
        remedy: "Have the proxy serve the certificate with its whole chain (certbot: fullchain.pem) \
                 from a public authority; with an authority of your own, import its root on each \
                 device.",
    },
    Explanation {
        code: "public_no_answer",
        title: "The public address does not answer",
        cause: "It speaks TLS, but no answer to a request comes.",
        remedy: "The proxy's log says why (nginx: `tail /var/log/nginx/error.log`, Caddy: `journalctl \
                 -u caddy`); often it waits for an upstream that is not there.",
    },
    Explanation {
        code: "bad_gateway",
        title: "The proxy does not reach Doorcode",
        cause: "The proxy answers 502, 503 or 504 itself: the address that it passes requests on to is \
                wrong, or it does not accept Doorcode's certificate there.",
        remedy: "In the proxy, the address to pass requests on to must be that at which Doorcode \
                 listens: `doorcode doctor` writes the line, `doorcode status` shows the address. Where \
                 it is, the proxy does not believe the door's certificate any more: give it the root \
                 again, `doorcode cert export HOST`. Ready configuration: `doorcode recipe nginx`, or \
                 another of `doorcode recipe --help`.",
    },
    Explanation {
        code: "proxy_error",
        title: "The proxy fails by itself",
        cause: "The proxy answers with an error of its own (500, or another that is not about reaching \
                Doorcode): mostly what it asks first, such as the service that signs people in, does not \
                answer as it expects.",
        remedy: "The proxy's log says why (nginx: `tail /var/log/nginx/error.log`, Caddy: `journalctl \
                 -u caddy`). Start what it asks, such as oauth2-proxy, then `doorcode doctor`.",
    },
    Explanation {
        code: "proxy_speaks_http",
        title: "The proxy speaks http to an https door",
        cause: "The door leads plain http to https, so the browser is led in a circle.",
        remedy: "In the proxy, write https instead of http before the address of the door (nginx: \
                 `proxy_pass https://127.0.0.1:8443;`), then reload it. For a trusted proxy on this \
                 machine the door can speak http as well: mode = \"off\" under [tls], `doorcode \
                 settings edit`.",
    },
    Explanation {
        code: "public_wrong_server",
        title: "Something else answers at the public address",
        cause: "It answers 404 to an address that every Doorcode has, so requests do not come to the door.",
        remedy: "Give the proxy a route for that host that leads to Doorcode: `doorcode recipe nginx`, \
                 or another of `doorcode recipe --help`.",
    },
    Explanation {
        code: "proxy_asks_no_sign_in",
        title: "The proxy lets everybody through",
        cause: "A request without a sign-in came through the proxy to the door. The door refused it, but \
                nobody can sign in that way.",
        remedy: "In the proxy, have the route of the door ask who somebody is: nginx `auth_request`, \
                 Caddy `forward_auth`, Traefik `forwardAuth`, Pomerium a policy. Ready configuration: \
                 `doorcode recipe nginx`, or another of `doorcode recipe --help`.",
    },
    Explanation {
        code: "host_not_preserved",
        title: "The proxy does not keep the Host header",
        cause: "Requests arrive with another host than the browser asked for. The door then refuses them, \
                or their WebSockets, because host and origin do not agree.",
        remedy: "In the part of the proxy's configuration that leads to the door: nginx \
                 `proxy_set_header Host $host;` (with a port other than 443 `proxy_set_header Host \
                 $host:PORT;`), then `nginx -t && systemctl reload nginx`; Pomerium \
                 `preserve_host_header: true`; Traefik `passHostHeader: true`; Caddy keeps it unless a \
                 header_up changes it. Ready configuration: `doorcode recipe nginx`.",
    },
    Explanation {
        code: "public_url_wrong",
        title: "public_url is not what browsers use",
        cause: "Browsers come from the same host on another port than public_url says, so their WebSockets \
                are refused.",
        remedy: "Write what stands in the browser's address bar as public_url under \
                 [auth.trusted_proxy]: `doorcode settings edit`.",
    },
    Explanation {
        code: "websocket_not_passed",
        title: "The proxy does not pass WebSockets",
        cause: "Requests arrive with a WebSocket's key but without its upgrade: the proxy took it out. The \
                editor's page then stays empty or says that it cannot connect.",
        remedy: "In the part of the proxy's configuration that leads to the door: nginx \
                 `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header \
                 Connection \"upgrade\";`, then `nginx -t && systemctl reload nginx`; Pomerium \
                 `allow_websockets: true`. Caddy and Traefik pass them by themselves. Ready \
                 configuration: `doorcode recipe nginx`.",
    },
    Explanation {
        code: "second_password_page",
        title: "A second sign-in behind the first",
        cause: "Somebody whom the proxy has signed in is asked for a password again: Doorcode's own, or \
                that of another code-server that the proxy leads to.",
        remedy: "`doorcode auth trusted-proxy --help` says how Doorcode takes the proxy's word; or \
                 correct where the proxy leads to.",
    },
    Explanation {
        code: "identity_missing",
        title: "The proxy does not say who it is",
        cause: "Requests arrive from the proxy without the header or the signed statement that names the \
                person.",
        remedy: "nginx, where it leads to the door: `auth_request_set $doorcode_user \
                 $upstream_http_x_auth_request_email; proxy_set_header X-Forwarded-Email \
                 $doorcode_user;`. oauth2-proxy: start it with `--set-xauthrequest=true`. Pomerium: \
                 `pass_identity_headers: true`. Ready configuration: `doorcode recipe nginx`, or \
                 another of `doorcode recipe --help`.",
    },
    Explanation {
        code: "identity_unclear",
        title: "The identity cannot be used",
        cause: "The proxy names no single person: two values, an empty one, one of the wrong form, or a \
                header and a signed statement that differ.",
        remedy: "`doorcode logs --access` shows the exact code of each refused request, and `doorcode \
                 explain CODE` what to change.",
    },
    Explanation {
        code: "user_not_allowed",
        title: "Somebody is not in the list",
        cause: "A person has signed in at the proxy, but is not in allow_users.",
        remedy: "If they may come in, add them to allow_users under [auth.trusted_proxy], as the proxy \
                 names them (`doorcode logs --access` has the name): `doorcode settings edit`.",
    },
    Explanation {
        code: "proof_rejected",
        title: "The proxy does not prove itself",
        cause: "Requests come from the proxy's address, but without the secret or the certificate that \
                tells it from others there.",
        remedy: "`doorcode auth` shows what the door wants. A secret: have the proxy send that header \
                 with what stands in the file of secret_file. A certificate: have it connect with one \
                 of the authority in client_ca. `doorcode recipe nginx` has the lines and the steps.",
    },
    Explanation {
        code: "proxy_not_recognised",
        title: "An unknown proxy passes requests on",
        cause: "Requests with forwarding headers come from an address that is not among proxies. It may be \
                yours at another address, or somebody who tries.",
        remedy: "If it is yours, add the address to proxies under [auth.trusted_proxy]: `doorcode \
                 settings edit`. Where others have been let in since the settings changed it is a \
                 warning only, because anybody can write such headers.",
    },
    Explanation {
        code: "assertion_rejected",
        title: "The signed statement is not accepted",
        cause: "The proxy's statement is not signed by the expected key, is over, or is meant for somebody \
                else (audience, issuer).",
        remedy: "`doorcode logs --access` shows the exact code, and `doorcode explain CODE` what to \
                 change. Compare the clocks of both machines: `date`.",
    },
    Explanation {
        code: "assertion_keys_unavailable",
        title: "The proxy's keys cannot be had",
        cause: "The address with the keys that verify signed statements does not answer as it should, so \
                nobody can be let in.",
        remedy: "`doorcode logs --app` says why. Correct jwks_url under [auth.trusted_proxy.assertion], \
                 `doorcode settings edit`, or save the keys in a file and name that in jwks_file.",
    },
];
