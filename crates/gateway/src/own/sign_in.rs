//! Signing in with the password.

use std::sync::Arc;
use std::time::Duration;

use doorcode_settings::AuthMode;
use http::header::{CONTENT_TYPE, SET_COOKIE, USER_AGENT};
use http::{Response, StatusCode};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use zeroize::Zeroizing;

use super::{Visit, form};
use crate::access::Entry;
use crate::body::Content;
use crate::exchange::refuse;
use crate::local_path::LocalPath;
use crate::pages::{self, SignIn, SignInError};
use crate::session::{Epoch, Newcomer, SignInMethod};
use crate::tuning::VERIFIER_WAIT;
use crate::{cookies, origin, who};

impl Visit<'_> {
    /// The form; whoever may pass already goes on.
    pub(super) fn sign_in_page(&self) -> Response<Content> {
        if who::identify(self.shared, self.policy, &self.parts.headers).is_some() {
            return pages::redirect(StatusCode::SEE_OTHER, self.to().to_value());
        }
        SignIn {
            host: self.host(),
            to: &self.to(),
            error: None,
        }
        .response()
    }

    /// The form, sent.
    pub(super) async fn sign_in(&self, body: Incoming, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        if let Err(refusal) = origin::check_request(
            &self.parts.method,
            &self.parts.headers,
            &self.admitted.authority(),
        ) {
            return refuse(self.parts, refusal, entry);
        }
        if self.policy.config.auth == AuthMode::None {
            return pages::redirect(StatusCode::SEE_OTHER, LocalPath::root().to_value());
        }
        let since = self.shared.sessions.epoch();
        let (error, to) = match self.try_sign_in(body).await {
            Ok(to) => match self.let_in(SignInMethod::Password, since, &to, entry).await {
                Some(response) => return response,
                None => (SignInError::SignedOutMeanwhile, to),
            },
            Err(failed) => failed,
        };
        if let Some(entry) = entry {
            entry.set_code(error.code());
        }
        SignIn {
            host: self.host(),
            to: &to,
            error: Some(error),
        }
        .response()
    }

    async fn try_sign_in(&self, body: Incoming) -> Result<LocalPath, (SignInError, LocalPath)> {
        let failed = |error| (error, LocalPath::root());
        self.policy.limiter.attempt(self.link.peer).map_err(|wait| {
            self.shared.attacks.turned_away(self.link.peer);
            failed(SignInError::TooMany(whole_seconds(wait)))
        })?;
        if !self.is_form() {
            return Err(failed(SignInError::Malformed));
        }
        let form = form::read(body, self.shared.timing.form)
            .await
            .ok_or(failed(SignInError::Malformed))?;
        let to = form::value(&form, "to")
            .and_then(|to| LocalPath::parse(&to))
            .unwrap_or_else(LocalPath::root);
        let password = form::value(&form, "password")
            .map(Zeroizing::new)
            .ok_or(failed(SignInError::Malformed))?;
        match self.verify(password).await {
            Ok(true) => Ok(to),
            Ok(false) => {
                self.shared.attacks.wrong(self.link.peer);
                Err((SignInError::Wrong, to))
            }
            Err(error) => Err((error, to)),
        }
    }

    /// Only what HTML forms send, so that no other kind of request has to be thought of.
    fn is_form(&self) -> bool {
        let kind = self
            .parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        kind.split(';').next().is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
    }

    async fn verify(&self, password: Zeroizing<String>) -> Result<bool, SignInError> {
        let verifier = self.shared.password.clone();
        if !verifier.is_slow() {
            return Ok(verifier.verify(&password));
        }
        let turn = self.turn().await.ok_or(SignInError::Busy)?;
        let verified = tokio::task::spawn_blocking(move || {
            // Held to the end, also when the client has left meanwhile.
            let _turn = turn;
            verifier.verify(&password)
        });
        verified.await.map_err(|_| SignInError::Busy)
    }

    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turns = Arc::clone(&self.shared.verifiers);
        tokio::time::timeout(VERIFIER_WAIT, turns.acquire_owned())
            .await
            .ok()?
            .ok()
    }

    /// Starts a session and leads on; the session is on disk before the browser hears of it.
    ///
    /// `None` when everybody was signed out after `since`, which was before the password or link was looked at.
    pub(super) async fn let_in(
        &self,
        method: SignInMethod,
        since: Epoch,
        to: &LocalPath,
        entry: &mut Option<Box<Entry>>,
    ) -> Option<Response<Content>> {
        let headers = &self.parts.headers;
        let (token, session) = self.shared.sessions.sign_in(Newcomer {
            client: self.link.peer.to_string(),
            user_agent: headers.get(USER_AGENT).and_then(|name| name.to_str().ok()),
            method,
            since,
            replaces: who::session(self.shared, headers),
        })?;
        if let Some(entry) = entry {
            entry.set_session(&session.id);
        }
        self.shared.sessions.flush().await;
        let mut response = pages::redirect(StatusCode::SEE_OTHER, to.to_value());
        response.headers_mut().insert(
            SET_COOKIE,
            cookies::set(&token, self.policy.config.absolute.as_secs()),
        );
        Some(response)
    }
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
