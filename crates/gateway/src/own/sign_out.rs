//! Signing out.

use http::header::SET_COOKIE;
use http::{Response, StatusCode};

use super::{Visit, sign_in_address};
use crate::access::Entry;
use crate::body::Content;
use crate::exchange::refuse;
use crate::{cookies, origin, pages, who};

impl Visit<'_> {
    /// The question; a link alone signs nobody out.
    pub(super) fn sign_out_page(&self) -> Response<Content> {
        match who::session(self.shared, &self.parts.headers) {
            Some(_) => pages::sign_out(self.host()),
            None => pages::redirect(StatusCode::SEE_OTHER, sign_in_address(None)),
        }
    }

    /// Ends the session, closes its WebSockets, and makes the browser forget the cookie.
    pub(super) async fn sign_out(&self, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        if let Err(refusal) = origin::check_request(
            &self.parts.method,
            &self.parts.headers,
            &self.admitted.authority(),
        ) {
            return refuse(self.parts, refusal, entry);
        }
        if let Some(session) = who::session(self.shared, &self.parts.headers) {
            if let Some(entry) = entry {
                entry.set_session(&session.id);
            }
            self.shared.sessions.sign_out(&session);
            self.shared.sessions.flush().await;
        }
        let mut response = pages::redirect(StatusCode::SEE_OTHER, sign_in_address(None));
        response.headers_mut().insert(SET_COOKIE, cookies::clear());
        response
    }
}
