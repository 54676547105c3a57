//! Why the gateway does not start to listen.

use doorcode_settings::Explanation;

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: "port_busy",
        title: "The port is taken",
        cause: "Another program listens at an address of gateway.listen.",
        remedy: "The message of `doorcode up` and of `doorcode doctor` names it where the system tells. End it (`kill PID`) and run `doorcode up`, or choose \
                 another port: `doorcode settings edit`.",
    },
    Explanation {
        code: "port_not_permitted",
        title: "The port needs a privilege",
        cause: "Ports below 1024 are for programs with a privilege that Doorcode does not have.",
        remedy: "Choose a port above 1023 in gateway.listen: `doorcode settings edit`.",
    },
    Explanation {
        code: "address_unknown",
        title: "The address is not this machine's",
        cause: "No network interface has the address of gateway.listen; it may belong to a network that is not up.",
        remedy: "Correct gateway.listen: `doorcode settings edit`.",
    },
    Explanation {
        code: "listen_failed",
        title: "An address cannot be listened on",
        cause: "The system refused an address of gateway.listen for the reason in the message.",
        remedy: "Correct gateway.listen: `doorcode settings edit`.",
    },
    Explanation {
        code: "socket_busy",
        title: "The unix socket is taken",
        cause: "Another program answers at the path of gateway.listen.",
        remedy: "End it, or choose another path: `doorcode settings edit`.",
    },
    Explanation {
        code: "socket_in_the_way",
        title: "Something else has the unix socket's name",
        cause: "At the path of gateway.listen is a file that is no socket. It is left alone.",
        remedy: "Move it away, or choose another path: `doorcode settings edit`.",
    },
    Explanation {
        code: "socket_folder",
        title: "The unix socket's folder cannot be used",
        cause: "The folder is missing, belongs to somebody else, or its group or everybody can write to it: then another user could take the socket's place \
                and read what the proxy sends.",
        remedy: "Make a folder of your own for it. Where the proxy runs as another user, make it for a group of the proxy's, which the socket is \
                 then for as well: install -d -m 2750 -g GROUP_OF_THE_PROXY FOLDER.",
    },
    Explanation {
        code: "sessions_unreadable",
        title: "The file of sessions cannot be used",
        cause: "sessions.json is damaged, or others could read it. It was set aside, and everybody signs in again.",
        remedy: "Sign in again: `doorcode open`. If it happens again, look at the disk.",
    },
    Explanation {
        code: "sessions_not_saved",
        title: "Sessions cannot be written",
        cause: "sessions.json in the data directory cannot be written, so who is signed in now is forgotten when the engine restarts.",
        remedy: "Make room on the disk, or give the folder back to yourself; the message names it.",
    },
    Explanation {
        code: "threads_unavailable",
        title: "The system gives no threads",
        cause: "The limit of threads or open files of this user is reached.",
        remedy: "`ulimit -a` shows the limits; end other programs or raise them.",
    },
];
