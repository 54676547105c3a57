//! Which code-server there is, and bringing one.

use doorcode_install::{CodeServer, Progress, Source, Version};
use doorcode_settings::{Paths, Problem, Settings};

use crate::blocking;

/// The code-server that the engine would run, looked at anew.
///
/// # Errors
/// Settings that cannot be read; no code-server that can be run, with every place looked at and its reason.
pub async fn find(paths: &Paths) -> Result<CodeServer, Problem> {
    let paths = paths.clone();
    blocking(move || {
        let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
        doorcode_engine::find_code_server(&settings, &paths)
    })
    .await
}

/// Brings a code-server into the data directory: see [`doorcode_install::install`], whose `progress` and `cancel` these are.
///
/// # Errors
/// `install_…`; nothing is then left of this install, and the one before is current as it was.
pub async fn install(
    paths: &Paths,
    source: Source,
    version: Option<Version>,
    progress: impl FnMut(Progress) + Send,
    cancel: impl Future<Output = ()> + Send,
) -> Result<CodeServer, Problem> {
    let folders = paths.clone();
    blocking(move || folders.create().map_err(|error| Problem::from(&error))).await?;
    doorcode_install::install(&paths.code_server_dir(), source, version, progress, cancel)
        .await
        .map_err(|error| Problem::from(&error))
}

/// Why the engine would run another code-server than `installed`: the settings and `PATH` come before our own install, and
/// a person who has just installed one expects it to be used. `None` when it is used.
pub async fn overruled(paths: &Paths, installed: &CodeServer) -> Option<Problem> {
    match find(paths).await {
        Ok(found) if found.entry == installed.entry => None,
        Ok(found) => Some(Problem::new(
            "install_not_used",
            format!(
                "the engine uses code-server {} at {} instead",
                found.version,
                found.entry.display()
            ),
            format!(
                "write `program = \"{}\"` under [editor]: `doorcode settings edit`",
                installed.entry.display()
            ),
        )),
        Err(problem) => Some(problem),
    }
}
