//! About code-server.

use doorcode_settings::Explanation;

pub(super) const ALL: [Explanation; 8] = [
    Explanation {
        code: "engine_not_running",
        title: "Doorcode does not run",
        cause: "No engine runs, so nothing listens. The doctor has probed what can be probed without one.",
        remedy: "`doorcode up`, or the tray application. To have it start by itself: `doorcode service \
                 install`.",
    },
    Explanation {
        code: "editor_stopped",
        title: "The editor is stopped",
        cause: "Somebody stopped it; the door stays open and says so.",
        remedy: "`doorcode start`.",
    },
    Explanation {
        code: "editor_exited",
        title: "The editor ended by itself",
        cause: "code-server exited without being asked to and is started again. Its last lines usually say \
                why.",
        remedy: "`doorcode logs --editor`. If it goes on, install another version: `doorcode install`.",
    },
    Explanation {
        code: "editor_gave_up",
        title: "The editor ends again and again",
        cause: "code-server ended by itself five times within two minutes and is not started again.",
        remedy: "`doorcode logs --editor` shows its last lines; mend that, then `doorcode restart`.",
    },
    Explanation {
        code: "editor_socket_gone",
        title: "The editor's socket is gone",
        cause: "code-server runs, but nobody listens on the socket in the runtime folder: somebody removed \
                it, or code-server's inner process is gone.",
        remedy: "`doorcode restart`.",
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
        remedy: "`doorcode logs --editor`, then `doorcode restart`; if that does not help, `doorcode \
                 install`.",
    },
    Explanation {
        code: "editor_websocket_broken",
        title: "The editor opens no WebSocket",
        cause: "code-server answers requests but no WebSocket, over which everything in its page runs.",
        remedy: "`doorcode restart`.",
    },
];
