//! Settings to write recipes from, and the snapshots to compare them with.

use std::path::{Path, PathBuf};

use doorcode_recipes::{AuthService, Options, Recipe, Written, write};
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
        files: PathBuf::from("/etc/doorcode"),
        secret_file: PathBuf::from("/home/ada/.local/share/doorcode/proxy-secret"),
    }
}

pub(crate) fn recipe(recipe: Recipe, settings: &Settings, options: &Options) -> Result<Written, Problem> {
    write(recipe, settings, Path::new(FILE), options)
}

/// Compares with `tests/snapshots/<name>`; writes it anew when `DOORCODE_UPDATE_SNAPSHOTS` is set.
pub(crate) fn snapshot(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(name);
    if std::env::var_os("DOORCODE_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, text).expect("the snapshots can be written");
        return;
    }
    let expected =
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    for (number, (is, was)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(is, was, "{name}:{}", number + 1);
    }
    assert_eq!(text, expected, "{name}");
}
