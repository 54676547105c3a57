//! Signing in and out where a proxy in front does both. Whoever gets here has been let in by it; there is no second way.

use http::{Response, StatusCode};

use super::{ENTER, SIGN_IN, SIGN_OUT, Visit};
use crate::body::Content;
use crate::local_path::LocalPath;
use crate::pages::{self, Page};

impl Visit<'_> {
    /// What stands in for the pages for signing in and out; `None` for any other page.
    pub(super) fn signs_in_elsewhere(&self) -> Option<Response<Content>> {
        match self.parts.uri.path() {
            // Links are used up by nobody here, and are no way in: they only lead on.
            SIGN_IN | ENTER => Some(pages::redirect(
                StatusCode::SEE_OTHER,
                LocalPath::root().to_value(),
            )),
            SIGN_OUT => Some(sign_out_there()),
            _ => None,
        }
    }
}

fn sign_out_there() -> Response<Content> {
    let body = "<h1>You signed in at the proxy in front</h1>\n<p class=\"soft\">To sign out, sign out there. Doorcode has no sign-in of \
                its own here that could end.</p>\n";
    Page {
        status: StatusCode::OK,
        title: "Signing out",
        body: body.to_owned(),
        refresh: None,
    }
    .response()
}
