//! What every subcommand needs: where the files are, and the way to the running engine.

use std::path::Path;

use doorcode_engine::{Client, ClientError, Reply, Request};
use doorcode_settings::{Paths, Problem, Settings};

use crate::failure::Failure;

pub(crate) struct Context {
    pub(crate) paths: Paths,
}

impl Context {
    pub(crate) fn new(settings_file: Option<&Path>) -> Result<Context, Failure> {
        Ok(Context {
            paths: Paths::discover(settings_file).map_err(|error| Problem::from(&error))?,
        })
    }

    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.paths.settings_file).map_err(|error| Problem::from(&error))?)
    }

    /// Makes the folders, for what writes into them.
    pub(crate) fn create_folders(&self) -> Result<(), Failure> {
        Ok(self.paths.create().map_err(|error| Problem::from(&error))?)
    }

    /// A connection to the running engine; `None` when none runs.
    pub(crate) async fn engine(&self) -> Result<Option<Client>, Failure> {
        match Client::connect(&self.paths).await {
            Ok(client) => Ok(Some(client)),
            Err(ClientError::NotRunning) => Ok(None),
            Err(error) => Err(Problem::from(&error).into()),
        }
    }

    /// Asks the running engine.
    ///
    /// # Errors
    /// When none runs (exit status 3), and when it refuses.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, Failure> {
        let mut client = self
            .engine()
            .await?
            .ok_or_else(|| Problem::from(&ClientError::NotRunning))?;
        ask(&mut client, request).await
    }

    /// Tells the engine, if one runs, that files have changed; returns whether one runs.
    pub(crate) async fn reload(&self) -> Result<Option<doorcode_engine::Reloaded>, Failure> {
        match self.engine().await? {
            None => Ok(None),
            Some(mut client) => match ask(&mut client, &Request::Reload).await? {
                Reply::Reloaded(reloaded) => Ok(Some(reloaded)),
                _ => Err(unexpected().into()),
            },
        }
    }
}

/// Asks over a connection that is there; a refusal is an error.
pub(crate) async fn ask(client: &mut Client, request: &Request) -> Result<Reply, Failure> {
    match client.ask(request).await.map_err(|error| Problem::from(&error))? {
        Reply::Problem(problem) => Err(problem.into()),
        reply => Ok(reply),
    }
}

/// The engine answered, but not what was asked.
pub(crate) fn unexpected() -> Problem {
    Problem::new(
        "control_protocol",
        "the engine answered something else than it was asked",
        "use the `doorcode` that belongs to the running engine: doorcode --version",
    )
}
