//! What a report says besides the logs.

use std::process::{Command, Stdio};

use doorcode_certs::CertStore;
use doorcode_engine::Status;
use doorcode_settings::{Paths, Problem};
use serde_json::{Value as Json, json};

use super::people;
use super::redact::Person;
use crate::settings_form;

/// Who runs this, so that it can be taken out.
pub(super) fn person() -> Person {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Person {
        home: std::env::home_dir().map(|home| home.display().to_string()),
        user: set("USER")
            .or_else(|| set("LOGNAME"))
            .or_else(|| says("id", &["-un"])),
        machine: says("uname", &["-n"]),
    }
}

/// The versions of everything that may be to blame.
pub(super) fn versions(paths: &Paths, status: Result<&Status, &Problem>) -> Json {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let code_server = doorcode_settings::Settings::load(&paths.settings_file)
        .map_err(|error| Problem::from(&error))
        .and_then(|settings| doorcode_engine::find_code_server(&settings, paths));
    json!({
        "doorcode": env!("CARGO_PKG_VERSION"),
        "engine": status.ok().map(|status| &status.engine.version),
        "code_server": match code_server {
            Ok(found) => json!(found),
            Err(problem) => json!(problem),
        },
        "system": name.map(|name| name.trim_matches('"')),
        "kernel": says("uname", &["-srm"]),
        "desktop": std::env::var("XDG_CURRENT_DESKTOP").ok(),
        "session": std::env::var("XDG_SESSION_TYPE").ok(),
    })
}

/// The status, without the folders a person works in.
pub(super) fn status(status: Result<&Status, &Problem>) -> Json {
    match status {
        Ok(status) => {
            let mut status = status.clone();
            let count = status.recent_folders.len();
            status.recent_folders = vec![format!("<{count} folders>")];
            json!(status)
        }
        Err(problem) => json!(problem),
    }
}

/// What certificates say; their files and keys stay where they are.
pub(super) fn certificates(paths: &Paths) -> Json {
    match CertStore::new(paths.certs_dir()).look() {
        Ok(entries) => entries
            .into_iter()
            .map(|entry| match entry {
                Ok(certificate) => json!(certificate),
                Err(broken) => json!(Problem::from(&broken)),
            })
            .collect(),
        Err(error) => json!(Problem::from(&error)),
    }
}

const ALLOW_USERS: &str = "auth.trusted_proxy.allow_users";

/// The people that the settings let in, as the file names them.
pub(super) fn allow_users(paths: &Paths) -> Json {
    let keys = settings_form::view(paths).keys;
    let key = keys.into_iter().find(|key| key.name == ALLOW_USERS);
    key.map_or(Json::Null, |key| key.value)
}

/// Every key with its value, as TOML would have it, whether the file is valid or not. Comments are a person's own and stay
/// at home, and so does what is handed to code-server beyond the options' names.
pub(super) fn settings(paths: &Paths) -> String {
    let view = settings_form::view(paths);
    let mut text = String::new();
    if let Some(problem) = view.problem {
        text.push_str(&format!("# {}: {}\n", problem.code, problem.message));
    }
    for key in view.keys {
        let origin = if key.is_set { "" } else { "  # the default" };
        let value = match key.name {
            "editor.args" => option_names(&key.value),
            ALLOW_USERS => people::counted(&key.value),
            _ => key.value,
        };
        text.push_str(&format!("{} = {value}{origin}\n", key.name));
    }
    text
}

/// `["--locale=de", "x", "-px"]` becomes `["--locale=<removed>", "<removed>", "-p<removed>"]`.
fn option_names(args: &Json) -> Json {
    let name = |arg: &Json| {
        let text = arg.as_str().unwrap_or_default();
        let end = match text.starts_with("--") {
            true => text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-'),
            false if text.starts_with('-') => text.char_indices().nth(2).map(|(at, _)| at),
            false => Some(0),
        };
        match end {
            Some(end) if text[end..].starts_with('=') => format!("{}=<removed>", &text[..end]),
            Some(end) => format!("{}<removed>", &text[..end]),
            None => text.to_owned(),
        }
    };
    match args {
        Json::Array(args) => args.iter().map(name).collect(),
        _ => json!("<removed>"),
    }
}

/// What a program prints, trimmed; None when there is nothing.
fn says(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_arguments_only_the_names_are_told() {
        for (arg, told) in [
            ("--verbose", "--verbose"),
            ("--locale=S3C", "--locale=<removed>"),
            ("--locale S3C", "--locale<removed>"),
            ("-pS3C", "-p<removed>"),
            ("-v", "-v"),
            ("S3C", "<removed>"),
            ("", "<removed>"),
        ] {
            assert_eq!(option_names(&json!([arg])), json!([told]));
        }
        assert_eq!(option_names(&json!("--verbose")), json!("<removed>"));
    }

    #[test]
    fn the_folders_a_person_works_in_are_counted_and_not_named() {
        let mut running = Status::not_running();
        running.recent_folders = vec!["/srv/the-client-project".into(), "/srv/other".into()];
        let text = status(Ok(&running)).to_string();
        assert!(text.contains("<2 folders>") && !text.contains("/srv"), "{text}");
    }

    #[test]
    fn a_folder_that_is_too_open_stays_so_for_whoever_reads_the_report() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let paths = Paths {
            settings_file: dir.path().join("settings.toml"),
            data_dir: dir.path().to_owned(),
            state_dir: dir.path().to_owned(),
            runtime_dir: dir.path().to_owned(),
        };
        let host = "localhost".parse().expect("a host");
        CertStore::new(paths.certs_dir()).issue(&host).expect("issued");
        let mode = || {
            let folder = std::fs::metadata(paths.certs_dir()).expect("there");
            folder.permissions().mode() & 0o777
        };
        std::fs::set_permissions(paths.certs_dir(), PermissionsExt::from_mode(0o755)).expect("ours");
        assert_eq!(certificates(&paths)[0]["host"], "localhost");
        assert_eq!(mode(), 0o755);
    }
}
