//! About code-server.

use doorcode_settings::Explanation;

pub(super) const ALL: [Explanation; 8] = [
    Explanation {
        code: "engine_not_running",
        title: "Doorcode does not run",
        cause: "Nothing of Doorcode runs for this user: neither the door that browsers open nor the \
                 editor behind it. Where the doctor has found something that keeps it from starting, it \
                 names that instead.",
        remedy: "`doorcode up` starts it in this terminal; the tray application does so too. To have it \
                 start by itself: `doorcode service install`.",
    },
    Explanation {
        code: "editor_stopped",
        title: "The editor is stopped",
        cause: "Somebody stopped code-server with `doorcode stop` or in the window. The door stays \
                 open and says so.",
        remedy: "`doorcode start` starts it again.",
    },
    Explanation {
        code: "editor_exited",
        title: "The editor ended by itself",
        cause: "code-server ended without being asked to, and is started again by itself. The message \
                 names the program, the line below it the last that it wrote, which usually say why.",
        remedy: "`doorcode logs --editor` shows all that it wrote. Where editor.program in the settings \
                 names the wrong program, correct it: `doorcode settings edit`. Otherwise bring a fresh \
                 one: `doorcode install`. Then `doorcode restart`.",
    },
    Explanation {
        code: "editor_gave_up",
        title: "The editor ends again and again",
        cause: "code-server ended by itself five times within two minutes and is not started again. \
                 The message names the program that was started, and its last lines.",
        remedy: "`doorcode logs --editor` shows all that it wrote. Where editor.program in the settings \
                 names the wrong program, correct it: `doorcode settings edit`. Otherwise mend what it \
                 says, or bring a fresh one: `doorcode install`. Then `doorcode restart`.",
    },
    Explanation {
        code: "editor_socket_gone",
        title: "The editor's socket is gone",
        cause: "code-server runs, but nobody listens on the socket in the runtime folder: somebody removed \
                it, or code-server's inner process is gone.",
        remedy: "`doorcode restart` starts it anew with a socket of its own; unsaved files are kept by \
                 the browser until it reconnects.",
    },
    Explanation {
        code: "editor_not_answering",
        title: "The editor does not answer",
        cause: "code-server takes connections but does not answer within some seconds, and does not use \
                the processor meanwhile: it hangs, or somebody has stopped its process.",
        remedy: "`doorcode restart`; unsaved changes are kept by the browser until it reconnects.",
    },
    Explanation {
        code: "editor_page_broken",
        title: "The editor's first page is broken",
        cause: "code-server is alive, but its first page is an error or does not come. Its installation \
                may be damaged.",
        remedy: "`doorcode logs --editor` says why; `doorcode restart` starts it anew. If that does not \
                 help, bring a fresh code-server, `doorcode install`, then `doorcode restart`.",
    },
    Explanation {
        code: "editor_websocket_broken",
        title: "The editor opens no WebSocket",
        cause: "code-server answers requests but no WebSocket, over which everything in its page runs.",
        remedy: "`doorcode restart` starts it anew. If that does not help, bring a fresh code-server, \
                 `doorcode install`, then `doorcode restart`.",
    },
];
