//! The password, whether an engine runs or not.

use doorcode_engine::{PasswordReply, PasswordState, Reply, Request};
use doorcode_settings::{Kept, Password, PasswordStore, Paths, Problem};

use crate::{blocking, control, sessions};

/// Where the password is kept, without the password. May take seconds: a keyring is asked.
///
/// # Errors
/// A keyring or hash file that is there and cannot be used; as [`control::ask_over`].
pub async fn state(paths: &Paths) -> Result<PasswordState, Problem> {
    if let Some(mut client) = control::connect(paths).await? {
        return match control::ask_over(&mut client, &Request::PasswordState).await? {
            Reply::PasswordState(state) => Ok(state),
            _ => Err(control::unexpected()),
        };
    }
    let store = PasswordStore::new(paths);
    let kept = blocking(move || store.kept().map_err(|error| Problem::from(&error))).await?;
    Ok(PasswordState {
        kept: kept.into(),
        new: false,
    })
}

/// The password itself, where it can be shown.
///
/// # Errors
/// `password_not_shown` where only its hash is kept; as [`state`].
pub async fn show(paths: &Paths) -> Result<PasswordReply, Problem> {
    ask(paths, Request::PasswordShow).await
}

/// A password that was generated just now and is kept only as a hash: shown this once, or never. `None` when there is none
/// such, or no engine runs.
///
/// # Errors
/// As [`control::ask_over`].
pub async fn show_new(paths: &Paths) -> Result<Option<String>, Problem> {
    let Some(mut client) = control::connect(paths).await? else {
        return Ok(None);
    };
    match control::ask_over(&mut client, &Request::PasswordShowNew).await? {
        Reply::Password(reply) => Ok(reply.password),
        _ => Err(control::unexpected()),
    }
}

/// Sets the password and signs everyone out.
///
/// # Errors
/// A password that is refused; as [`state`].
pub async fn set(paths: &Paths, password: String) -> Result<PasswordReply, Problem> {
    ask(paths, Request::PasswordSet { password }).await
}

/// Generates a password, gives it, and signs everyone out.
///
/// # Errors
/// As [`state`].
pub async fn reset(paths: &Paths) -> Result<PasswordReply, Problem> {
    ask(paths, Request::PasswordReset).await
}

async fn ask(paths: &Paths, request: Request) -> Result<PasswordReply, Problem> {
    match control::connect(paths).await? {
        Some(mut client) => match control::ask_over(&mut client, &request).await? {
            Reply::Password(reply) => Ok(reply),
            _ => Err(control::unexpected()),
        },
        None => without_engine(paths, request).await,
    }
}

/// The same on the files.
async fn without_engine(paths: &Paths, request: Request) -> Result<PasswordReply, Problem> {
    let (folders, store) = (paths.clone(), PasswordStore::new(paths));
    let changes = !matches!(request, Request::PasswordShow);
    let reply = blocking(move || {
        folders.create().map_err(|error| Problem::from(&error))?;
        let (password, kept) = match request {
            Request::PasswordSet { password } => {
                let password = Password::parse(password).map_err(|error| Problem::from(&error))?;
                (None, store.set(password).map_err(|error| Problem::from(&error))?)
            }
            Request::PasswordReset => {
                let (password, kept) = store.reset().map_err(|error| Problem::from(&error))?;
                (Some(password), kept)
            }
            _ => (
                Some(store.show().map_err(|error| Problem::from(&error))?),
                Kept::Keyring,
            ),
        };
        Ok(PasswordReply {
            password: password.map(|password| password.expose().to_owned()),
            hash_only: kept == Kept::HashFile,
        })
    })
    .await?;
    if changes {
        sessions::revoke_all(paths).await?;
    }
    Ok(reply)
}
