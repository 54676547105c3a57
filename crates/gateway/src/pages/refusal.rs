//! What somebody gets whose request is refused.

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use super::shell::{Page, escape};
use super::{Asker, text};
use crate::access::RequestId;
use crate::body::Content;
use crate::refusal::Refusal;

/// A page or a line, with the request's number in the access log.
pub(crate) fn refusal(asker: Asker, refusal: &Refusal, id: Option<RequestId>) -> Response<Content> {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    let mut response = match asker {
        Asker::Program => text(refusal.status, format!("{} (request {id})", refusal.text)),
        Asker::Person => Page {
            status: refusal.status,
            title: "Not let through",
            body: format!(
                "<h1>Not let through</h1>\n<p>{}</p>\n<p class=\"small soft\">Request {id} in <code>doorcode logs --access</code></p>\n",
                escape(refusal.text)
            ),
            refresh: None,
        }
        .response(),
    };
    if refusal.status == StatusCode::UNAUTHORIZED {
        // RFC 9110 section 15.5.2 wants one; browsers ask nobody about a scheme they do not know.
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Doorcode"));
    }
    if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response
}
