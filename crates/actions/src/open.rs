//! Opening things where people look at them: the editor in the browser, signed in; folders and files on the desktop.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use doorcode_engine::{Client, Reply, Request};
use doorcode_settings::{HostName, Paths, Problem};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::private_page::PrivatePage;
use crate::{blocking, control};

/// How long a link that is opened at once stays valid, in seconds.
pub const LINK_SECONDS: u64 = 60;

/// What may stand unescaped in the value of `?folder=`.
const FOLDER: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// An opener that fails says so within this time; one that still runs has become the browser itself, as `xdg-open` does
/// where no desktop environment is known.
const OPENER_WAIT: Duration = Duration::from_secs(5);

/// The path on the gateway that opens `folder`: `/?folder=…`.
///
/// # Errors
/// `folder_missing` when it is not a folder that exists, or its name cannot stand in a link.
pub fn folder_path(folder: &Path) -> Result<String, Problem> {
    let missing = |error: std::io::Error| {
        Problem::new(
            "folder_missing",
            format!("cannot open the folder {}: {error}", folder.display()),
            "ls",
        )
    };
    let folder = folder.canonicalize().map_err(missing)?;
    if !folder.is_dir() {
        return Err(missing(std::io::ErrorKind::NotADirectory.into()));
    }
    let Some(text) = folder.to_str() else {
        let what = format!(
            "the folder's name {} is not valid UTF-8, which a link cannot carry",
            folder.display()
        );
        return Err(Problem::new("folder_missing", what, "doorcode open"));
    };
    Ok(format!("/?folder={}", utf8_percent_encode(text, FOLDER)))
}

/// A one-time link that signs in on `host` (the first configured one if none is named) and leads to the path `to`, valid
/// for `seconds`.
///
/// # Errors
/// `host_not_configured`, and as [`control::ask_over`].
pub async fn link(
    client: &mut Client,
    host: Option<HostName>,
    to: String,
    seconds: u64,
) -> Result<String, Problem> {
    match control::ask_over(client, &Request::Link { host, to, seconds }).await? {
        Reply::Link { url } => Ok(url),
        _ => Err(control::unexpected()),
    }
}

/// Whether this process can show a browser at all.
pub fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY") || set("BROWSER")
}

/// Opens the one-time link `url` in the default browser.
///
/// The browser gets a private page that leads there: on the opener's command line, which every user of the machine can
/// read, the link would let the quickest of them in. A browser in a sandbox of its own cannot read that page; it gets the
/// link itself, which still works only once.
///
/// # Errors
/// `page_unusable` when the page cannot be written, `browser_not_opened` when the opener is missing or fails.
pub async fn open_in_browser(paths: &Paths, url: &str) -> Result<(), Problem> {
    let (folder, link) = (paths.runtime_dir.clone(), url.to_owned());
    let target = blocking(move || {
        if browser_is_sandboxed() {
            return Ok(link);
        }
        PrivatePage::leading_to(&link).write(&folder)
    })
    .await?;
    run_opener(target.as_ref()).await.map_err(|why| {
        Problem::new(
            "browser_not_opened",
            format!("{OPENER} could not open the browser: {why}"),
            "doorcode open --print",
        )
    })
}

/// Opens a folder in the file manager, or a file in what the desktop opens such files with.
///
/// # Errors
/// `not_opened` when it does not exist, or the opener is missing or fails.
pub async fn open_on_desktop(path: &Path) -> Result<(), Problem> {
    let opened = match path.try_exists() {
        Ok(true) => run_opener(path.as_os_str()).await,
        Ok(false) => Err("it does not exist".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    opened.map_err(|why| {
        Problem::new(
            "not_opened",
            format!("{} could not be opened: {why}", path.display()),
            format!("ls -ld {}", path.display()),
        )
    })
}

const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// Runs the desktop's opener, in a process group of its own: what it opens outlives us and our Ctrl-C.
async fn run_opener(target: &OsStr) -> Result<(), String> {
    let mut child = tokio::process::Command::new(OPENER)
        .arg(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| error.to_string())?;
    match tokio::time::timeout(OPENER_WAIT, child.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(status.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_still_running) => {
            // Waited for, so that it does not stay as a zombie when it ends before we do.
            tokio::spawn(async move { child.wait().await });
            Ok(())
        }
    }
}

/// A snap's desktop file is named `<snap>_<app>.desktop`, a flatpak's by its reverse domain name. Blocking.
fn browser_is_sandboxed() -> bool {
    let output = std::process::Command::new("xdg-settings")
        .args(["get", "default-web-browser"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let name = output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    let snap = name.contains('_') && Path::new("/snap").exists();
    let flatpak = [
        "/var/lib/flatpak/exports/share/applications",
        ".local/share/flatpak/exports/share/applications",
    ];
    let home = std::env::home_dir().unwrap_or_default();
    snap || (!name.is_empty() && flatpak.iter().any(|dir| home.join(dir).join(&name).exists()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_odd_characters_survives_as_a_query() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let odd = dir.path().join("a b&c=d#e");
        std::fs::create_dir(&odd).expect("made");
        let query = folder_path(&odd).expect("a folder");
        assert!(query.ends_with("/a%20b%26c%3Dd%23e"), "{query}");
    }

    #[test]
    fn a_file_is_not_a_folder() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        assert_eq!(
            folder_path(file.path()).expect_err("refused").code,
            "folder_missing"
        );
    }
}
