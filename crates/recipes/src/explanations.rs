//! What the codes of this crate mean.

use doorcode_settings::Explanation;

/// Every code that writing a recipe can end with, but for those of the settings.
pub const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        code: "recipe_incomplete",
        title: "The recipe needs to know more",
        cause: "A recipe is written from the settings, and these do not say yet what the public address is, who may come \
                in, or where the proxy connects from.",
        remedy: "Say it by options, `--public-url`, `--allow`, `--proxy`; the settings that `--settings-table` then prints make \
                 them unnecessary.",
    },
    Explanation {
        code: "recipe_needs_tcp",
        title: "This proxy cannot open a unix socket",
        cause: "gateway.listen names unix sockets only, and Pomerium and Traefik connect to addresses.",
        remedy: "Add an address, such as \"127.0.0.1:8443\", to gateway.listen: `doorcode settings edit`. A proof that holds \
                 for sockets only is to be changed with it.",
    },
    Explanation {
        code: "recipe_port_unknown",
        title: "The door's port changes at each start",
        cause: "Port 0 in gateway.listen is any free port, so there is none that a proxy could be told.",
        remedy: "Choose a port in gateway.listen: `doorcode settings edit`.",
    },
    Explanation {
        code: "recipe_tls_over_socket",
        title: "Tailscale speaks no TLS to a socket",
        cause: "The door expects TLS on its unix socket, and Tailscale Serve speaks plain http there.",
        remedy: "Set tls.mode = \"off\": `doorcode settings edit`. Nothing on a socket leaves the machine.",
    },
    Explanation {
        code: "recipe_value_refused",
        title: "A value cannot stand in the recipe",
        cause: "A path or a name has a character for which the proxy's format has no way of writing, such as a $ for nginx, a \
                brace for Caddy, or the end of a line; or it is not what its key takes.",
        remedy: "Choose another name. `--files` moves the proxy's files.",
    },
];
