//! Signing in with a one-time link.

use doorcode_settings::AuthMode;
use http::header::REFERRER_POLICY;
use http::{HeaderValue, Method, Response, StatusCode};

use super::Visit;
use crate::access::Entry;
use crate::body::Content;
use crate::local_path::LocalPath;
use crate::pages::{self, Page};
use crate::session::SignInMethod;

impl Visit<'_> {
    /// Uses the link up and signs in, or says that it is of no use any more.
    ///
    /// What only looks ahead does not use it up: HEAD, and browsers that load a page before somebody opens it.
    pub(super) async fn enter(&self, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        let since = self.shared.sessions.epoch();
        let mut response = if self.parts.method == Method::HEAD || self.is_prefetch() {
            pages::text(StatusCode::FORBIDDEN, "This link is for a person to open.")
        } else if self.policy.config.auth == AuthMode::None {
            pages::redirect(
                StatusCode::SEE_OTHER,
                self.redeem().unwrap_or_else(LocalPath::root).to_value(),
            )
        } else if let Some(to) = self.redeem() {
            self.let_in(SignInMethod::Link, since, &to, entry)
                .await
                .unwrap_or_else(|| expired("signed_out_meanwhile", entry))
        } else {
            expired("link_used_or_expired", entry)
        };
        response
            .headers_mut()
            .insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }

    fn redeem(&self) -> Option<LocalPath> {
        self.shared.links.redeem(&self.parameter("code")?)
    }
}

fn expired(code: &'static str, entry: &mut Option<Box<Entry>>) -> Response<Content> {
    if let Some(entry) = entry {
        entry.set_code(code);
    }
    let body = "<h1>This link has been used, or is too old</h1>\n<p class=\"soft\">On the machine that runs the editor, this \
                makes a new one:</p>\n<p><code>doorcode open</code></p>\n<p><a class=\"button\" \
                href=\"/.doorcode/sign-in\">Sign in with the password</a></p>\n";
    Page {
        status: StatusCode::GONE,
        title: "Link used or too old",
        body: body.to_owned(),
        refresh: None,
    }
    .response()
}
