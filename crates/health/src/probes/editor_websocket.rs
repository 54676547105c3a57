//! Whether code-server opens WebSockets, on the one address where that does not count as use.

use http::StatusCode;

use crate::dial::Failed;
use crate::finding::Finding;
use crate::over_socket::Answered;
use crate::report::{Cause, FixAction};

/// What is asked with, beside the usual. The server proves that it has read the key; which one it is does not matter (RFC 6455
/// section 1.3).
pub(crate) const HEADERS: &str = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                                  sec-websocket-key: ZG9vcmNvZGUtaGVhbHRoLQ==\r\norigin: https://localhost\r\n";

/// What follows from the answer of an editor that does answer `/healthz`.
pub(crate) fn judge(answer: &Result<Answered, Failed>) -> Finding {
    let seen = match answer {
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
