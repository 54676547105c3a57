//! Whether plain http is led to https.

use std::net::SocketAddr;

use http::StatusCode;

use crate::dial::{Ask, LOCAL_LIMIT, ask, to_door};
use crate::finding::Finding;
use crate::report::Cause;
use crate::subject::Door;

pub(crate) async fn look(door: &Door) -> Finding {
    let Some(target) = super::sign_in::target(door).await else {
        return Finding::skipped("it listens on a socket only");
    };
    if !door.tls {
        return Finding::skipped("tls.mode is off");
    }
    match exchange(door, target.address, &target.authority).await {
        Ok(seen) => Finding::pass(seen),
        Err(seen) => Finding::wrong(
            seen,
            Cause::warning(
                "no_redirect",
                "the door does not lead http to https, so an address typed without https:// does not work",
                "`doorcode logs --app` says why; until then, type https:// before the address",
            ),
        ),
    }
}

async fn exchange(door: &Door, address: SocketAddr, authority: &str) -> Result<String, String> {
    let connection = to_door(&*door.visits, address).await?;
    let question = Ask {
        host: authority,
        path: "/",
        websocket: None,
    };
    let answer = ask(connection.stream, LOCAL_LIMIT, &question).await?;
    let to = answer.location().unwrap_or("nowhere");
    match answer.status == StatusCode::MOVED_PERMANENTLY && to.starts_with("https://") {
        true => Ok(format!("http is led to {to}")),
        false => Err(format!("http was answered {}, leading to {to}", answer.status)),
    }
}
