//! The root certificate that another device has to trust.

use http::{Response, StatusCode};

use super::Visit;
use crate::access::Entry;
use crate::body::Content;
use crate::download::Download;
use crate::exchange::refuse;
use crate::refusal::Refusal;

const NONE: Refusal = Refusal::new(
    StatusCode::NOT_FOUND,
    "no_root",
    "This host has no certificate of its own making, so there is nothing to trust.",
);

const NO_FORM: Refusal = Refusal::new(
    StatusCode::NOT_FOUND,
    "no_such_form",
    "The certificate is not served in this form.",
);

impl Visit<'_> {
    /// The root of the host that was asked for. Public: it is no secret, and a device needs it before it can sign in.
    pub(super) fn certificate(&self, entry: &mut Option<Box<Entry>>) -> Response<Content> {
        let host = self.policy.host(&self.admitted.authority());
        let root = host.and_then(|host| self.policy.config.roots.iter().find(|(of, _)| of == host));
        let Some((host, pem)) = root else {
            return refuse(self.parts, NONE, entry);
        };
        let download = match self.parameter("as").as_deref() {
            None => Some(Download::pem(host, pem)),
            Some("der") => Download::der(host, pem),
            Some("profile") => Download::profile(host, pem),
            Some(_) => None,
        };
        match download {
            Some(download) => download.response(),
            None => refuse(self.parts, NO_FORM, entry),
        }
    }
}
