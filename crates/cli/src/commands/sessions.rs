//! `doorcode sessions`: who is signed in, and the end of it.

use anstream::println;
use clap::{ArgGroup, Args, Subcommand};
use doorcode_actions::sessions;
use doorcode_gateway::SessionView;
use time::OffsetDateTime;

use crate::args::Json;
use crate::context::Context;
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
    let paths = &context.paths;
    let ended = match command {
        SessionsCommand::List(ListArgs { json }) => return list(json, context).await,
        SessionsCommand::Revoke(RevokeArgs { id: Some(id), .. }) => sessions::revoke(paths, id).await?,
        SessionsCommand::Revoke(_) => sessions::revoke_all(paths).await?,
    };
    ended.warning.iter().for_each(output::warning);
    match ended.value {
        1 => println!("1 session ended."),
        count => println!("{count} sessions ended."),
    }
    if context.settings()?.proxy_in_force().is_some() {
        println!(
            "The proxy may let the same person in again. To keep somebody out, take them off auth.trusted_proxy.allow_users: doorcode settings edit"
        );
    }
    Ok(0)
}

async fn list(json: Json, context: &Context) -> Result<u8, Failure> {
    let listed = sessions::list(&context.paths).await?;
    listed.warning.iter().for_each(output::warning);
    if json.json {
        output::json(&listed.value)?;
    } else {
        print(&listed.value);
    }
    Ok(0)
}

fn print(sessions: &[SessionView]) {
    if sessions.is_empty() {
        println!("Nobody is signed in.");
        return;
    }
    anstream::print!("{}", table(sessions, OffsetDateTime::now_utc()));
}

/// A line for each; who it is only where a proxy in front says so, since otherwise all are the one who knows the password.
fn table(sessions: &[SessionView], now: OffsetDateTime) -> String {
    let named = sessions.iter().any(|session| session.user.is_some());
    let who = |session: &SessionView| named.then(|| session.user.clone().unwrap_or_else(|| "-".to_owned()));
    let rows: Vec<Vec<String>> = sessions
        .iter()
        .map(|session| {
            let mut row = vec![session.id.clone()];
            row.extend(who(session));
            row.extend([
                session.client.clone(),
                format!("{} ago", output::span(now - session.last_seen)),
                output::moment(session.expires),
                session.tunnels.to_string(),
                session.user_agent.clone().unwrap_or_default(),
            ]);
            row
        })
        .collect();
    let mut titles = vec!["id"];
    titles.extend(named.then_some("who"));
    titles.extend(["from", "seen", "ends", "editors", "browser"]);
    output::table(&titles, &rows)
}

#[cfg(test)]
mod tests {
    use doorcode_gateway::SignInMethod;

    use super::*;

    #[test]
    fn whom_a_proxy_names_is_said_and_others_have_no_name() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let session = |user: Option<&str>| SessionView {
            id: "0a1b2c3d".to_owned(),
            created: now,
            last_seen: now,
            expires: now,
            client: "192.0.2.1".to_owned(),
            user_agent: None,
            method: SignInMethod::Proxy,
            tunnels: 0,
            user: user.map(str::to_owned),
        };
        let table = |sessions: &[SessionView]| super::table(sessions, now).to_lowercase();
        let named = table(&[session(Some("ada@example.com")), session(None)]);
        assert!(
            named.contains("who") && named.contains("ada@example.com"),
            "{named}"
        );
        assert!(!table(&[session(None)]).contains("who"));
    }
}
