//! The command line, which a second launch hands to the first.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::window::Page;

/// Doorcode in the tray: VS Code in the browser, behind a front door of its own.
///
/// One runs per person: a second launch hands over what it was asked for and ends. Everything is also there without a
/// desktop, as the command `doorcode`.
#[derive(Parser, Debug, Clone, PartialEq, Eq)]
#[command(
    name = "doorcode-desktop",
    version,
    after_help = "Example: doorcode-desktop --open-folder ~/code"
)]
pub(crate) struct Arguments {
    /// Use this settings file.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Show no window; as at login.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Open this folder in the browser, signed in.
    #[arg(long, value_name = "DIR")]
    pub(crate) open_folder: Option<PathBuf>,
    /// Open the editor in the browser, signed in.
    #[arg(long, conflicts_with = "open_folder")]
    pub(crate) open: bool,
    /// Stop the editor of the engine that runs, and end.
    #[arg(long, conflicts_with_all = ["open", "open_folder"])]
    pub(crate) stop: bool,
    /// Be the window's process: how this program starts itself, with the channel to the tray's process as standard input.
    #[arg(long, value_name = "PAGE", hide = true, conflicts_with_all = ["open", "open_folder", "stop"])]
    pub(crate) window: Option<Page>,
}

/// What a launch asks of the application once it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Nothing to see.
    Nothing,
    /// The window.
    Window,
    /// The editor in the browser, with this folder if one is named.
    Editor(Option<PathBuf>),
}

impl Arguments {
    /// What is asked for; a relative folder is meant from `current`.
    pub(crate) fn wanted(&self, current: &Path) -> Wanted {
        match &self.open_folder {
            Some(folder) => Wanted::Editor(Some(current.join(folder))),
            None if self.open => Wanted::Editor(None),
            None if self.hidden => Wanted::Nothing,
            None => Wanted::Window,
        }
    }
}

/// What a second launch in the folder `current` asks for: at least the window, since somebody started it.
///
/// It comes over the session bus, so it is whatever any program of this person says; what it can ask for is harmless.
pub(crate) fn of_second_launch(arguments: &[String], current: &str) -> Wanted {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => match arguments.wanted(Path::new(current)) {
            Wanted::Nothing => Wanted::Window,
            wanted => wanted,
        },
        Err(_) => Wanted::Window,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(arguments: &[&str]) -> Wanted {
        let all: Vec<String> = ["doorcode-desktop"]
            .iter()
            .chain(arguments)
            .map(|argument| (*argument).to_owned())
            .collect();
        of_second_launch(&all, "/home/me")
    }

    #[test]
    fn a_second_launch_shows_at_least_the_window() {
        assert_eq!(second(&[]), Wanted::Window);
        assert_eq!(second(&["--hidden"]), Wanted::Window);
        assert_eq!(second(&["--unknown"]), Wanted::Window);
    }

    #[test]
    fn a_relative_folder_is_meant_from_where_the_launch_was() {
        let editor = |folder: &str| Wanted::Editor(Some(folder.into()));
        assert_eq!(second(&["--open-folder", "code"]), editor("/home/me/code"));
        assert_eq!(second(&["--open-folder", "/srv/x"]), editor("/srv/x"));
        assert_eq!(second(&["--open"]), Wanted::Editor(None));
    }

    #[test]
    fn the_first_launch_may_be_silent() {
        let arguments = Arguments::try_parse_from(["doorcode-desktop", "--hidden"]).expect("valid");
        assert_eq!(arguments.wanted(Path::new("/")), Wanted::Nothing);
    }
}
