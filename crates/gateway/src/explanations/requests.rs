//! Requests that are refused whoever sends them, and answers that do not come.

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

const ODD_CLIENT: &str = "Browsers send nothing of the kind. Look at the line in `doorcode logs --access`: its client, host and path say \
                          which program it is. If it is yours, correct it; if not, there is nothing to do.";

pub(super) const ALL: &[Explanation] = &[
    explain(
        "method_not_allowed",
        "The method is not served",
        "The request was made with CONNECT or TRACE, or with a method that the page asked for does not know.",
        ODD_CLIENT,
    ),
    explain(
        "too_many_headers",
        "Too many header fields",
        "The request had more than 100 header fields.",
        ODD_CLIENT,
    ),
    explain(
        "head_too_large",
        "The head of the request is too large",
        "The request's line and header fields are longer than 32 KiB together. It is usually cookies that other programs have set for the \
         same host name.",
        "Delete the cookies of this host in the browser. A proxy in front that keeps its session in large cookies should keep it on its side.",
    ),
    explain(
        "head_malformed",
        "The request cannot be read",
        "What was sent is not HTTP, or not HTTP as the standards have it.",
        ODD_CLIENT,
    ),
    explain(
        "framing",
        "The length of the request is ambiguous",
        "The request named its length in two ways, or encoded its body other than as plainly chunked. Two programs could read two different \
         requests in it, which is how requests are smuggled past a check.",
        ODD_CLIENT,
    ),
    explain(
        "encoded_body",
        "The body of the request is compressed",
        "The request had a Content-Encoding. The editor needs none, and what is compressed cannot be limited before it is unpacked.",
        ODD_CLIENT,
    ),
    explain(
        "protected_hop_by_hop",
        "Connection names a field that must not get lost",
        "The Connection header told the next program to drop a field that decisions are made by, such as Host, Cookie or Origin.",
        ODD_CLIENT,
    ),
    explain(
        "upgrade_not_allowed",
        "An upgrade that is not served",
        "The request asked for another protocol than WebSocket, h2c for example, or asked for WebSocket in a way no browser does. What \
         follows an upgrade would pass unchecked.",
        "For a proxy in front: let it speak HTTP/1.1 to Doorcode and pass Upgrade and Connection on for WebSockets only; `doorcode recipe` \
         writes the configuration.",
    ),
    explain(
        "host_missing",
        "No host is named",
        "The request had no Host header.",
        ODD_CLIENT,
    ),
    explain(
        "host_malformed",
        "The host is not one",
        "The Host header is not a host name or address with an optional port.",
        ODD_CLIENT,
    ),
    explain(
        "host_ambiguous",
        "More than one host is named",
        "The request had two Host headers, or an address in its first line that says another host than the header.",
        ODD_CLIENT,
    ),
    explain(
        "host_not_allowed",
        "A host that is not ours",
        "The request is for a host name that the settings do not list. This is what stops another site from reaching the editor by a name \
         of its own that it points to this machine.",
        "If the name is yours, add it to gateway.hosts: `doorcode settings edit`. The host column of `doorcode logs --access` shows what \
         was asked for.",
    ),
    explain(
        "target_malformed",
        "What is asked for is not a path",
        "The first line of the request names no path on this server.",
        ODD_CLIENT,
    ),
    explain(
        "plain_http",
        "An old connection without encryption",
        "The connection was begun while a proxy in front could connect by plain http, and the settings have changed since.",
        "Nothing, if you changed the settings: the proxy connects anew. If it still has to use plain http, set auth.mode to trusted-proxy \
         and tls.mode to off again: `doorcode settings edit`.",
    ),
    explain(
        "origin_not_allowed",
        "The request comes from another site",
        "A page of another site, or of another port of this host, tried to change something or to open a WebSocket here.",
        "Open the editor by its own address in a tab of its own. If a proxy in front changes the Host header, let it pass it on unchanged.",
    ),
    explain(
        "origin_missing",
        "The request does not say which page it comes from",
        "Opening a WebSocket or changing something needs an Origin header, which every browser sends.",
        "A program of yours can send the header itself: Origin: https:// and the host that it talks to.",
    ),
    explain(
        "framed_elsewhere",
        "Another site shows the editor inside its own page",
        "Inside a page of somebody else's, clicks can be led to the editor unseen.",
        "Open the editor's address in a tab of its own.",
    ),
    explain(
        "port_not_allowed",
        "This port is not open through the editor",
        "The path begins with /proxy or /absproxy and names a local port that the settings do not list, or names it in another way than by \
         its plain number.",
        "Add the port to ports.allow if the app behind it may be reached by everybody who is signed in: `doorcode settings edit`.",
    ),
    explain(
        "unknown_page",
        "There is no such page",
        "Addresses under /.doorcode/ are Doorcode's own, and this is none of them.",
        "Open the front page of this host.",
    ),
    explain(
        "no_root",
        "There is no certificate to trust",
        "The host is served with a certificate from elsewhere, or with none, so there is no root of Doorcode's to hand out.",
        "Nothing: whoever made the certificate says how it is trusted. `doorcode cert list` shows which host has which.",
    ),
    explain(
        "no_such_form",
        "The certificate is not served in this form",
        "The address asks for a form of the root certificate other than PEM, der or profile.",
        "Open /.doorcode/certificate without anything behind it.",
    ),
    explain(
        "check_malformed",
        "A device check got something else than a report",
        "What was sent is not what the page of a device check sends.",
        ODD_CLIENT,
    ),
    explain(
        "check_used_or_expired",
        "The device check is over",
        "A check opens once, in one browser, and ends after some minutes.",
        "`doorcode trust check` begins another.",
    ),
    explain(
        "editor_starting",
        "The editor is starting",
        "The request came before the editor was ready.",
        "Wait a moment: the page comes back by itself.",
    ),
    explain(
        "editor_stopped",
        "The editor is stopped",
        "Somebody stopped it.",
        "`doorcode start` starts it again.",
    ),
    explain(
        "editor_failed",
        "The editor does not start",
        "It ended several times in a row right after its start.",
        "`doorcode logs --editor` shows what it said; `doorcode doctor` looks for the cause.",
    ),
    explain(
        "editor_unreachable",
        "The editor does not answer",
        "It runs, but its socket could not be reached or it closed the connection instead of answering.",
        "`doorcode logs --editor` shows what it said last; `doorcode restart` starts it anew.",
    ),
    explain(
        "upstream_aborted",
        "The editor broke off in the middle of an answer",
        "It ended, or closed the connection, while it was answering.",
        "`doorcode logs --editor` shows whether it ended; if it did not, loading the page again is enough.",
    ),
    explain(
        "stopping",
        "Closed because the engine stopped",
        "A WebSocket was open when the engine was told to end.",
        "Nothing: the editor connects again when the engine is back.",
    ),
];
