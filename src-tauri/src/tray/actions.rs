//! Doing what was chosen in the menu. What goes wrong is told as a notification, since a menu cannot say it.

use doorcode_actions::auth;
use doorcode_engine::{Reply, Request};
use doorcode_settings::{AuthMode, Problem};
use tauri::{AppHandle, Manager};

use super::face::Action;
use crate::autostart::Autostart;
use crate::clipboard::Clipboard;
use crate::dialogs::{self, Choice};
use crate::engine_link::EngineLink;
use crate::notify;
use crate::window::{self, Page};
use crate::{launch, quit};

/// Does it, without holding up the menu.
pub(super) fn perform(app: &AppHandle, action: Action) {
    match action {
        Action::Nothing => {}
        Action::Show(page) => window::open(app, page),
        Action::Quit => quit::quit(app),
        action => {
            let app = app.clone();
            let runtime = app.state::<EngineLink>().runtime().clone();
            runtime.spawn(async move {
                let page = page_about(&action);
                if let Err(problem) = work(&app, action).await {
                    notify::tell_problem(&app, &problem, page).await;
                }
            });
        }
    }
}

async fn work(app: &AppHandle, action: Action) -> Result<(), Problem> {
    let link = app.state::<EngineLink>().inner().clone();
    match action {
        Action::Open(host) => launch::open_editor(app, host, None).await,
        Action::OpenFolder(folder) => launch::open_editor(app, None, Some(folder)).await,
        Action::ChooseFolder => match dialogs::choose(app, "Open a folder", Choice::Folder).await {
            Some(folder) => launch::open_editor(app, None, Some(folder)).await,
            None => Ok(()),
        },
        Action::CopyAddress(address) => app.state::<Clipboard>().copy(address).await,
        Action::CopyPassword => copy_password(app, &link).await,
        Action::SetAuth(mode) => set_auth(app, &link, mode).await,
        Action::Start => link.start_editor().await,
        Action::Stop => link.stop_editor().await,
        Action::Restart => link.restart().await,
        Action::SetAutostart(enabled) => app.state::<Autostart>().set(app, enabled).await,
        Action::Nothing | Action::Show(_) | Action::Quit => Ok(()),
    }
}

async fn copy_password(app: &AppHandle, link: &EngineLink) -> Result<(), Problem> {
    // One that is kept only as a hash is shown once: the window is the place for that, not a clipboard that is cleared.
    if is_new(link).await? {
        window::open(app, Page::SignIn);
        return Ok(());
    }
    match link.ask(Request::PasswordShow).await? {
        Reply::Password(reply) => match reply.password {
            Some(password) => app.state::<Clipboard>().copy_secret(password.into()).await,
            None => Ok(()),
        },
        _ => Err(doorcode_actions::control::unexpected()),
    }
}

async fn set_auth(app: &AppHandle, link: &EngineLink, mode: AuthMode) -> Result<(), Problem> {
    auth::set_mode(link.paths(), mode).await?;
    if mode == AuthMode::Password && is_new(link).await? {
        window::open(app, Page::SignIn);
    }
    Ok(())
}

/// Whether there is a generated password that nobody has seen and of which only the hash is kept.
async fn is_new(link: &EngineLink) -> Result<bool, Problem> {
    match link.ask(Request::PasswordState).await? {
        Reply::PasswordState(state) => Ok(state.new),
        _ => Err(doorcode_actions::control::unexpected()),
    }
}

/// The page on which a person can do something about what went wrong.
fn page_about(action: &Action) -> Page {
    match action {
        Action::CopyPassword | Action::SetAuth(_) => Page::SignIn,
        _ => Page::Overview,
    }
}
