//! What decides whether there can be an engine.

use doorcode_engine::Holder;
use doorcode_settings::Paths;

/// Who holds the engine's lock, and what the settings file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) holder: Option<Holder>,
    settings: Option<Vec<u8>>,
}

impl Sight {
    /// As of now. What cannot be read is as good as not there: whoever needs it says why.
    pub(super) async fn of(paths: &Paths) -> Sight {
        let (lock, settings) = (paths.lock_file(), paths.settings_file.clone());
        let look = move || Sight {
            holder: doorcode_engine::holder(&lock).ok().flatten(),
            settings: std::fs::read(settings).ok(),
        };
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }
}
