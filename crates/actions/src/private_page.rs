//! The page through which a one-time link reaches the browser without standing on a command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use doorcode_settings::{Problem, files};

/// Longer than the link in a page is valid, and than any browser takes to read it.
const KEPT: Duration = Duration::from_secs(300);

/// An HTML page that leads on to a link.
pub(crate) struct PrivatePage(String);

impl PrivatePage {
    pub(crate) fn leading_to(url: &str) -> PrivatePage {
        let escaped = url
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;");
        PrivatePage(format!(
            "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
             <meta http-equiv=\"refresh\" content=\"0; url={escaped}\"><title>Doorcode</title>\
             <p><a href=\"{escaped}\">Open the editor</a></p>\n"
        ))
    }

    /// Writes it, 0600, into `folder`, 0700, and gives its `file://` address. A file of its own each time: two browsers that are
    /// opened at once each need their own link. Those of earlier times are removed. Blocking.
    ///
    /// # Errors
    /// `page_unusable`.
    pub(crate) fn write(&self, folder: &Path) -> Result<String, Problem> {
        remove_old(folder);
        let page = fresh_name(folder);
        files::private_dir(folder)
            .and_then(|()| files::write_private(&page, self.0.as_bytes()))
            .map_err(|error| {
                Problem::new(
                    "page_unusable",
                    format!("cannot write {}: {error}", page.display()),
                    "doorcode open --print",
                )
            })?;
        Ok(format!("file://{}", page.display()))
    }
}

const PREFIX: &str = "open-";

fn fresh_name(folder: &Path) -> PathBuf {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{PREFIX}{}-{number}.html", std::process::id()))
}

/// The links in them no longer work; what cannot be removed does no harm.
fn remove_old(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_page = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(".html"));
        let written = entry.metadata().and_then(|found| found.modified());
        let is_old =
            written.is_ok_and(|time| SystemTime::now().duration_since(time).is_ok_and(|age| age > KEPT));
        if is_page && is_old {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_page_escapes_the_link() {
        let PrivatePage(page) = PrivatePage::leading_to("https://h/?a=1&b=\"<");
        assert!(page.contains("url=https://h/?a=1&amp;b=&quot;&lt;\""), "{page}");
    }

    #[test]
    fn two_links_at_once_get_a_page_each_and_old_pages_go() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let old = dir.path().join("open-1-0.html");
        fs::write(&old, "old").expect("written");
        let yesterday = SystemTime::now() - Duration::from_secs(86_400);
        fs::File::options()
            .write(true)
            .open(&old)
            .and_then(|file| file.set_modified(yesterday))
            .expect("dated back");
        let [one, two] = ["https://h/one", "https://h/two"]
            .map(|url| PrivatePage::leading_to(url).write(dir.path()).expect("written"));
        assert_ne!(one, two);
        assert!(!old.exists());
        for (address, url) in [(one, "https://h/one"), (two, "https://h/two")] {
            let path = PathBuf::from(address.strip_prefix("file://").expect("a file's address"));
            assert!(fs::read_to_string(&path).expect("readable").contains(url));
            let mode = fs::metadata(&path).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
