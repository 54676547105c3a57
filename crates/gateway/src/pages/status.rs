//! What stands in for an editor that cannot answer.

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};

use super::shell::{Page, escape};
use super::{Asker, text};
use crate::body::Content;
use crate::config::Upstream;

/// Seconds between looks at an editor that starts: it needs half of one.
const STARTING: u32 = 1;
/// Between looks at one that may come back.
const AWAY: u32 = 5;

struct State<'a> {
    status: StatusCode,
    title: &'a str,
    /// HTML.
    body: String,
    /// The same for a program.
    line: String,
    refresh: u32,
}

/// For an editor that is not ready.
pub(crate) fn editor_state(asker: Asker, state: &Upstream) -> Response<Content> {
    let state = match state {
        Upstream::Ready | Upstream::Starting => State {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "The editor is starting",
            body: "<p class=\"soft\">It opens here by itself in a moment.</p>\n<div class=\"wait\"></div>\n"
                .to_owned(),
            line: "The editor is starting.".to_owned(),
            refresh: STARTING,
        },
        Upstream::Stopped => State {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "The editor is stopped",
            body: command(
                "Somebody stopped it. On its machine, this starts it again:",
                "doorcode start",
            ),
            line: "The editor is stopped; `doorcode start` starts it.".to_owned(),
            refresh: AWAY,
        },
        Upstream::Failed { message } => State {
            status: StatusCode::BAD_GATEWAY,
            title: "The editor does not start",
            body: format!(
                "<p>{}</p>\n{}",
                escape(message),
                command(
                    "On its machine, this shows what it said:",
                    "doorcode logs --editor"
                )
            ),
            line: format!(
                "The editor does not start: {message}; `doorcode logs --editor` shows what it said."
            ),
            refresh: AWAY,
        },
    };
    state.response(asker)
}

/// For an editor that should be there and does not answer.
pub(crate) fn editor_unreachable(asker: Asker) -> Response<Content> {
    let state = State {
        status: StatusCode::BAD_GATEWAY,
        title: "The editor does not answer",
        body: command(
            "This page tries again by itself. On the editor's machine, this shows what it said last:",
            "doorcode logs --editor",
        ),
        line: "The editor does not answer; `doorcode logs --editor` shows what it said last.".to_owned(),
        refresh: AWAY,
    };
    state.response(asker)
}

impl State<'_> {
    fn response(self, asker: Asker) -> Response<Content> {
        let mut response = match asker {
            Asker::Program => text(self.status, self.line),
            Asker::Person => Page {
                status: self.status,
                title: self.title,
                body: format!("<h1>{}</h1>\n{}", self.title, self.body),
                refresh: Some(self.refresh),
            }
            .response(),
        };
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(self.refresh));
        }
        response
    }
}

fn command(before: &str, command: &str) -> String {
    format!("<p class=\"soft\">{before}</p>\n<p><code>{command}</code></p>\n")
}
