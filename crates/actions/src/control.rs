//! Asking the running engine.

use doorcode_engine::{Client, ClientError, Reloaded, Reply, Request};
use doorcode_settings::{Paths, Problem};

/// Asks the running engine over a connection of its own.
///
/// # Errors
/// `not_running` when none runs; otherwise as [`ask_over`].
pub async fn ask(paths: &Paths, request: &Request) -> Result<Reply, Problem> {
    let mut client = connect(paths)
        .await?
        .ok_or_else(|| Problem::from(&ClientError::NotRunning))?;
    ask_over(&mut client, request).await
}

/// A connection to the running engine; `None` when none runs.
///
/// # Errors
/// When one runs and does not answer.
pub async fn connect(paths: &Paths) -> Result<Option<Client>, Problem> {
    match Client::connect(paths).await {
        Ok(client) => Ok(Some(client)),
        Err(ClientError::NotRunning) => Ok(None),
        Err(error) => Err(Problem::from(&error)),
    }
}

/// Asks over a connection that is there.
///
/// # Errors
/// The engine's own problem when it refuses; `control_unreachable` when the connection broke.
pub async fn ask_over(client: &mut Client, request: &Request) -> Result<Reply, Problem> {
    match client.ask(request).await.map_err(|error| Problem::from(&error))? {
        Reply::Problem(problem) => Err(problem),
        reply => Ok(reply),
    }
}

/// Tells the engine that files have changed; `None` when none runs.
///
/// # Errors
/// As [`ask`]: a settings file that is refused, above all.
pub async fn reload(paths: &Paths) -> Result<Option<Reloaded>, Problem> {
    match connect(paths).await? {
        None => Ok(None),
        Some(mut client) => match ask_over(&mut client, &Request::Reload).await? {
            Reply::Reloaded(reloaded) => Ok(Some(reloaded)),
            _ => Err(unexpected()),
        },
    }
}

/// The engine answered, but not what was asked.
pub fn unexpected() -> Problem {
    Problem::new(
        "control_protocol",
        "the engine answered something else than it was asked",
        "use the `doorcode` that belongs to the running engine: doorcode --version",
    )
}
