//! When the editor is ready, and the one request that makes it fast for the first person.

use std::path::Path;
use std::time::Duration;

use hyper::StatusCode;

use crate::http::get;

const ASK_EVERY: Duration = Duration::from_millis(50);
/// One question's limit. A start on a cold disk can keep code-server busy for seconds.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const PREWARM_LIMIT: Duration = Duration::from_secs(30);

/// Waits until `/healthz` is answered with 200; for ever, if need be. `expired` in its body means idle, not ill.
pub(crate) async fn ready(socket: &Path) {
    loop {
        if let Some(answer) = get(socket, "/healthz", ANSWER_LIMIT).await
            && answer.status == StatusCode::OK
        {
            return;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Asks for the workbench once: code-server loads VS Code only then, and nobody needs to wait for it. Failure costs nothing.
pub(crate) async fn prewarm(socket: &Path) {
    let Some(answer) = get(socket, "/", PREWARM_LIMIT).await else {
        return;
    };
    if !answer.status.is_redirection() {
        return;
    }
    if let Some(path) = answer.location.as_deref().and_then(own_path) {
        get(socket, &path, PREWARM_LIMIT).await;
    }
}

/// The path of a redirect to somewhere in the editor itself, given for `/`, such as `./?folder=/home/me`.
fn own_path(location: &str) -> Option<String> {
    let relative = location
        .strip_prefix("./")
        .or(location.strip_prefix('/'))
        .unwrap_or(location);
    let is_elsewhere = relative.starts_with('/') || relative.split(['?', '#']).next()?.contains(':');
    (!is_elsewhere).then(|| format!("/{relative}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_redirects_within_the_editor_are_followed() {
        assert_eq!(own_path("./?folder=/a:b").as_deref(), Some("/?folder=/a:b"));
        assert_eq!(own_path("/login").as_deref(), Some("/login"));
        assert_eq!(own_path("?folder=/x").as_deref(), Some("/?folder=/x"));
        for elsewhere in ["//other/", "https://other/", "http:x"] {
            assert_eq!(own_path(elsewhere), None, "{elsewhere}");
        }
    }
}
