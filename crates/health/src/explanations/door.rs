//! About the gateway, and whether browsers believe it.

use doorcode_settings::Explanation;

pub(super) const ALL: [Explanation; 16] = [
    Explanation {
        code: "not_listening",
        title: "The door does not listen where it should",
        cause: "An address that the gateway listens on is none of this machine's any more: the network or the VPN that it came from was \
                disconnected, or gave out another. Or one of gateway.hosts is an address of this machine that is missing in \
                gateway.listen.",
        remedy: "`ip address` shows the addresses that there are. Bring the lost one back, or correct listen and hosts under [gateway]: \
                 `doorcode settings edit`. Then `doorcode stop --engine` and `doorcode up`.",
    },
    Explanation {
        code: "connections_full",
        title: "No connection is left",
        cause: "As many connections are open as limits.connections allows. Whoever comes now waits until one of them is closed.",
        remedy: "`doorcode connections` shows who has them. Close windows of the editor that nobody needs, or write a larger number as \
                 connections under [limits]: `doorcode settings edit`. It is in force at once.",
    },
    Explanation {
        code: "host_not_resolved",
        title: "A host's name leads nowhere",
        cause: "A configured host has no address as seen from this machine, so a browser here cannot open \
                it.",
        remedy: "For this machine: `echo '127.0.0.1 HOST' | sudo tee -a /etc/hosts`; for others: an \
                 entry in your DNS. Or take it out of hosts under [gateway]: `doorcode settings edit`.",
    },
    Explanation {
        code: "other_server",
        title: "Another server answers in the door's place",
        cause: "At an address that the host's name leads to, something else listens on the same port and \
                shows its own certificate. That happens where the name has several addresses (127.0.0.1 \
                and ::1) and Doorcode listens on one only.",
        remedy: "`sudo ss -ltnp 'sport = :8443'`, with the port of the message, shows the other \
                 program; end it with `sudo kill PID`. Or have Doorcode listen on both addresses, or on \
                 another port, in listen under [gateway]: `doorcode settings edit`.",
    },
    Explanation {
        code: "certificate_not_yet_valid",
        title: "A certificate is not valid yet",
        cause: "The certificate's time has not come by this machine's clock. Usually the clock is wrong.",
        remedy: "`date` shows this machine's clock; where it is wrong, `timedatectl set-ntp true`. \
                 Where it is right, wait, or put another certificate in place.",
    },
    Explanation {
        code: "certificate_due",
        title: "A certificate ends soon",
        cause: "Less than 30 days are left. A new one of Doorcode's own has to be trusted anew, so it is not made behind your back.",
        remedy: "One of Doorcode's own: `doorcode cert renew HOST --trust`. One from an authority: get \
                 a new one for all hosts of [gateway] and write certificate and key over the files that \
                 tls.cert and tls.key name; a running Doorcode takes them up by itself.",
    },
    Explanation {
        code: "certificate_expired",
        title: "A certificate has expired",
        cause: "The served certificate's time is over, so browsers refuse the page.",
        remedy: "One from an authority (mode = \"custom\" under [tls]): get a new one for all hosts of \
                 [gateway] and write certificate and key over the files that tls.cert and tls.key name; \
                 a running Doorcode takes them up by itself. One that Doorcode made: `doorcode cert \
                 renew HOST --trust`.",
    },
    Explanation {
        code: "certificate_host_not_covered",
        title: "A certificate is not for the host",
        cause: "The served certificate does not name the host, so browsers refuse the page.",
        remedy: "Get a certificate that names every host of [gateway], and write it and its key over \
                 the files that tls.cert and tls.key name; or take the host out of hosts under \
                 [gateway]: `doorcode settings edit`. For one of Doorcode's own: `doorcode cert renew \
                 HOST --force --trust`.",
    },
    Explanation {
        code: "tls_failed",
        title: "A host cannot be opened",
        cause: "No TLS connection comes about for the host: it has no certificate that can be served, or \
                the door does not answer.",
        remedy: "`doorcode cert list` shows what certificates there are, `doorcode logs --app` why one \
                 is not served. Then `doorcode stop --engine` and `doorcode up`.",
    },
    Explanation {
        code: "no_redirect",
        title: "http is not led to https",
        cause: "The door did not answer plain http with a redirect to https.",
        remedy: "`doorcode logs --app` says why; type https:// before the address until then. If it \
                 goes on, write a report: `doorcode report`.",
    },
    Explanation {
        code: "sign_in_not_asked",
        title: "The door lets strangers in",
        cause: "A request without a sign-in was answered as if it had one. This must never happen.",
        remedy: "Close the door at once: `doorcode stop --engine`. Then write a report of it: `doorcode \
                 report`.",
    },
    Explanation {
        code: "door_not_answering",
        title: "The door does not answer",
        cause: "The gateway takes connections and completes the handshake, but no answer comes.",
        remedy: "`doorcode logs --app` says why. Then `doorcode stop --engine` and `doorcode up`.",
    },
    Explanation {
        code: "websocket_origin_not_checked",
        title: "WebSockets of other sites are opened",
        cause: "The door opened a WebSocket for a page of another site. This must never happen.",
        remedy: "Close the door at once: `doorcode stop --engine`. Then write a report of it: `doorcode \
                 report`.",
    },
    Explanation {
        code: "door_websocket_refused",
        title: "The door opens no WebSocket",
        cause: "A WebSocket of the door's own page was refused.",
        remedy: "`doorcode logs --access` shows the refusal and its code, which `doorcode explain CODE` \
                 explains. If that does not help, write a report: `doorcode report`.",
    },
    Explanation {
        code: "browser_untrusted",
        title: "A browser does not believe the certificate",
        cause: "The host's root is not in the trust store of a browser on this machine. After a click \
                through its warning, previews, images and notebooks stay empty all the same, because \
                service workers are refused.",
        remedy: "`doorcode trust install --host HOST`, then close every window of the browser and open \
                 it again.",
    },
    Explanation {
        code: "browser_restart_needed",
        title: "A browser has to be opened again",
        cause: "The root is in the browser's trust store, but the browser runs since before and does not \
                know.",
        remedy: "Close every window of that browser, then open it again.",
    },
];
