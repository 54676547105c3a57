//! Whether code-server gives its first page. Asking for it counts as use, so it is asked for only on a person's wish, and
//! only while the editor is in use anyway.

use std::path::Path;
use std::time::Duration;

use crate::dial::{Ask, ask_socket};
use crate::finding::Finding;
use crate::report::{Cause, FixAction};

/// The first page after a start loads all of VS Code.
const LIMIT: Duration = Duration::from_secs(10);

pub(crate) async fn look(socket: &Path) -> Finding {
    let question = Ask {
        host: "localhost",
        path: "/",
        websocket: None,
    };
    match ask_socket(socket, LIMIT, &question).await {
        Ok(answer) if answer.status.is_success() => Finding::pass("it comes"),
        // With a folder to open, it leads there first.
        Ok(answer)
            if answer.status.is_redirection()
                && answer.location().is_some_and(|to| !to.contains("login")) =>
        {
            Finding::pass("it comes")
        }
        Ok(answer) => Finding::wrong(
            format!("/ answered {}", answer.status),
            no_page(format!(
                "the editor runs, but its first page is an error ({})",
                answer.status
            )),
        ),
        Err(error) => Finding::wrong(
            format!("/: {error}"),
            no_page("the editor runs, but its first page does not come".to_owned()),
        ),
    }
}

fn no_page(message: String) -> Cause {
    Cause::critical(
        "editor_page_broken",
        message,
        "`doorcode logs --editor` says why; `doorcode restart` starts it anew. Where that does not help, `doorcode install` brings a fresh \
         code-server; then `doorcode restart` again",
    )
    .with_action(FixAction::Restart)
}
