//! Hosting an engine in this process.

use doorcode_engine::{Engine, Overrides, Reply, Request};
use doorcode_install::CodeServer;
use doorcode_settings::{Paths, Problem};

use crate::app_log::AppLog;
use crate::{blocking, control};

/// An engine in this process, and the log that it writes.
#[derive(Debug)]
pub struct Hosted {
    engine: Engine,
    log: AppLog,
}

/// Starts an engine here. The editor is still starting when this returns.
///
/// `found` is the code-server to start, for a caller that refuses to start without one ([`crate::editor::find`]). With none
/// the engine looks itself, and one that cannot be run is the editor's failure and not the engine's: the door is up, says
/// so, and waits for a start.
///
/// # Errors
/// `already_running`, and as [`Engine::start`].
pub async fn start(
    paths: &Paths,
    overrides: Overrides,
    found: Option<CodeServer>,
    log: &AppLog,
) -> Result<Hosted, Problem> {
    refuse_second(paths).await?;
    let (folders, opening) = (paths.clone(), log.clone());
    let sink = blocking(move || {
        folders.create().map_err(|error| Problem::from(&error))?;
        opening.open(&folders)
    })
    .await?;
    match Engine::start(paths.clone(), overrides, found, sink).await {
        Ok(engine) => Ok(Hosted {
            engine,
            log: log.clone(),
        }),
        Err(problem) => {
            close(log).await;
            Err(problem)
        }
    }
}

/// A problem that says where the engine is that runs already.
///
/// # Errors
/// `already_running`, and as [`control::ask_over`].
pub async fn refuse_second(paths: &Paths) -> Result<(), Problem> {
    let Some(mut client) = control::connect(paths).await? else {
        return Ok(());
    };
    let Reply::Status(status) = control::ask_over(&mut client, &Request::Status).await? else {
        return Err(control::unexpected());
    };
    let pid = status
        .engine
        .pid
        .map(|pid| format!(" as process {pid}"))
        .unwrap_or_default();
    let what = format!("Doorcode already runs{pid}: {}", status.urls.join(" "));
    Err(Problem::new("already_running", what, "doorcode open"))
}

impl Hosted {
    /// Waits for the engine's end, whoever asked for it.
    pub async fn ended(&mut self) {
        self.engine.ended().await;
        close(&self.log).await;
    }

    /// Drains the gateway, stops the editor with everything it started, and ends the engine: within 10 seconds.
    pub async fn shutdown(self) {
        self.engine.shutdown().await;
        close(&self.log).await;
    }
}

async fn close(log: &AppLog) {
    let log = log.clone();
    // It fails only when the runtime ends, and then the process does.
    let _ = tokio::task::spawn_blocking(move || log.close()).await;
}
