//! What the command line says for this run only, over what settings.toml says.

use std::path::PathBuf;

use doorcode_settings::{Settings, Tls};

/// Values that win over the settings file for as long as this engine runs.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The folder opened when no other is named.
    pub folder: Option<PathBuf>,
    /// A certificate and key of a real CA: (certificate, key).
    pub custom_pair: Option<(PathBuf, PathBuf)>,
}

impl Overrides {
    /// `settings` with these values in place.
    pub fn apply(&self, mut settings: Settings) -> Settings {
        if let Some(folder) = &self.folder {
            settings.editor.folder = folder.clone();
        }
        if let Some((cert, key)) = &self.custom_pair {
            settings.tls = Tls::Custom {
                cert: cert.clone(),
                key: key.clone(),
            };
        }
        settings
    }
}
