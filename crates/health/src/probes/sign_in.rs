//! Whether somebody who is not signed in gets nothing of the editor.

use std::net::SocketAddr;

use doorcode_settings::{AuthMode, HostName};
use http::StatusCode;

use crate::certificate::server_name;
use crate::dial::{Answer, Ask, LOCAL_LIMIT, ask, limited, to_door};
use crate::finding::Finding;
use crate::report::Cause;
use crate::subject::Door;

/// A host of the door and an address where it answers.
pub(crate) struct Target {
    pub(crate) host: HostName,
    pub(crate) address: SocketAddr,
    /// As a browser would write it in `Host`.
    pub(crate) authority: String,
}

/// The first host that has a TCP address.
pub(crate) async fn target(door: &Door) -> Option<Target> {
    let served = door.hosts.first()?;
    let address = super::tls::addresses(door, &served.host)
        .await
        .into_iter()
        .next()?;
    Some(Target::of(&served.host, address))
}

impl Target {
    /// `host` at `address`.
    pub(crate) fn of(host: &HostName, address: SocketAddr) -> Target {
        Target {
            host: host.clone(),
            address,
            authority: format!("{}:{}", host.authority(), address.port()),
        }
    }
}

/// Asks the door as anybody could.
pub(crate) async fn ask_door(door: &Door, target: &Target, question: &Ask<'_>) -> Result<Answer, String> {
    let connection = to_door(&*door.visits, target.address).await?;
    match door.tls {
        true => {
            let name = server_name(&target.host)?;
            let connection = limited(LOCAL_LIMIT, connection.tls(&name)).await?;
            ask(connection.stream, LOCAL_LIMIT, question).await
        }
        false => ask(connection.stream, LOCAL_LIMIT, question).await,
    }
}

pub(crate) async fn look(door: &Door) -> Finding {
    if door.auth == AuthMode::None {
        return Finding::skipped("auth.mode is none: whoever reaches the door is in");
    }
    let Some(target) = target(door).await else {
        return Finding::skipped("it listens on a socket only, which is the proxy's");
    };
    let question = Ask {
        host: &target.authority,
        path: "/",
        websocket: None,
    };
    match ask_door(door, &target, &question).await {
        Ok(answer) => judge(&answer),
        Err(error) => Finding::wrong(
            format!("{}: {error}", target.authority),
            Cause::critical(
                "door_not_answering",
                format!(
                    "the door takes connections at {}, but does not answer",
                    target.address
                ),
                "`doorcode logs --app` says why; then `doorcode stop --engine` and `doorcode up`",
            ),
        ),
    }
}

fn judge(answer: &Answer) -> Finding {
    match answer.status {
        StatusCode::FOUND
        | StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::MISDIRECTED_REQUEST => {
            Finding::pass("somebody who has not signed in gets nothing but the way to sign in")
        }
        status => Finding::wrong(
            format!("somebody who has not signed in was answered {status}"),
            Cause::critical(
                "sign_in_not_asked",
                "the door lets somebody in who has not signed in",
                "close the door at once: `doorcode stop --engine`; then write a report of it: `doorcode report`",
            ),
        ),
    }
}
