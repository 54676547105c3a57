//! Requests about the password: answered from tasks of their own, because a keyring may make them wait.

use std::sync::{Arc, Mutex};

use doorcode_settings::{Kept, Password, PasswordStore, Problem};
use tokio::sync::oneshot;

use crate::control::{PasswordReply, PasswordState, Reply, Request};
use crate::engine::{blocking, ensure_password};
use crate::task::{Core, lock, sign_everyone_out};

impl Core {
    /// Where the password is kept.
    pub(crate) fn answer_password_state(&self, reply: oneshot::Sender<Reply>) {
        let (store, unshown) = (self.passwords.clone(), self.unshown.clone());
        tokio::spawn(async move {
            let kept = blocking(move || store.kept().map_err(|error| Problem::from(&error))).await;
            let state = kept.map(|kept| PasswordState {
                kept: kept.into(),
                new: lock(&unshown).is_some(),
            });
            let _ = reply.send(state.map_or_else(Reply::Problem, Reply::PasswordState));
        });
    }

    /// Shows, sets or generates the password.
    pub(crate) fn answer_password(&self, request: Request, reply: oneshot::Sender<Reply>) {
        let store = self.passwords.clone();
        let (gate, unshown) = (self.password.clone(), self.unshown.clone());
        let (sessions, problem) = (self.sessions.clone(), self.password_problem.clone());
        let (changed, gateway) = (self.changed.clone(), self.gateway.clone());
        tokio::spawn(async move {
            let new = match request {
                Request::PasswordShow => {
                    let shown = match take(&unshown) {
                        reply @ PasswordReply {
                            password: Some(_), ..
                        } => Ok(reply),
                        _ => show_password(store).await,
                    };
                    let _ = reply.send(shown.map_or_else(Reply::Problem, Reply::Password));
                    return;
                }
                Request::PasswordSet { password } => Some(password),
                _ => None,
            };
            let set = set_password(store.clone(), new).await;
            if set.is_ok() {
                // The new password first: whoever is let in by the old one until then is among those signed out.
                *lock(&unshown) = None;
                let ensured = ensure_password(&store, &gate, &unshown).await;
                *lock(&problem) = ensured.err();
                sign_everyone_out(&gateway, &sessions).await;
                changed.send_modify(|count| *count += 1);
            }
            let _ = reply.send(set.map_or_else(Reply::Problem, Reply::Password));
        });
    }
}

/// A password that nobody has been shown yet: this once.
pub(crate) fn take(unshown: &Mutex<Option<Password>>) -> PasswordReply {
    let password = lock(unshown).take().map(|password| password.expose().to_owned());
    PasswordReply {
        hash_only: password.is_some(),
        password,
    }
}

async fn show_password(store: Arc<PasswordStore>) -> Result<PasswordReply, Problem> {
    let password = blocking(move || store.show().map_err(|error| Problem::from(&error))).await?;
    Ok(PasswordReply {
        password: Some(password.expose().to_owned()),
        hash_only: false,
    })
}

/// Sets `password`, or a generated one, which is then part of the answer.
async fn set_password(store: Arc<PasswordStore>, password: Option<String>) -> Result<PasswordReply, Problem> {
    blocking(move || {
        let (shown, kept) = match password {
            Some(password) => {
                let password = Password::parse(password).map_err(|error| Problem::from(&error))?;
                (None, store.set(password).map_err(|error| Problem::from(&error))?)
            }
            None => {
                let (password, kept) = store.reset().map_err(|error| Problem::from(&error))?;
                (Some(password.expose().to_owned()), kept)
            }
        };
        Ok(PasswordReply {
            password: shown,
            hash_only: kept == Kept::HashFile,
        })
    })
    .await
}
