//! `doorcode sessions`: who is signed in, and the end of it.

use anstream::println;
use clap::{ArgGroup, Args, Subcommand};
use doorcode_engine::{EngineLock, Reply, Request};
use doorcode_gateway::{SessionStore, SessionView};
use doorcode_settings::Problem;
use time::OffsetDateTime;

use crate::args::Json;
use crate::context::{Context, ask};
use crate::failure::Failure;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum SessionsCommand {
    /// List who is signed in.
    List(ListArgs),
    /// Sign someone out: the open editor closes at once.
    Revoke(RevokeArgs),
}

#[derive(Args)]
#[command(after_help = "Example: doorcode sessions list --json")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    json: Json,
}

#[derive(Args)]
#[command(after_help = "Example: doorcode sessions revoke 4f9c2a")]
#[command(group = ArgGroup::new("which").required(true))]
pub(crate) struct RevokeArgs {
    /// The session's id, as `sessions list` shows it.
    #[arg(group = "which")]
    id: Option<String>,
    /// Everyone.
    #[arg(long, group = "which")]
    all: bool,
}

pub(crate) async fn run(command: SessionsCommand, context: &Context) -> Result<u8, Failure> {
    let request = match &command {
        SessionsCommand::List(_) => Request::SessionsList,
        SessionsCommand::Revoke(RevokeArgs { id: Some(id), .. }) => {
            Request::SessionsRevoke { id: id.clone() }
        }
        SessionsCommand::Revoke(_) => Request::SessionsRevokeAll,
    };
    let reply = match context.engine().await? {
        Some(mut client) => ask(&mut client, &request).await?,
        None => without_engine(&request, context).await?,
    };
    match (reply, command) {
        (Reply::Sessions { sessions }, SessionsCommand::List(ListArgs { json })) => {
            if json.json {
                output::json(&sessions)?;
            } else {
                print(&sessions);
            }
        }
        (Reply::Revoked { count: 1 }, _) => println!("1 session ended."),
        (Reply::Revoked { count }, _) => println!("{count} sessions ended."),
        _ => return Err(crate::context::unexpected().into()),
    }
    Ok(0)
}

/// Ends every session on disk, for when no engine runs.
pub(crate) async fn revoke_all_without_engine(context: &Context) -> Result<(), Failure> {
    without_engine(&Request::SessionsRevokeAll, context)
        .await
        .map(drop)
}

/// Works on sessions.json itself, with the engine's lock held so that none starts meanwhile.
async fn without_engine(request: &Request, context: &Context) -> Result<Reply, Failure> {
    context.create_folders()?;
    let _lock = EngineLock::acquire(&context.paths.lock_file(), &context.paths.control_socket())
        .map_err(|error| Problem::from(&error))?;
    let (store, problem) = SessionStore::open(&context.paths.sessions_file());
    if let Some(problem) = problem {
        output::warning(&problem);
    }
    let reply = match request {
        Request::SessionsRevoke { id } if store.revoke(id) => Reply::Revoked { count: 1 },
        Request::SessionsRevoke { id } => {
            let what = format!("there is no session {id}");
            return Err(Problem::new("session_unknown", what, "doorcode sessions list").into());
        }
        Request::SessionsRevokeAll => Reply::Revoked {
            count: store.revoke_all(),
        },
        _ => Reply::Sessions {
            sessions: store.list(),
        },
    };
    store.flush().await;
    match store.trouble() {
        Some(problem) => Err(problem.into()),
        None => Ok(reply),
    }
}

fn print(sessions: &[SessionView]) {
    if sessions.is_empty() {
        println!("Nobody is signed in.");
        return;
    }
    let now = OffsetDateTime::now_utc();
    let rows: Vec<Vec<String>> = sessions
        .iter()
        .map(|session| {
            vec![
                session.id.clone(),
                session.client.clone(),
                format!("{} ago", output::span(now - session.last_seen)),
                output::moment(session.expires),
                session.tunnels.to_string(),
                session.user_agent.clone().unwrap_or_default(),
            ]
        })
        .collect();
    anstream::print!(
        "{}",
        output::table(&["id", "from", "seen", "ends", "editors", "browser"], &rows)
    );
}
