//! How people sign in: the toggle, and what the proxy's way needs before it can be switched on.

use std::path::{Path, PathBuf};

use doorcode_engine::Reloaded;
use doorcode_settings::trusted_proxy::Missing;
use doorcode_settings::{AuthMode, Paths, Problem, Settings, files};
use serde_json::{Value as Json, json};

use crate::{blocking, control, settings_form};

/// Sets how people sign in, in the settings file and in the running engine; `None` when no engine runs.
///
/// # Errors
/// When the settings would no longer be valid (`none_beyond_loopback`, `trusted_proxy_incomplete`), cannot be written, or the
/// engine refuses them.
pub async fn set_mode(paths: &Paths, mode: AuthMode) -> Result<Option<Reloaded>, Problem> {
    let changing = paths.clone();
    blocking(move || settings_form::set(&changing, "auth.mode", &mode.as_str().into())).await?;
    control::reload(paths).await
}

/// What must still be set before [`set_mode`] takes `trusted-proxy`. Blocks, for a small file.
///
/// # Errors
/// When the settings cannot be read.
pub fn missing_for_trusted_proxy(paths: &Paths) -> Result<Vec<Missing>, Problem> {
    let settings = Settings::load(&paths.settings_file).map_err(|error| Problem::from(&error))?;
    Ok(settings.missing_for_trusted_proxy())
}

/// What came of [`trust_proxy`].
#[derive(Debug)]
pub struct TrustedProxyOutcome {
    /// What is still missing; the mode has not changed then, and what was given is in the file.
    pub missing: Vec<Missing>,
    /// What the running engine made of it; `None` when no engine runs.
    pub reloaded: Option<Reloaded>,
}

/// Sets keys of `[auth.trusted_proxy]` and, once nothing is missing, switches the mode.
///
/// # Errors
/// When a value is refused, the file cannot be written, or the engine refuses the settings.
pub async fn trust_proxy(
    paths: &Paths,
    keys: Vec<(&'static str, Json)>,
) -> Result<TrustedProxyOutcome, Problem> {
    let changing = paths.clone();
    let missing = blocking(move || {
        settings_form::set_all(&changing, &keys)?;
        let missing = missing_for_trusted_proxy(&changing)?;
        if missing.is_empty() {
            settings_form::set(&changing, "auth.mode", &AuthMode::TrustedProxy.as_str().into())?;
        }
        Ok(missing)
    })
    .await?;
    let reloaded = control::reload(paths).await?;
    Ok(TrustedProxyOutcome { missing, reloaded })
}

/// The header that [`secret_header`] has the proxy add.
pub const PROOF_HEADER: &str = "x-doorcode-proof";

/// The value of `auth.trusted_proxy.proof` for a secret in a header. Without a file of the person's own, a secret of 32 random
/// bytes is made in the settings' folder, once. Blocks.
///
/// # Errors
/// When the file cannot be written.
pub fn secret_header(paths: &Paths, file: Option<PathBuf>) -> Result<Json, Problem> {
    let file = match file {
        Some(file) => file,
        None => {
            let file = paths.proxy_secret_file();
            ensure_secret(&file).map_err(|error| {
                Problem::new(
                    "proxy_secret_unwritable",
                    format!("the proxy's secret {} cannot be made: {error}", file.display()),
                    format!("ls -ld '{}'", file.display()),
                )
            })?;
            file
        }
    };
    Ok(json!({ "header": PROOF_HEADER, "secret_file": file }))
}

fn ensure_secret(file: &Path) -> std::io::Result<()> {
    match files::read_private(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
            let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            if let Some(folder) = file.parent().filter(|folder| !folder.exists()) {
                files::private_dir(folder)?;
            }
            files::write_private(file, secret.as_bytes())
        }
        Err(error) => Err(error),
    }
}
