//! What every subcommand needs: where the files are, and the way to the running engine.

use std::path::Path;

use doorcode_actions::control;
use doorcode_engine::{Client, Reloaded, Reply, Request};
use doorcode_settings::{Paths, Problem, Settings};

use crate::failure::Failure;

pub(crate) use doorcode_actions::control::unexpected;

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
        Ok(control::connect(&self.paths).await?)
    }

    /// Asks the running engine.
    ///
    /// # Errors
    /// When none runs (exit status 3), and when it refuses.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, Failure> {
        Ok(control::ask(&self.paths, request).await?)
    }

    /// Tells the engine, if one runs, that files have changed; returns whether one runs.
    pub(crate) async fn reload(&self) -> Result<Option<Reloaded>, Failure> {
        Ok(control::reload(&self.paths).await?)
    }
}

/// Asks over a connection that is there; a refusal is an error.
pub(crate) async fn ask(client: &mut Client, request: &Request) -> Result<Reply, Failure> {
    Ok(control::ask_over(client, request).await?)
}
