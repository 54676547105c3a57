//! Whether code-server opens WebSockets, on the one address where that does not count as use.

use std::path::Path;
use std::time::Duration;

use http::StatusCode;

use crate::dial::{Ask, ask_socket};
use crate::finding::Finding;
use crate::report::{Cause, FixAction};

const LIMIT: Duration = Duration::from_secs(3);

pub(crate) async fn look(socket: &Path) -> Finding {
    let question = Ask {
        host: "localhost",
        path: "/healthz",
        websocket: Some(("https://localhost", "doorcode-check")),
    };
    let seen = match ask_socket(socket, LIMIT, &question).await {
        Ok(answer) if answer.status == StatusCode::SWITCHING_PROTOCOLS => {
            return Finding::pass("a WebSocket opens");
        }
        Ok(answer) => format!("a WebSocket was answered {}", answer.status),
        Err(error) => format!("a WebSocket: {error}"),
    };
    Finding::wrong(
        seen,
        Cause::critical(
            "editor_websocket_broken",
            "the editor answers, but opens no WebSocket, without which its page stays empty",
            "doorcode restart",
        )
        .with_action(FixAction::Restart),
    )
}
