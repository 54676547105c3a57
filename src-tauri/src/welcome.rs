//! How far a person has come with the first run, kept in `desktop.json` of the data directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use doorcode_settings::{Paths, Problem, files};
use serde::{Deserialize, Serialize};

/// The first run. Blocking file work of a millisecond.
#[derive(Debug)]
pub(crate) struct Welcome {
    file: PathBuf,
    /// Held while the file is read, changed and written.
    changing: Mutex<()>,
}

impl Welcome {
    /// What is kept among `paths`.
    pub(crate) fn new(paths: &Paths) -> Welcome {
        Welcome {
            file: paths.data_dir.join("desktop.json"),
            changing: Mutex::new(()),
        }
    }

    /// How far it has come. A file that cannot be read is as good as none: the steps are then offered once more.
    pub(crate) fn progress(&self) -> Progress {
        match load(&self.file) {
            Ok(progress) => progress,
            Err(error) => {
                tracing::warn!(file = %self.file.display(), %error, "the first run begins anew");
                Progress::default()
            }
        }
    }

    /// Notes what became of `step`.
    ///
    /// # Errors
    /// `desktop_state_unwritable`.
    pub(crate) fn set(&self, step: Step, outcome: Outcome) -> Result<Progress, Problem> {
        self.change(|progress| *progress.steps.at(step) = outcome)
    }

    /// Never shows it again of its own accord.
    ///
    /// # Errors
    /// `desktop_state_unwritable`.
    pub(crate) fn finish(&self) -> Result<Progress, Problem> {
        self.change(|progress| progress.done = true)
    }

    fn change(&self, edit: impl FnOnce(&mut Progress)) -> Result<Progress, Problem> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut progress = self.progress();
        edit(&mut progress);
        save(&self.file, &progress).map_err(|error| {
            Problem::new(
                "desktop_state_unwritable",
                format!("cannot write {}: {error}", self.file.display()),
                format!("ls -ld {}", self.file.display()),
            )
        })?;
        Ok(progress)
    }
}

/// How far the first run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Welcome"))]
#[serde(default)]
pub(crate) struct Progress {
    /// Finished or put away for good.
    pub(crate) done: bool,
    /// What became of each step.
    pub(crate) steps: Steps,
}

/// What became of each step, in the order in which they are offered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "WelcomeSteps"))]
#[serde(default)]
pub(crate) struct Steps {
    folder: Outcome,
    editor: Outcome,
    password: Outcome,
    trust: Outcome,
    open: Outcome,
}

impl Steps {
    fn at(&mut self, step: Step) -> &mut Outcome {
        match step {
            Step::Folder => &mut self.folder,
            Step::Editor => &mut self.editor,
            Step::Password => &mut self.password,
            Step::Trust => &mut self.trust,
            Step::Open => &mut self.open,
        }
    }
}

/// A step of the first run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "WelcomeStep"))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    /// Which folder opens.
    Folder,
    /// A code-server is found or installed.
    Editor,
    /// The password is seen or set.
    Password,
    /// The browser trusts the certificate.
    Trust,
    /// The editor is open in the browser.
    Open,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "StepState"))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Not reached yet.
    #[default]
    Todo,
    /// Done.
    Done,
    /// Left out.
    Skipped,
}

fn load(file: &Path) -> io::Result<Progress> {
    match fs::read(file) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Progress::default()),
        Err(error) => Err(error),
    }
}

fn save(file: &Path, progress: &Progress) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        files::private_dir(folder)?;
    }
    files::write_private(file, &serde_json::to_vec_pretty(progress)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn in_folder(folder: &Path) -> Welcome {
        Welcome {
            file: folder.join("data").join("desktop.json"),
            changing: Mutex::new(()),
        }
    }

    #[test]
    fn another_start_finds_the_steps_as_they_were_left() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let first = in_folder(home.path());
        assert_eq!(first.progress(), Progress::default());
        first.set(Step::Folder, Outcome::Done).expect("written");
        first.set(Step::Trust, Outcome::Skipped).expect("written");

        let second = in_folder(home.path());
        let found = second.progress();
        assert_eq!(found.steps.folder, Outcome::Done);
        assert_eq!(found.steps.editor, Outcome::Todo);
        assert_eq!(found.steps.trust, Outcome::Skipped);
        assert!(!found.done);
        assert!(second.finish().expect("written").done);
        assert!(in_folder(home.path()).progress().done);
        let mode = fs::metadata(&second.file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_broken_file_offers_the_steps_again_and_is_replaced() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let welcome = in_folder(home.path());
        welcome.finish().expect("written");
        fs::write(&welcome.file, "{").expect("broken");
        assert_eq!(welcome.progress(), Progress::default());
        welcome.set(Step::Open, Outcome::Done).expect("written");
        assert_eq!(welcome.progress().steps.open, Outcome::Done);
    }
}
