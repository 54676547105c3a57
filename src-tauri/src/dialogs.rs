//! The desktop's own dialogs for a folder and for a place to save to. The window gets a path that a person chose, never the
//! means to look around.

use std::path::PathBuf;

use tauri::{AppHandle, Runtime};

/// What is chosen.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// A folder that exists.
    Folder,
    /// A file to write, with this name unless the person gives another.
    Save(String),
}

/// Lets the person choose; `None` when they do not.
pub(crate) async fn choose<R: Runtime>(
    app: &AppHandle<R>,
    title: &'static str,
    choice: Choice,
) -> Option<PathBuf> {
    platform::choose(app, title, choice).await
}

/// GTK's dialogs, on the main thread, where Tauri's event loop serves them.
#[cfg(target_os = "linux")]
mod platform {
    use std::cell::Cell;
    use std::path::PathBuf;

    use gtk::prelude::{FileChooserExt, NativeDialogExt};
    use gtk::{FileChooserAction, FileChooserNative, ResponseType};
    use tauri::{AppHandle, Manager, Runtime};
    use tokio::sync::oneshot;

    use super::Choice;
    use crate::window;

    pub(super) async fn choose<R: Runtime>(
        app: &AppHandle<R>,
        title: &'static str,
        choice: Choice,
    ) -> Option<PathBuf> {
        let (answer, answered) = oneshot::channel();
        let shown = app.clone();
        app.run_on_main_thread(move || show(&shown, title, choice, answer))
            .ok()?;
        answered.await.ok().flatten()
    }

    fn show<R: Runtime>(
        app: &AppHandle<R>,
        title: &str,
        choice: Choice,
        answer: oneshot::Sender<Option<PathBuf>>,
    ) {
        let window = app.get_webview_window(window::LABEL);
        let parent = window.and_then(|window| window.gtk_window().ok());
        let action = match choice {
            Choice::Folder => FileChooserAction::SelectFolder,
            Choice::Save(_) => FileChooserAction::Save,
        };
        // No labels of ours: the desktop's own are in the person's language.
        let dialog = FileChooserNative::new(Some(title), parent.as_ref(), action, None, None);
        dialog.set_modal(true);
        if let Choice::Save(name) = choice {
            dialog.set_current_name(&name);
            // Not where this program happens to have been started.
            if let Some(home) = std::env::home_dir() {
                dialog.set_current_folder(home);
            }
            dialog.set_do_overwrite_confirmation(true);
        }
        // Nobody else holds on to a native dialog: it lives in its own handler until it is answered.
        let pending = Cell::new(Some((dialog.clone(), answer)));
        dialog.connect_response(move |_, response| {
            let Some((dialog, answer)) = pending.take() else {
                return;
            };
            let chosen = (response == ResponseType::Accept)
                .then(|| dialog.filename())
                .flatten();
            // Who asked may have gone with the window.
            let _ = answer.send(chosen);
            dialog.destroy();
        });
        dialog.show();
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::path::PathBuf;

    use rfd::AsyncFileDialog;
    use tauri::{AppHandle, Runtime};

    use super::Choice;

    pub(super) async fn choose<R: Runtime>(
        _app: &AppHandle<R>,
        title: &'static str,
        choice: Choice,
    ) -> Option<PathBuf> {
        let dialog = AsyncFileDialog::new().set_title(title);
        let chosen = match choice {
            Choice::Folder => dialog.pick_folder().await,
            Choice::Save(name) => dialog.set_file_name(name).save_file().await,
        };
        chosen.map(|file| file.path().to_owned())
    }
}
