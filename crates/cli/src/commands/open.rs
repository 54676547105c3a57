//! `doorcode open`: the browser, already signed in.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anstream::println;
use clap::Args;
use doorcode_engine::{Reply, Request};
use doorcode_settings::{HostName, Problem, files};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::context::{Context, unexpected};
use crate::failure::Failure;

/// How long a link that is opened or printed stays valid.
const LINK_SECONDS: u64 = 60;

/// What may stand unescaped in the value of `?folder=`.
const FOLDER: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

#[derive(Args)]
#[command(after_help = "Example: doorcode open ~/code\nExample: doorcode open --print | qrencode -t utf8")]
pub(crate) struct OpenArgs {
    /// The folder to open; the configured one if none is named.
    folder: Option<PathBuf>,
    /// Open this host's address.
    #[arg(long, value_name = "HOST")]
    host: Option<HostName>,
    /// Only print the link: it signs in once, within 60 seconds.
    #[arg(long)]
    print: bool,
}

pub(crate) async fn run(args: OpenArgs, context: &Context) -> Result<u8, Failure> {
    let to = args
        .folder
        .as_deref()
        .map(folder_query)
        .transpose()?
        .unwrap_or_else(|| "/".to_owned());
    let request = Request::Link {
        host: args.host,
        to,
        seconds: LINK_SECONDS,
    };
    let Reply::Link { url } = context.ask(&request).await? else {
        return Err(unexpected().into());
    };
    if args.print {
        println!("{url}");
        return Ok(0);
    }
    if !has_display() {
        println!("There is no display here. Open this within 60 seconds; it signs in once:");
        println!("{url}");
        return Ok(0);
    }
    open_browser(&url, context).await?;
    println!("Opened in the browser.");
    Ok(0)
}

fn folder_query(folder: &Path) -> Result<String, Failure> {
    let missing = |error: std::io::Error| {
        Problem::new(
            "folder_missing",
            format!("cannot open the folder {}: {error}", folder.display()),
            "ls",
        )
    };
    let folder = folder.canonicalize().map_err(missing)?;
    if !folder.is_dir() {
        return Err(missing(std::io::ErrorKind::NotADirectory.into()).into());
    }
    let Some(text) = folder.to_str() else {
        let what = format!(
            "the folder's name {} is not valid UTF-8, which a link cannot carry",
            folder.display()
        );
        return Err(Problem::new("folder_missing", what, "doorcode open").into());
    };
    Ok(format!("/?folder={}", utf8_percent_encode(text, FOLDER)))
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY") || set("BROWSER")
}

/// Opens a private page that leads to `url`: on the opener's command line, which every user of the machine can read,
/// the link would let the quickest of them in. A browser in a sandbox of its own cannot read that page; it gets the link
/// itself, which still works only once.
async fn open_browser(url: &str, context: &Context) -> Result<(), Failure> {
    let target = if browser_is_sandboxed() {
        url.to_owned()
    } else {
        let page = context.paths.runtime_dir.join("open.html");
        files::write_private(&page, page_to(url).as_bytes()).map_err(|error| {
            Problem::new(
                "page_unusable",
                format!("cannot write {}: {error}", page.display()),
                "doorcode open --print",
            )
        })?;
        format!("file://{}", page.display())
    };
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let mut command = tokio::process::Command::new(opener);
    command
        .arg(&target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let failed = |why: String| {
        Problem::new(
            "browser_not_opened",
            format!("{opener} could not open the browser: {why}"),
            "doorcode open --print",
        )
    };
    let status = command
        .status()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(status.to_string()).into());
    }
    Ok(())
}

fn page_to(url: &str) -> String {
    let escaped = url
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
         <meta http-equiv=\"refresh\" content=\"0; url={escaped}\"><title>Doorcode</title>\
         <p><a href=\"{escaped}\">Open the editor</a></p>\n"
    )
}

/// A snap's desktop file is named `<snap>_<app>.desktop`, a flatpak's by its reverse domain name.
fn browser_is_sandboxed() -> bool {
    let output = std::process::Command::new("xdg-settings")
        .args(["get", "default-web-browser"])
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
        let query = folder_query(&odd).expect("a folder");
        assert!(query.ends_with("/a%20b%26c%3Dd%23e"), "{query}");
    }

    #[test]
    fn a_file_is_not_a_folder() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        assert_eq!(
            folder_query(file.path()).expect_err("refused").problem.code,
            "folder_missing"
        );
    }

    #[test]
    fn the_page_escapes_the_link() {
        assert!(page_to("https://h/?a=1&b=\"<").contains("url=https://h/?a=1&amp;b=&quot;&lt;\""));
    }
}
