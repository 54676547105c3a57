//! The settings file as it was before each of the last changes, kept beside the logs for as long as nobody else changes it.

use std::path::{Path, PathBuf};

use doorcode_settings::{Paths, Problem, edit, files};
use serde::{Deserialize, Serialize};

/// Steps that can be taken back.
const MOST_STEPS: usize = 20;

/// What is kept. A text of `None` is a file that was not there.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Undo {
    /// The settings file that this is about: a person may use several.
    file: PathBuf,
    /// Its texts before each change, the oldest first.
    before: Vec<Option<String>>,
    /// Its text after the last change.
    now: Option<String>,
}

impl Undo {
    /// What was kept; nothing, where it cannot be read: then nothing can be undone.
    pub(super) fn load(paths: &Paths) -> Undo {
        files::read_private(&place(paths))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Whether there is a step to take back, and the file is as we left it.
    pub(super) fn is_possible(&self, file: &Path) -> bool {
        !self.before.is_empty() && self.is_about(file) && edit::text(file).is_ok_and(|text| text == self.now)
    }

    fn is_about(&self, file: &Path) -> bool {
        self.file == file
    }

    /// The change itself is made by now: that it cannot be taken back is no reason to call it failed.
    fn save(&self, paths: &Paths) {
        let place = place(paths);
        let json = serde_json::to_vec(self).map_err(std::io::Error::from);
        let saved = json.and_then(|json| {
            files::private_dir(&paths.state_dir)?;
            files::write_private(&place, &json)
        });
        if let Err(error) = saved {
            tracing::warn!(%error, file = %place.display(), "what the settings were before is not kept");
        }
    }
}

/// Makes a change with `edit` such that it can be taken back.
pub(super) fn remembering<T>(
    paths: &Paths,
    edit: impl FnOnce() -> Result<T, Problem>,
) -> Result<(), Problem> {
    let file = &paths.settings_file;
    let mut undo = Undo::load(paths);
    let before = read(file)?;
    edit()?;
    let now = read(file)?;
    if now == before {
        return Ok(());
    }
    if !undo.is_about(file) || undo.now != before {
        undo = Undo::default(); // somebody else has changed it: the older texts lack that change
    }
    undo.file = file.clone();
    undo.before.push(before);
    let surplus = undo.before.len().saturating_sub(MOST_STEPS);
    undo.before.drain(..surplus);
    undo.now = now;
    undo.save(paths);
    Ok(())
}

/// Puts the file back as it was before the last change.
pub(super) fn step_back(paths: &Paths) -> Result<(), Problem> {
    let file = &paths.settings_file;
    let mut undo = Undo::load(paths);
    if !undo.is_about(file) {
        undo = Undo::default();
    }
    let present = read(file)?;
    let Some(before) = undo.before.pop() else {
        return Err(Problem::new(
            "undo_nothing",
            format!("no change of {} is left to undo", file.display()),
            "doorcode settings edit",
        ));
    };
    if present != undo.now {
        return Err(Problem::new(
            "undo_file_changed",
            format!(
                "{} has been changed elsewhere since; undoing would lose that",
                file.display()
            ),
            "doorcode settings edit",
        ));
    }
    edit::replace(file, before.as_deref()).map_err(|error| Problem::from(&error))?;
    undo.now = before;
    undo.save(paths);
    Ok(())
}

fn read(file: &Path) -> Result<Option<String>, Problem> {
    edit::text(file).map_err(|error| Problem::from(&error))
}

fn place(paths: &Paths) -> PathBuf {
    paths.state_dir.join("settings-undo.json")
}
