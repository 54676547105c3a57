//! What a person asks for, done: the one implementation behind the `doorcode` command and the tray.
//!
//! Each module is a kind of wish. None of them prints, asks or draws: they take what was decided and give back what
//! happened, or a [`doorcode_settings::Problem`]. Whatever an engine can do is asked of the running engine; where none runs
//! and the files are enough (the password, the sessions, the settings), the files are used.

pub mod app_log;
pub mod audit;
pub mod auth;
pub mod control;
pub mod devices;
pub mod doctor;
pub mod editor;
pub mod explain;
pub mod host;
pub mod logs;
pub mod open;
pub mod password;
mod private_page;
pub mod report;
pub mod sessions;
pub mod settings_form;
pub mod trust;

use doorcode_settings::Problem;

/// Runs `work`, which blocks, off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Problem::new(
            "internal",
            format!("a part of Doorcode failed: {error}"),
            "doorcode logs --app",
        )),
    }
}
