//! Whether code-server's socket is there and takes connections.

use std::io::ErrorKind;
use std::path::Path;

use crate::finding::Finding;
use crate::over_socket::connect;
use crate::report::{Cause, FixAction};

pub(crate) fn look(socket: &Path) -> Finding {
    match connect(socket) {
        Ok(_) => Finding::pass(socket.display().to_string()),
        // Somebody listens who has stopped to take what comes.
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            Finding::pass(format!("{}: its queue is full", socket.display()))
        }
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
