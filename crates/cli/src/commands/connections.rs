//! `doorcode connections`: who is connected, and what goes over it.

use anstream::println;
use clap::Args;
use doorcode_engine::{Reply, Request};
use doorcode_gateway::ConnectionView;
use time::OffsetDateTime;

use crate::args::Json;
use crate::context::{Context, unexpected};
use crate::failure::Failure;
use crate::output;

#[derive(Args)]
#[command(
    after_help = "Example: doorcode connections --json\nAn open window of the editor has two connections, each a WebSocket."
)]
pub(crate) struct ConnectionsArgs {
    #[command(flatten)]
    json: Json,
}

pub(crate) async fn run(args: ConnectionsArgs, context: &Context) -> Result<u8, Failure> {
    let Reply::Connections { connections } = context.ask(&Request::Connections).await? else {
        return Err(unexpected().into());
    };
    if args.json.json {
        output::json(&connections)?;
    } else {
        print(&connections);
    }
    Ok(0)
}

fn print(connections: &[ConnectionView]) {
    if connections.is_empty() {
        println!("Nobody is connected.");
        return;
    }
    let now = OffsetDateTime::now_utc();
    let rows: Vec<Vec<String>> = connections.iter().map(|view| row(view, now)).collect();
    let heading = [
        "from",
        "who",
        "browser",
        "for",
        "protocol",
        "websockets",
        "in",
        "out",
        "reconnects",
    ];
    anstream::print!("{}", output::table(&heading, &rows));
}

fn row(view: &ConnectionView, now: OffsetDateTime) -> Vec<String> {
    let none = || "-".to_owned();
    let session = view.session.as_ref().map(|id| format!("session {id}"));
    vec![
        view.from.map_or_else(none, |from| from.to_string()),
        view.who.clone().or(session).unwrap_or_else(none),
        view.device.clone().unwrap_or_else(none),
        output::span(now - view.since),
        view.protocol.clone(),
        view.websockets.to_string(),
        output::bytes(view.bytes_in),
        output::bytes(view.bytes_out),
        view.reconnects.to_string(),
    ]
}
