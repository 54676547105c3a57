//! Reading forms (`application/x-www-form-urlencoded`).

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use zeroize::Zeroizing;

use crate::tuning::FORM_BYTES;

/// The value of the first field called `name`.
pub(super) fn value(form: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(form)
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

/// A form's body; `None` when it is too long, too slow, or breaks off. It may hold a password, so its memory is wiped.
pub(super) async fn read(body: Incoming, limit: Duration) -> Option<Zeroizing<Vec<u8>>> {
    let collected = tokio::time::timeout(limit, Limited::new(body, FORM_BYTES).collect())
        .await
        .ok()?
        .ok()?;
    Some(Zeroizing::new(collected.to_bytes().into()))
}
