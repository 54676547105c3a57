//! A response as the client gets it.

use http::header::{ALT_SVC, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};

use crate::cookies;
use crate::proxy::strip_hop_by_hop;

/// Cleans the header of an upstream response and adds what protects everyone.
///
/// No `X-Frame-Options` and no policy of ours: webviews are frames of the editor's own. `Strict-Transport-Security` and
/// `Alt-Svc` are about the whole host, other ports included, which no app behind us has a say in.
pub(crate) fn clean(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    headers.remove(STRICT_TRANSPORT_SECURITY);
    headers.remove(ALT_SVC);
    cookies::drop_set_ours(headers);
    headers
        .entry(X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("same-origin"));
}
