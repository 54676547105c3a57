//! Whether the door opens WebSockets for its own pages, and for no others.
//!
//! It is tried on the WebSocket of the device check, which says back what it is told. The permission for it is a token that
//! opens nothing else, so the probe signs nobody in, and an outsider could do no more with it.

use doorcode_settings::AuthMode;
use http::StatusCode;

use super::sign_in::{Target, ask_door, target};
use crate::dial::Ask;
use crate::finding::Finding;
use crate::report::Cause;
use crate::subject::Door;

const ECHO: &str = "/.doorcode/check/echo";
/// A name that nobody can have (RFC 6761 section 6.4).
const ELSEWHERE: &str = "https://elsewhere.invalid";

pub(crate) async fn look(door: &Door) -> Finding {
    if door.auth == AuthMode::TrustedProxy {
        return Finding::skipped("only the proxy may ask; see the public address");
    }
    let Some(target) = target(door).await else {
        return Finding::skipped("it listens on a socket only");
    };
    let own = format!(
        "{}://{}",
        if door.tls { "https" } else { "http" },
        target.authority
    );
    let (own, elsewhere) = (
        open(door, &target, &own).await,
        open(door, &target, ELSEWHERE).await,
    );
    match (own, elsewhere) {
        (Ok(StatusCode::SWITCHING_PROTOCOLS), Ok(StatusCode::FORBIDDEN)) => {
            Finding::pass("one of our own pages opens a WebSocket, another site's is refused")
        }
        (Ok(StatusCode::SWITCHING_PROTOCOLS), elsewhere) => Finding::wrong(
            format!("another site's WebSocket: {}", said(elsewhere)),
            Cause::critical(
                "websocket_origin_not_checked",
                "the door opens WebSockets for pages of other sites",
                "close the door at once: `doorcode stop --engine`; then write a report of it: `doorcode report`",
            ),
        ),
        (own, _) => Finding::wrong(
            format!("our own WebSocket: {}", said(own)),
            Cause::critical(
                "door_websocket_refused",
                "the door opens no WebSocket, without which the editor's page stays empty",
                "`doorcode logs --access` shows the refusal and its code, which `doorcode explain CODE` explains; if that does not help, write a \
                 report: `doorcode report`",
            ),
        ),
    }
}

async fn open(door: &Door, target: &Target, origin: &str) -> Result<StatusCode, String> {
    let visit = door.visits.expect();
    let protocol = format!("doorcode-check, {}", visit.token);
    let question = Ask {
        host: &target.authority,
        path: ECHO,
        websocket: Some((origin, &protocol)),
    };
    let answer = ask_door(door, target, &question).await?;
    Ok(answer.status)
}

fn said(answer: Result<StatusCode, String>) -> String {
    answer.map_or_else(|error| error, |status| format!("answered {status}"))
}
