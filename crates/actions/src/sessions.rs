//! Who is signed in, and the end of it, whether an engine runs or not.

use doorcode_engine::{EngineLock, Reply, Request};
use doorcode_gateway::{SessionStore, SessionView};
use doorcode_settings::{Paths, Problem};

use crate::control;

/// What was found or done, and what was wrong with the file of the sessions: it is then set aside, and everybody has to sign
/// in again.
#[derive(Debug)]
pub struct Outcome<T> {
    /// What was found or done.
    pub value: T,
    /// What was wrong with the file.
    pub warning: Option<Problem>,
}

/// Everybody who is signed in, the longest first.
///
/// # Errors
/// As [`control::ask_over`], or when the files cannot be used.
pub async fn list(paths: &Paths) -> Result<Outcome<Vec<SessionView>>, Problem> {
    match ask(paths, Request::SessionsList).await? {
        (Reply::Sessions { sessions }, warning) => Ok(Outcome {
            value: sessions,
            warning,
        }),
        _ => Err(control::unexpected()),
    }
}

/// Ends the session with this id: the open editor closes at once.
///
/// # Errors
/// `session_unknown`, and as [`list`].
pub async fn revoke(paths: &Paths, id: String) -> Result<Outcome<usize>, Problem> {
    count(ask(paths, Request::SessionsRevoke { id }).await?)
}

/// Ends every session; gives how many there were.
///
/// # Errors
/// As [`list`].
pub async fn revoke_all(paths: &Paths) -> Result<Outcome<usize>, Problem> {
    count(ask(paths, Request::SessionsRevokeAll).await?)
}

fn count((reply, warning): (Reply, Option<Problem>)) -> Result<Outcome<usize>, Problem> {
    match reply {
        Reply::Revoked { count } => Ok(Outcome {
            value: count,
            warning,
        }),
        _ => Err(control::unexpected()),
    }
}

async fn ask(paths: &Paths, request: Request) -> Result<(Reply, Option<Problem>), Problem> {
    match control::connect(paths).await? {
        Some(mut client) => Ok((control::ask_over(&mut client, &request).await?, None)),
        None => without_engine(paths, &request).await,
    }
}

/// Works on sessions.json itself, with the engine's lock held so that none starts meanwhile.
async fn without_engine(paths: &Paths, request: &Request) -> Result<(Reply, Option<Problem>), Problem> {
    let folders = paths.clone();
    let (_lock, (store, warning)) = crate::blocking(move || {
        folders.create().map_err(|error| Problem::from(&error))?;
        let lock = EngineLock::acquire(&folders.lock_file(), &folders.control_socket())
            .map_err(|error| Problem::from(&error))?;
        Ok((lock, SessionStore::open(&folders.sessions_file())))
    })
    .await?;
    let reply = match request {
        Request::SessionsRevoke { id } if store.revoke(id) => Reply::Revoked { count: 1 },
        Request::SessionsRevoke { id } => {
            let what = format!("there is no session {id}");
            return Err(Problem::new("session_unknown", what, "doorcode sessions list"));
        }
        Request::SessionsRevokeAll => Reply::Revoked {
            count: store.revoke_all(),
        },
        _ => Reply::Sessions {
            sessions: store.list(),
        },
    };
    store.flush().await;
    match store.trouble() {
        Some(problem) => Err(problem),
        None => Ok((reply, warning)),
    }
}
