//! The page that asks before signing out.

use http::{Response, StatusCode};

use super::shell::{Page, escape, fill};
use crate::body::Content;

/// `host` is the host and port in the browser's address.
pub(crate) fn sign_out(host: &str) -> Response<Content> {
    let body = fill(include_str!("assets/sign_out.html"), &[("host", &escape(host))]);
    Page {
        status: StatusCode::OK,
        title: "Sign out",
        body,
        refresh: None,
    }
    .response()
}
