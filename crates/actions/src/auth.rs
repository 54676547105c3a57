//! The password/none toggle.

use doorcode_engine::Reloaded;
use doorcode_settings::{AuthMode, Paths, Problem};

use crate::{blocking, control, settings_form};

/// Sets how people sign in, in the settings file and in the running engine; `None` when no engine runs.
///
/// # Errors
/// When the settings would no longer be valid (`none_beyond_loopback`), cannot be written, or the engine refuses them.
pub async fn set_mode(paths: &Paths, mode: AuthMode) -> Result<Option<Reloaded>, Problem> {
    let changing = paths.clone();
    blocking(move || settings_form::set(&changing, "auth.mode", &mode.as_str().into())).await?;
    control::reload(paths).await
}
