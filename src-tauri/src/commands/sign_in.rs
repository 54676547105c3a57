//! How people sign in, the password, and who is signed in.

use doorcode_actions::{auth, password, sessions as actions};
use doorcode_engine::{PasswordReply, PasswordState, Reloaded};
use doorcode_gateway::SessionView;
use doorcode_settings::AuthMode;
use doorcode_settings::trusted_proxy::Missing;
use serde::Serialize;
use serde_json::Value as Json;
use tauri::State;

use super::{Answer, blocking};
use crate::engine_link::EngineLink;

/// How many sessions ended.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Revoked {
    count: usize,
}

/// How people sign in; in force at once.
#[tauri::command]
pub(crate) async fn set_auth(mode: AuthMode, link: State<'_, EngineLink>) -> Answer<Reloaded> {
    Ok(auth::set_mode(link.paths(), mode).await?.unwrap_or_default())
}

/// What must still be set before people can sign in at a proxy in front; empty when nothing is missing.
#[tauri::command]
pub(crate) async fn missing_for_proxy(link: State<'_, EngineLink>) -> Answer<Vec<Missing>> {
    let paths = link.paths().clone();
    blocking(move || auth::missing_for_trusted_proxy(&paths)).await
}

/// Makes the secret that the proxy proves itself with, unless there is one; gives the value of the key `proof` that names it,
/// never the secret.
#[tauri::command]
pub(crate) async fn make_proxy_secret(link: State<'_, EngineLink>) -> Answer<Json> {
    let paths = link.paths().clone();
    blocking(move || auth::secret_header(&paths, None)).await
}

/// Where the password is kept, without the password.
#[tauri::command]
pub(crate) async fn password_state(link: State<'_, EngineLink>) -> Answer<PasswordState> {
    password::state(link.paths()).await
}

/// The password, for a person who asked to see it: from the keyring, or the one that was generated just now.
#[tauri::command]
pub(crate) async fn show_password(link: State<'_, EngineLink>) -> Answer<PasswordReply> {
    if let Some(password) = password::show_new(link.paths()).await? {
        return Ok(PasswordReply {
            password: Some(password),
            hash_only: true,
        });
    }
    password::show(link.paths()).await
}

/// Sets the password and signs everyone out.
#[tauri::command]
pub(crate) async fn set_password(password: String, link: State<'_, EngineLink>) -> Answer<()> {
    password::set(link.paths(), password).await.map(drop)
}

/// Generates a password and signs everyone out.
#[tauri::command]
pub(crate) async fn generate_password(link: State<'_, EngineLink>) -> Answer<PasswordReply> {
    password::reset(link.paths()).await
}

/// Who is signed in.
#[tauri::command]
pub(crate) async fn sessions(link: State<'_, EngineLink>) -> Answer<Vec<SessionView>> {
    let found = actions::list(link.paths()).await?;
    Ok(logged(found))
}

/// Ends one session: its open editor closes at once.
#[tauri::command]
pub(crate) async fn revoke_session(id: String, link: State<'_, EngineLink>) -> Answer<()> {
    let ended = actions::revoke(link.paths(), id).await?;
    logged(ended);
    Ok(())
}

/// Ends every session.
#[tauri::command]
pub(crate) async fn revoke_all_sessions(link: State<'_, EngineLink>) -> Answer<Revoked> {
    let ended = actions::revoke_all(link.paths()).await?;
    Ok(Revoked { count: logged(ended) })
}

/// A running engine tells what is wrong with the sessions' file in its status; without one the log is the place.
fn logged<T>(outcome: actions::Outcome<T>) -> T {
    if let Some(problem) = outcome.warning {
        tracing::warn!(code = problem.code, "{}", problem.message);
    }
    outcome.value
}
