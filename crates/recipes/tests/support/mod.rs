//! Settings to write recipes from.

use std::path::{Path, PathBuf};

use doorcode_recipes::{AuthService, Format, Options, Recipe, Written, write};
use doorcode_settings::{Problem, Settings};

/// The file that errors name.
pub(crate) const FILE: &str = "/home/ada/.config/doorcode/settings.toml";

/// Settings as they stand in a file.
pub(crate) fn settings(text: &str) -> Settings {
    Settings::parse(text, Path::new(FILE)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What the command line gives when no option is named.
pub(crate) fn options() -> Options {
    Options {
        public_url: None,
        allow_users: Vec::new(),
        proxies: Vec::new(),
        auth_service: AuthService::default(),
        format: Format::File,
        files: PathBuf::from("/etc/doorcode"),
        secret_file: PathBuf::from("/home/ada/.local/share/doorcode/proxy-secret"),
    }
}

pub(crate) fn recipe(recipe: Recipe, settings: &Settings, options: &Options) -> Result<Written, Problem> {
    write(recipe, settings, Path::new(FILE), options)
}

/// As [`recipe`], where nothing may be wrong.
pub(crate) fn written(which: Recipe, settings: &Settings, options: &Options) -> Written {
    recipe(which, settings, options).unwrap_or_else(|problem| panic!("{}: {problem}", which.as_str()))
}
