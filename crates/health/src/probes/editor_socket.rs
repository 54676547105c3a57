//! Whether code-server's socket is there and takes connections.

use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;

use crate::dial::limited;
use crate::finding::Finding;
use crate::report::{Cause, FixAction};

/// The kernel answers for a listener that is only busy.
const LIMIT: Duration = Duration::from_secs(1);

pub(crate) async fn look(socket: &Path) -> Finding {
    match limited(LIMIT, UnixStream::connect(socket)).await {
        Ok(_) => Finding::pass(socket.display().to_string()),
        Err(error) => Finding::wrong(
            format!("{}: {error}", socket.display()),
            Cause::critical(
                "editor_socket_gone",
                "the editor runs, but cannot be reached: nobody listens on its socket any more",
                "doorcode restart",
            )
            .with_action(FixAction::Restart),
        ),
    }
}
