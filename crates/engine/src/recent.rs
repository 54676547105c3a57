//! The folders that were opened last.

use std::path::{Path, PathBuf};

use doorcode_settings::files;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use tracing::warn;

/// Folders remembered.
const MOST: usize = 8;

/// Remembers them in a file, across engines.
#[derive(Debug)]
pub(crate) struct Recent {
    file: PathBuf,
    kept: Kept,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    folders: Vec<String>,
}

impl Recent {
    /// Reads `file`; what cannot be read is forgotten. Blocking.
    pub(crate) fn open(file: PathBuf) -> Recent {
        let mut kept: Kept = files::read_private(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        kept.folders.retain(|folder| !folder.contains(char::is_control));
        kept.folders.truncate(MOST);
        Recent { file, kept }
    }

    /// The last one first.
    pub(crate) fn folders(&self) -> &[String] {
        &self.kept.folders
    }

    /// Notes the folder that the path `to` on the gateway opens, if it names one; true when that changes something.
    pub(crate) fn note(&mut self, to: &str) -> bool {
        let Some(folder) = folder_of(to) else { return false };
        if self.kept.folders.first() == Some(&folder) {
            return false;
        }
        self.kept.folders.retain(|known| *known != folder);
        self.kept.folders.insert(0, folder);
        self.kept.folders.truncate(MOST);
        true
    }

    /// Writes the file, on a thread of its own. Losing it costs a menu its entries and nothing else.
    pub(crate) fn save(&self) {
        let (file, kept) = (self.file.clone(), self.kept.clone());
        tokio::task::spawn_blocking(move || {
            let written = serde_json::to_vec(&kept)
                .map_err(std::io::Error::from)
                .and_then(|json| files::write_private(&file, &json));
            if let Err(error) = written {
                warn!(%error, file = %file.display(), "the folders opened last are not remembered");
            }
        });
    }
}

/// The folder in `/?folder=…`, as code-server takes it: an absolute path. None with control characters: a terminal and a
/// menu show it, and any page that the person follows a link from can have chosen it.
fn folder_of(to: &str) -> Option<String> {
    let (_, query) = to.split_once('?')?;
    let folder = query.split('&').find_map(|pair| pair.strip_prefix("folder="))?;
    let folder = percent_decode_str(folder).decode_utf8().ok()?;
    let is_fit = Path::new(&*folder).is_absolute() && !folder.contains(char::is_control);
    is_fit.then(|| folder.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_eight_are_remembered_each_once_and_across_engines() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("recent.json");
        let mut recent = Recent::open(file.clone());
        for number in 0..10 {
            assert!(recent.note(&format!("/?folder=/home/a%20b/{number}")));
        }
        assert!(recent.note("/?x=1&folder=/home/a%20b/5&y=2"));
        assert!(
            !recent.note("/?folder=/home/a%20b/5"),
            "it is the first one already"
        );
        assert_eq!(recent.folders().len(), MOST);
        assert_eq!(&recent.folders()[..2], ["/home/a b/5", "/home/a b/9"]);
        assert_eq!(
            recent
                .folders()
                .iter()
                .filter(|folder| folder.ends_with("/5"))
                .count(),
            1
        );

        recent.save();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while Recent::open(file.clone()).folders() != recent.folders() {
            assert!(std::time::Instant::now() < deadline, "it was not written");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().expect("written"));
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_names_no_folder_is_not_remembered() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("recent.json");
        std::fs::write(&file, "not JSON").expect("written");
        let mut recent = Recent::open(file);
        for to in [
            "/",
            "/?folder=",
            "/?folder=relative",
            "/?folder=%ff",
            "/?workspace=/a",
            "/folder=/a",
            "/?folder=/a%1b[31m",
            "/?folder=/a%0ab",
            "/?folder=/a%00",
            "/?folder=/a%c2%9b31m",
        ] {
            assert!(!recent.note(to), "{to}");
        }
        assert!(recent.folders().is_empty());
    }

    #[test]
    fn a_folder_with_controls_that_was_remembered_once_is_left_out() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("recent.json");
        let json = r#"{"folders":["/a\u001b[31m","/b"]}"#;
        files::write_private(&file, json.as_bytes()).expect("written");
        assert_eq!(Recent::open(file).folders(), ["/b"]);
    }
}
